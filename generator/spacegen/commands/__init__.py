"""The commands that a user types, one file each: click only, no logic."""
