"""Finding and copying Spaces on the Hub."""
