"""Data sets: many calls of one endpoint. Loaded only when used."""
