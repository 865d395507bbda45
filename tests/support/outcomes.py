"""What an endpoint answers over the bare protocol and through its generated function, made comparable."""

from __future__ import annotations

import importlib
import re
import sys
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from httpx_sse import EventSource
from PIL import Image
from spacegen import ir
from spacegen_runtime import FileData, SpaceError

Outcome = tuple[bool, list[Any]]
"""Whether a call succeeded, and what came."""


class TooSlow(Exception):
    """An endpoint did not end within the time that it was given."""


class Raw:
    """The protocol by hand: upload, join, read to the end."""

    def __init__(self, client: httpx.Client, space: ir.Space, *, patience: float = 120) -> None:
        self._client = client
        self._prefix = space.prefix
        self._protocol = space.protocol
        self._patience = patience

    def upload(self, path: Path) -> dict[str, Any]:
        answer = self._client.post(
            f"{self._prefix}/upload", files={"files": (path.name, path.read_bytes())}
        ).json()
        return {"path": answer[0], "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}

    def answer(self, endpoint: ir.Endpoint, values: list[Any]) -> Outcome:
        """Call with values as a caller of the function gives them; hidden inputs and outputs are left out."""
        slots = [self._on_the_wire(value) for value in values]
        for position in endpoint.hidden_inputs:
            slots.insert(position, None)
        succeeded, data = self._call(endpoint, slots)
        shown = [one for place, one in enumerate(data) if place not in endpoint.hidden_outputs]
        return succeeded, shown if endpoint.outputs else []

    def _on_the_wire(self, value: Any) -> Any:
        if isinstance(value, Path):
            return self.upload(value)
        return [self._on_the_wire(one) for one in value] if isinstance(value, list) else value

    def _call(self, endpoint: ir.Endpoint, slots: list[Any]) -> Outcome:
        session = f"raw{time.monotonic_ns()}"
        body = {"data": slots, "fn_index": endpoint.fn_index, "session_hash": session, "simple_format": True}
        if self._protocol == "ws":  # 3.x: its queue is a WebSocket
            answer = self._client.post("/run/predict", json=body)
            return answer.is_success, answer.json().get("data", [])
        if self._protocol == "sse":
            output = self._join_40(body)
            return output["success"], output["output"].get("data", [])
        joined = self._client.post(f"{self._prefix}/queue/join", json=body)
        if joined.status_code != 200:
            return False, []
        output = self._last(joined.json()["event_id"], session)
        return output["success"], output["output"].get("data", [])

    def _join_40(self, body: dict[str, Any]) -> dict[str, Any]:
        """4.0: the stream is the join, and asks for the values when it is their turn."""
        where = {name: body[name] for name in ("fn_index", "session_hash")}
        with self._client.stream("GET", f"{self._prefix}/queue/join", params=where) as stream:
            for sent in EventSource(stream).iter_sse():
                message = sent.json()
                if message.get("msg") == "process_completed":
                    return dict(message)
                if message.get("msg") == "send_data":
                    given = {**body, "event_id": message["event_id"]}
                    self._client.post(f"{self._prefix}/queue/data", json=given).raise_for_status()
        raise AssertionError("the stream ended without an answer")

    def _last(self, event: str, session: str) -> dict[str, Any]:
        deadline = time.monotonic() + self._patience
        with self._client.stream("GET", f"{self._prefix}/queue/data", params={"session_hash": session}) as stream:
            for sent in EventSource(stream).iter_sse():  # httpx's own lines end at U+2028, too
                message = sent.json()
                if message.get("msg") == "process_completed" and message.get("event_id") == event:
                    return dict(message)
                if time.monotonic() > deadline:
                    raise TooSlow
        raise AssertionError("the stream ended without an answer")


@contextmanager
def imported(folder: Path) -> Iterator[ModuleType]:
    """Import a package from its folder, and forget it afterwards."""
    sys.path.insert(0, str(folder.parent))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(folder.name)
    finally:
        sys.path.remove(str(folder.parent))
        for name in [name for name in sys.modules if name.split(".")[0] == folder.name]:
            del sys.modules[name]


def outcome(function: Any, endpoint: ir.Endpoint, values: list[Any]) -> Outcome:
    """Call a generated function."""
    arguments = {p.argument: value for p, value in zip(endpoint.parameters, values, strict=True)}
    try:
        result = function(**arguments)
    except SpaceError:
        return False, []
    if not endpoint.outputs:
        return True, []
    return True, list(result) if endpoint.result else [result]


def comparable(value: Any) -> Any:
    """What a value says, whether it came typed or as JSON: files by name, updates by their value."""
    if isinstance(value, FileData):
        return {"file": value.orig_name if value.path else None}
    if isinstance(value, str) and value.startswith("data:image/"):
        return {"file": None}  # an image of 3.x
    if isinstance(value, str) and "vega-lite" in value:
        return re.sub(r"(view|param)_\d+", r"\1", value)  # altair numbers what it draws in a process
    if hasattr(value, "model_dump"):
        value = {**value.model_dump(by_alias=True, exclude_none=True), **(value.model_extra or {})}
    if isinstance(value, dict):
        if value.get("__type__") == "update":
            return comparable(value.get("value"))
        if "path" in value and "orig_name" in value:
            return {"file": value["orig_name"]}
        return {key: comparable(one) for key, one in value.items() if one is not None}
    return [comparable(one) for one in value] if isinstance(value, list | tuple) else value


def sample_files(folder: Path) -> dict[str, Path]:
    """Make a small file for each kind of component; the one for all others has an empty name."""
    files = {"Image": folder / "a.png", "Audio": folder / "a.wav", "": folder / "a.txt"}
    Image.new("RGB", (4, 3), "red").save(files["Image"])
    with wave.open(str(files["Audio"]), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 80)
    files[""].write_text("some text", encoding="utf-8")
    return files


def example(parameter: ir.Parameter, samples: dict[str, Path]) -> Any:
    """An example as the caller of a function would give it."""
    if parameter.default is not None:
        return parameter.published
    return _made_up(parameter.type, parameter, samples)


def _made_up(node: ir.TypeNode, parameter: ir.Parameter, samples: dict[str, Path]) -> Any:
    match node:
        case ir.File():
            return samples.get(parameter.component, samples[""])
        case ir.ListOf(item):
            return [_made_up(item, parameter, samples)]
        case ir.Choice(values):
            return values[0]
        case ir.AnyOf(options) if options[0] in (ir.File(), ir.ListOf(ir.File())):
            return _made_up(options[0], parameter, samples)
        case _:
            return parameter.example
