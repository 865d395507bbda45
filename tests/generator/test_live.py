"""Packages of running apps: each endpoint answers through its function as it does over the bare protocol."""

from __future__ import annotations

import importlib
import json
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from PIL import Image
from spacegen import ir
from spacegen.pipeline import generate, inspect
from spacegen_runtime import FileData, SpaceError, UnexpectedOutputWarning
from support.servers import Servers

APPS = ("text", "files", "chat", "streaming", "errors", "kitchen", "awkward")
# Endpoints that take their time, or break the server on purpose; other tests call them.
LEFT_OUT = {"hang", "slow", "sleep", "long", "endless"}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("samples")
    files = {"Image": folder / "a.png", "Audio": folder / "a.wav", "": folder / "a.txt"}
    Image.new("RGB", (4, 3), "red").save(files["Image"])
    with wave.open(str(files["Audio"]), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 80)
    files[""].write_text("some text", encoding="utf-8")
    return files


class Raw:
    """The protocol by hand: upload, join, read to the end."""

    def __init__(self, client: httpx.Client, space: ir.Space) -> None:
        self._client = client
        self._prefix = space.prefix

    def upload(self, path: Path) -> dict[str, Any]:
        answer = self._client.post(
            f"{self._prefix}/upload", files={"files": (path.name, path.read_bytes())}
        ).json()
        return {"path": answer[0], "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}

    def call(self, endpoint: ir.Endpoint, values: list[Any]) -> tuple[bool, list[Any]]:
        body = {"data": values, "fn_index": endpoint.fn_index, "session_hash": "raw", "simple_format": True}
        joined = self._client.post(f"{self._prefix}/queue/join", json=body)
        if joined.status_code != 200:
            return False, []
        event = joined.json()["event_id"]
        with self._client.stream("GET", f"{self._prefix}/queue/data", params={"session_hash": "raw"}) as stream:
            text = b"".join(stream.iter_bytes())
        messages = [json.loads(line[5:]) for line in text.split(b"\n") if line.startswith(b"data:")]
        [done] = [m for m in messages if m["msg"] == "process_completed" and m.get("event_id") == event]
        return done["success"], done["output"].get("data", [])


@contextmanager
def imported(folder: Path) -> Iterator[ModuleType]:
    sys.path.insert(0, str(folder.parent))
    try:
        yield importlib.import_module(folder.name)
    finally:
        sys.path.remove(str(folder.parent))
        for name in [name for name in sys.modules if name.split(".")[0] == folder.name]:
            del sys.modules[name]


def example(parameter: ir.Parameter, samples: dict[str, Path]) -> Any:
    """An example as the caller of a function would give it."""
    if parameter.default is not None:
        return parameter.published
    return made_up(parameter.type, parameter, samples)


def made_up(node: ir.TypeNode, parameter: ir.Parameter, samples: dict[str, Path]) -> Any:
    match node:
        case ir.File():
            return samples.get(parameter.component, samples[""])
        case ir.ListOf(item):
            return [made_up(item, parameter, samples)]
        case ir.Choice(values):
            return values[0]
        case ir.AnyOf(options) if options[0] in (ir.File(), ir.ListOf(ir.File())):
            return made_up(options[0], parameter, samples)
        case _:
            return parameter.example


def on_the_wire(value: Any, raw: Raw) -> Any:
    if isinstance(value, Path):
        return raw.upload(value)
    return [on_the_wire(one, raw) for one in value] if isinstance(value, list) else value


def all_slots(endpoint: ir.Endpoint, values: list[Any]) -> list[Any]:
    slots = list(values)
    for position in endpoint.hidden_inputs:
        slots.insert(position, None)
    return slots


def comparable(value: Any) -> Any:
    """What a value says, whether it came typed or as JSON: files by name, updates by their value."""
    if isinstance(value, FileData):
        return {"file": value.orig_name}
    if hasattr(value, "model_dump"):
        value = {**value.model_dump(by_alias=True, exclude_none=True), **(value.model_extra or {})}
    if isinstance(value, dict):
        if value.get("__type__") == "update":
            return comparable(value.get("value"))
        if "path" in value and "orig_name" in value:
            return {"file": value["orig_name"]}
        return {key: comparable(one) for key, one in value.items() if one is not None}
    return [comparable(one) for one in value] if isinstance(value, list | tuple) else value


def outcome(function: Any, endpoint: ir.Endpoint, values: list[Any]) -> tuple[bool, list[Any]]:
    arguments = {p.argument: value for p, value in zip(endpoint.parameters, values, strict=True)}
    try:
        result = function(**arguments)
    except SpaceError:
        return False, []
    if not endpoint.outputs:
        return True, []
    return True, list(result) if endpoint.result else [result]


@pytest.mark.parametrize("app", APPS)
@pytest.mark.filterwarnings(f"ignore::{UnexpectedOutputWarning.__module__}.{UnexpectedOutputWarning.__name__}")
def test_functions_answer_as_the_protocol_does(
    app: str, gradio_version: str, server: Servers, samples: dict[str, Path], tmp_path: Path
) -> None:
    url = server(app, version=gradio_version).url
    space = inspect(url)
    folder = generate(url, output=tmp_path, name="live_app").folder

    with imported(folder) as package, httpx.Client(base_url=url, timeout=60) as client:
        raw = Raw(client, space)
        for endpoint in space.endpoints:
            if endpoint.function in LEFT_OUT:
                continue
            values = [example(parameter, samples) for parameter in endpoint.parameters]
            succeeded, data = raw.call(endpoint, all_slots(endpoint, on_the_wire(values, raw)))
            shown = [one for place, one in enumerate(data) if place not in endpoint.hidden_outputs]

            said = outcome(getattr(package, endpoint.function), endpoint, values)
            expected = succeeded, shown if endpoint.outputs else []
            assert comparable(said) == comparable(expected), endpoint.function
