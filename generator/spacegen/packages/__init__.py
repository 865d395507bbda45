"""A package on disk: its manifest, found, read, written and swapped as a whole."""
