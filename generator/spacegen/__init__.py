"""spacegen."""
