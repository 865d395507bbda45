"""A demonstration with an app on this machine."""
