"""What a command shows on a terminal of its own."""

from __future__ import annotations

import os
import select


def shown_on(main: int) -> bytes:
    """Read a pseudo terminal until its other side is closed, and close it."""
    shown = b""
    while select.select([main], [], [], 60)[0]:
        try:
            part = os.read(main, 65536)
        except OSError:  # how Linux says that the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(main)
    return shown
