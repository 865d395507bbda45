"""Values that are plainly made up, and always the same: what an endpoint without an answer gives."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Mapping
from typing import Any

from .._json import as_dict, as_list

DEEPEST = 8  # levels; a type may contain itself
TEXT = "example"
# Files that programs can open: one grey pixel, and a tenth of a second of silence.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
_SILENCE = bytes(1600)
WAV = b"".join(
    (
        b"RIFF",
        struct.pack("<I", 36 + len(_SILENCE)),
        b"WAVEfmt ",
        struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16),  # PCM, one channel, 8 kHz, 16 bits
        b"data",
        struct.pack("<I", len(_SILENCE)),
        _SILENCE,
    )
)
FILES: Mapping[str, tuple[str, bytes]] = {
    "image": ("example.png", PNG),
    "imageeditor": ("example.png", PNG),
    "gallery": ("example.png", PNG),
    "audio": ("example.wav", WAV),
}
STAND_INS = {"string": TEXT, "integer": 1, "number": 1.5, "boolean": True, "null": None}

Keep = Callable[[str, bytes], Any]


def example(schema: Any, component: str, keep: Keep) -> Any:
    """A value of a published type, as JSON has it; `keep` takes a file and gives what stands for it."""
    name, content = FILES.get(component.lower(), ("example.txt", b"example\n"))
    return _example(schema, lambda: keep(name, content), 0)


def _example(schema: Any, file: Callable[[], Any], depth: int) -> Any:
    given = as_dict(schema)
    if "const" in given:
        return given["const"]
    if given.get("enum"):
        return given["enum"][0]
    for key in ("anyOf", "oneOf"):
        if given.get(key):
            return _example(min(given[key], key=_rank), file, depth)
    match given.get("type"):
        case "file":
            return file()
        case "array":
            return _list(given, file, depth)
        case "object":
            return _object(given, file, depth)
        case "string" if given.get("contentEncoding") == "base64":  # 3.x
            return "data:image/png;base64," + base64.b64encode(PNG).decode()
        case str() as kind:
            return STAND_INS.get(kind, TEXT)
        case _:
            return TEXT


def _rank(schema: Any) -> int:
    """Which of several types to take: a file, or the first that is not null."""
    return {"file": 0, "null": 2}.get(str(as_dict(schema).get("type")), 1)


def _list(given: Mapping[str, Any], file: Callable[[], Any], depth: int) -> list[Any]:
    if "prefixItems" in given:
        return [_example(one, file, depth + 1) for one in given["prefixItems"]]
    return [] if depth >= DEEPEST else [_example(given.get("items"), file, depth + 1)]


def _object(given: Mapping[str, Any], file: Callable[[], Any], depth: int) -> dict[str, Any]:
    fields = as_dict(given.get("properties"))
    names: list[Any] = as_list(given.get("required")) or [*(fields if depth == 0 else ())]
    return {name: _example(fields.get(name), file, depth + 1) for name in names} if depth < DEEPEST else {}
