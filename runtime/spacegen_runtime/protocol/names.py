"""File names that a server chose, made safe for every operating system. Pure."""

from __future__ import annotations

import re

LONGEST = 180  # bytes; file systems take 255, and a number may be added
LONGEST_ENDING = 20
LOOKED_AT = 4096  # characters at the end of a name
SEPARATORS = r"[\\/]"
UNWANTED = (
    r'[<>:"|?*\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff'
    r"\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
RESERVED = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [port + digit for port in ("COM", "LPT") for digit in "0123456789\u00b9\u00b2\u00b3"]
)
"""Names of Windows devices, which exist in every folder and with any ending."""


def safe_name(name: str) -> str:
    """The last part of the name that a server gives a file, made safe."""
    end = name[-LOOKED_AT:]
    last = re.sub("[\ud800-\udfff]", "_", re.split(SEPARATORS, end)[-1])  # from file systems that do not use UTF-8
    clean = re.sub(UNWANTED, "", last).strip(" .")
    if len(clean.encode()) > LONGEST:
        stem, dot, ending = clean.rpartition(".")
        ending = f".{ending}" if dot and len(ending.encode()) < LONGEST_ENDING else ""
        clean = _cut(stem if ending else clean, LONGEST - len(ending.encode())) + ending
    if not clean:
        return "file"
    return f"file_{clean}" if clean.partition(".")[0].rstrip().upper() in RESERVED else clean


def _cut(text: str, size: int) -> str:
    """The beginning of a text, at most so many bytes."""
    return text.encode()[:size].decode(errors="ignore")
