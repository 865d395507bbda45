"""Does what the protocol decides: send, iterate, cancel, close."""
