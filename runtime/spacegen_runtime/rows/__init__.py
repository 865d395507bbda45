"""Many calls of one endpoint; loaded only when used."""
