"""What kind of file begins with these bytes. Pure."""

from __future__ import annotations

HEAD = 16  # bytes that are enough to tell
_SIGNATURES = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"%PDF": ".pdf",
    b"ID3": ".mp3",
    b"OggS": ".ogg",
    b"fLaC": ".flac",
}
_RIFF = {b"WAVE": ".wav", b"WEBP": ".webp"}
_SAME = {
    **dict.fromkeys((".jpeg", ".jpe", ".jfif"), ".jpg"),
    **dict.fromkeys((".oga", ".ogv", ".opus"), ".ogg"),
    ".wave": ".wav",
}
_KNOWN = frozenset({*_SIGNATURES.values(), *_RIFF.values()})


def ending_of(head: bytes) -> str:
    """The usual ending of such a file, as in ".png"; "" for an unknown kind."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    return next((ending for start, ending in _SIGNATURES.items() if head.startswith(start)), "")


def is_another(ending: str, head: bytes) -> bool:
    """Whether the ending of a file name belongs to another kind of file than these bytes."""
    named, held = ending.lower(), ending_of(head)
    named = _SAME.get(named, named)
    return held != "" and named in _KNOWN and named != held
