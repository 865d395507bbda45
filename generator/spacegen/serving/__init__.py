"""The fake Space of a package over HTTP, for front ends, other languages and demonstrations."""
