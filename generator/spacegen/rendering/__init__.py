"""From the IR to checked source."""
