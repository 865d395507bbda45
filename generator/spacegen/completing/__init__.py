"""Shell completion: what a shell suggests while a user types."""
