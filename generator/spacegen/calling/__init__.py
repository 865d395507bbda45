"""One call from the shell."""
