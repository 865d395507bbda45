"""What a shell suggests while a user types."""
