"""What to send and what an answer means. Nothing here opens a connection or a thread."""
