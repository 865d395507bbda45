"""Results that tests give, turned into what a server sends; and arguments that came, as tests read them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, cast

from .._json import as_dict, as_list
from ..protocol.wire import is_marked
from ..values.file_data import FileData
from ..values.given import is_frame, is_image
from ._dialect import Dialect
from ._script import Script, Step
from ._store import Store

PLAIN = (str, int, float, bool, type(None))


class CannotEncode(TypeError):
    """A value that no server sends; the words are its type and what to give instead."""


class ResultEncoder:
    """Turns values into JSON, and keeps their files."""

    def __init__(self, store: Store, dialect: Dialect, base: str) -> None:
        self._store = store
        self._dialect = dialect
        self._base = base

    def encode(self, value: Any) -> Any:
        """A value as a server sends it; raises CannotEncode where none can."""
        if isinstance(value, PLAIN):
            return value
        if isinstance(value, FileData):
            return self._file(value)
        if isinstance(value, os.PathLike):
            return self._file(FileData.of(cast("os.PathLike[str]", value)))
        if isinstance(value, Mapping):
            return {str(key): self.encode(item) for key, item in cast(Any, value).items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.encode(item) for item in cast(Any, value)]
        if hasattr(value, "model_dump"):
            return self.encode(value.model_dump(by_alias=True))
        if hasattr(value, "tolist"):
            return value.tolist()
        from pydantic_core import to_jsonable_python

        return to_jsonable_python(value, fallback=_refuse)

    def keep(self, name: str, content: bytes) -> dict[str, Any]:
        """Keep a file, and describe it as a server does."""
        wire = self._store.wire(self._store.add(name, content), self._base)
        if self._dialect.protocol == "ws":
            return {"name": wire["path"], "orig_name": name, "is_file": True, "data": None, "size": len(content)}
        return wire

    def _file(self, file: FileData) -> dict[str, Any]:
        if file.local is None or (isinstance(file.local, str) and file.local.startswith(("http://", "https://"))):
            return file.to_wire() if file.local is None else {**FileData(file.local, url=file.local).to_wire()}
        name, content = _read(file.local)
        return self.keep(file.orig_name or name, content)


def _refuse(value: Any) -> NoReturn:
    kind: type[Any] = value.__class__
    raise CannotEncode(f"{kind.__module__.partition('.')[0]}.{kind.__name__}: {_instead_of(value)}")


def _instead_of(value: Any) -> str:
    if is_frame(value):
        return "give the promised model, with headers=list(frame.columns), data=frame.to_numpy().tolist()"
    if is_image(value):
        return "make a file of it: FileData.of(image)"
    return "give what JSON can say, a model of the package or a file: FileData.of(...)"


def _read(source: Any) -> tuple[str, bytes]:
    if isinstance(source, (bytes, bytearray)):
        return "file", bytes(source)
    if isinstance(source, (str, os.PathLike)):
        path = Path(cast("str | os.PathLike[str]", source))
        return path.name, path.read_bytes()
    return Path(str(getattr(source, "name", "file"))).name, source.read()


def with_files(value: Any, make: Callable[[dict[str, Any]], Any]) -> Any:
    """JSON whose files are objects that can be read."""
    if isinstance(value, FileData):
        return make(value.to_wire())
    if isinstance(value, list):
        return [with_files(item, make) for item in as_list(value)]
    if not isinstance(value, dict):
        return value
    fields = as_dict(value)
    if is_marked(fields):
        return make(fields)
    if fields.get("is_file") and "name" in fields:
        return make(fields)
    return {name: with_files(item, make) for name, item in fields.items()}


def rebased(script: Script, base: str, other: str) -> Script:
    """The same job for a client that sees the server at another address: its files have that address, too."""

    def moved(wire: dict[str, Any]) -> dict[str, Any]:
        url = str(wire.get("url") or "")
        return {**wire, "url": other + url.removeprefix(base)} if url.startswith(base + "/") else wire

    answer: Any = None
    try:
        while True:
            part = script.send(answer)
            answer = yield Step(with_files(part.data, moved)) if isinstance(part, Step) else part
    except StopIteration as end:
        moved_data: list[Any] = with_files(end.value, moved)
        return moved_data
    finally:
        script.close()
