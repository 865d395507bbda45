"""Many calls of one endpoint from the shell: a file of rows in, a file of results out."""
