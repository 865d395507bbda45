"""Every kind of parameter and result of the example packages, over the official client, against real apps."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import shutil
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.environments import CURRENT
from support.servers import Servers

pytest.importorskip("mcp", reason="the mcp package is not installed (extra mcp)")

from support.tool_server import EXAMPLES, connected, text_of

# Gradio says of several components that they give one text, and a picture may be missing: the call goes on.
pytestmark = pytest.mark.filterwarnings("ignore::spacegen_runtime.errors.UnexpectedOutputWarning")
PIXEL = Path(__file__).resolve().parents[2] / "runtime" / "pixel.png"
Check = Callable[[Any], bool]


def is_same(value: Any) -> Check:
    return lambda result: bool(result == value)


def has(**fields: Any) -> Check:
    return lambda result: {**result, **fields} == result


def is_file(suffix: str) -> Check:
    return lambda result: result["name"].endswith(suffix) and result["uri"].startswith("spacegen://file/")


def every(check: Check, count: int) -> Check:
    return lambda result: len(result) == count and all(map(check, result))


TABLE = {"headers": ["title", "pages"], "data": [["Emma", 474], ["Ulysses", None]]}
MARKED = [{"token": "a", "class_or_confidence": "letter"}, {"token": " ", "class_or_confidence": None}]
DRAWING = {"background": "a.png", "layers": ["a.png"], "composite": "a.png"}
KITCHEN: dict[str, tuple[Any, Check]] = {  # the endpoint's one value, and what comes back
    "annotations_": (MARKED, is_same(MARKED)),
    "book": (TABLE, lambda result: result["data"][0] == ["Emma", 474]),
    "checkbox": (False, is_same(False)),
    "checkboxes": (["red", "blue"], is_same(["red", "blue"])),
    "code": ("print(1)", is_same("print(1)")),
    "colour": ("#00ff00", is_same("#00ff00")),
    "custom": ("mauve", is_same("mauve")),
    "date": ("2024-05-06 07:08:09", is_same("2024-05-06 07:08:09")),
    "drawing": (DRAWING, lambda result: is_file(".png")(result["composite"])),
    "html": ("<i>x</i>", is_same("<i>x</i>")),
    "json": ({"a": [1, None, {"b": "c"}]}, is_same({"a": [1, None, {"b": "c"}]})),
    "labelled": (1, is_same(1)),
    "markdown": ("*x*", is_same("*x*")),
    "model": ("a.obj", is_file(".obj")),
    "number": (1.5, is_same(1.5)),
    "picture": ("a.png", is_file("")),
    "radio": (10, is_same(10)),
    "several": (["red"], is_same(None)),  # announced as one text; what came is in the text of the result
    "slider": (25, is_same(25)),
    "sound": ("a.wav", is_file(".wav")),
    "table": (
        {"headers": ["x", "y", "kind"], "data": [[1, 2.5, "a"]]},
        lambda result: result["data"][0] == [1, 2.5, "a"],
    ),
    "text": ("two\nlines", is_same("two\nlines")),
    "timer": (5, is_same(5)),
    "upload": (["a.txt", "b.txt"], is_same(None)),  # announced as one file
    "video": ("a.mp4", lambda result: is_file(".mp4")(result)),
}
OTHERS: dict[str, list[tuple[str, dict[str, Any], Check]]] = {
    "kitchen": [
        ("annotate", {"image": "a.png"}, lambda result: result["annotations"][0]["label"] == "corner"),
        ("classify", {"text": "words"}, has(label="long")),
        ("colour_words", {"text": "a b"}, lambda result: "".join(one["token"] for one in result) == "ab"),
        ("chart", {"title": "x"}, lambda result: "x" in json.dumps(result)),
        ("plot", {"title": "x"}, is_same(None)),
    ],
    "files": [
        ("flip", {"image": "a.png"}, is_file(".png")),
        ("pixels", {"image": "deep/b.png"}, is_same("2x2")),
        ("pixels", {"image": None}, is_same("none")),
        ("backwards", {"audio": "a.wav"}, is_file(".wav")),
        ("shout", {"file": "a.txt"}, is_file("shout.txt")),
        ("join", {"files": ["a.txt", "b.txt"], "separator": "+"}, is_same("one+two")),
        ("join", {"files": None, "separator": "+"}, is_same("")),
        ("split", {"text": "one two"}, every(is_file(".txt"), 2)),
        ("hang", {"pictures": [{"image": "a.png", "caption": "me"}]}, lambda r: r[0]["caption"] == "0: me"),
        ("awkward", {"text": "x"}, is_file(".txt")),
        ("either", {"file": "a.txt", "image": None}, is_same('["a.txt", false]')),
    ],
    "chat": [
        ("count", {}, is_same(1)),
        ("count", {}, is_same(2)),
        ("talk", {"message": "hello", "temperature": 0.5}, lambda result: "hello" in json.dumps(result)),
        ("look", {"message": {"text": "see", "files": ["a.png"]}}, lambda result: "see" in result),
    ],
    "streaming": [
        ("story", {"start": "Once"}, is_same("Once upon a time")),
        ("count", {"steps": 3}, is_same(2)),
        ("batched", {"words": "a"}, lambda result: isinstance(result, str)),
        ("nothing_is_a_number", {}, lambda result: True),
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What models may name."""
    (tmp_path / "deep").mkdir()
    for name in ("a.png", "deep/b.png"):
        shutil.copy(PIXEL, tmp_path / name)
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(800))
    for name, content in {"a.txt": "one", "b.txt": "two", "a.obj": "v 0 0 0\n", "a.mp4": "no video"}.items():
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.fixture
def served(server: Servers, gradio_version: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """The example package of an app, pointed at the app under a version of Gradio."""

    def point(name: str) -> list[str]:
        monkeypatch.setenv(f"SPACEGEN_{name.upper()}_APP_SOURCE", server(name, version=gradio_version).url)
        return [str(EXAMPLES / f"{name}_app")]

    return point


def results(sources: list[str], calls: list[tuple[str, dict[str, Any]]], **settings: Any) -> list[Any]:
    """The results of calls; the client holds each against the tool's output schema."""

    async def call() -> list[Any]:
        async with connected(sources, **settings) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(call())


def value_of(result: Any) -> Any:
    assert not result.is_error, text_of(result)
    fields = result.structured_content
    return fields["result"] if [*fields] == ["result"] else fields


def test_every_kind_of_value_goes_in_and_comes_out(
    served: Callable[[str], list[str]], folder: Path, gradio_version: str
) -> None:
    names = parameter_names("kitchen")
    kinds = [name for name in KITCHEN if name != "video" or gradio_version == CURRENT]  # Gradio 5 looks into films
    calls = [(name, {names[name][0]: KITCHEN[name][0]}) for name in kinds]
    assert set(names) == {*KITCHEN, *(name for name, _, _ in OTHERS["kitchen"]), "everything"}
    found = dict(zip(kinds, results(served("kitchen"), calls, folder=folder), strict=True))
    came = {name: value_of(result) for name, result in found.items()}
    assert {name: value for name, value in came.items() if not KITCHEN[name][1](value)} == {}
    assert json.loads(text_of(found["several"])) == ["red"]


def test_all_kinds_go_into_one_call(served: Callable[[str], list[str]], folder: Path, gradio_version: str) -> None:
    keys = parameter_names("kitchen")["everything"]
    arguments = {key: KITCHEN[key][0] for key in keys}
    if gradio_version != CURRENT:
        arguments["video"] = None
    (result,) = results(served("kitchen"), [("everything", arguments)], folder=folder)
    empty = [place for place, key in enumerate(keys) if arguments[key] is None]
    assert value_of(result) == {"count": len(keys), "empty": empty}


@pytest.mark.parametrize("app", OTHERS)
@pytest.mark.filterwarnings(
    "ignore::spacegen_runtime.errors.UnexpectedOutputWarning"
)  # a picture that is not there
def test_every_kind_of_result_comes_out(served: Callable[[str], list[str]], folder: Path, app: str) -> None:
    calls = [(name, arguments) for name, arguments, _ in OTHERS[app]]
    found = results(served(app), calls, folder=folder)
    for (name, _, check), result in zip(OTHERS[app], found, strict=True):
        assert check(value_of(result)), (name, result.structured_content)


def parameter_names(app: str) -> Mapping[str, list[str]]:
    manifest = json.loads((EXAMPLES / f"{app}_app" / "spacegen.json").read_text())
    return {
        one["function"]: [parameter["argument"] for parameter in one["parameters"]]
        for one in manifest["endpoints"].values()
    }


def test_pictures_and_sounds_are_in_the_answer_and_other_files_are_links_that_the_client_reads(
    served: Callable[[str], list[str]], folder: Path
) -> None:
    sources = served("files")

    async def calls() -> None:
        async with connected(sources, folder=folder) as client:
            flipped = await client.call_tool("flip", {"image": "a.png"})
            assert [(one.type, one.mime_type) for one in flipped.content[1:]] == [("image", "image/png")]
            assert base64.b64decode(flipped.content[1].data)[:4] == b"\x89PNG"
            played = await client.call_tool("backwards", {"audio": "a.wav"})
            assert [one.type for one in played.content[1:]] == ["audio"]
            assert played.content[1].mime_type in ("audio/wav", "audio/x-wav")
            with wave.open(io.BytesIO(base64.b64decode(played.content[1].data))) as sound:
                assert (sound.getframerate(), sound.getnframes()) == (8000, 400)
            split = await client.call_tool("split", {"text": "one two"})
            assert [one.type for one in split.content] == ["text", "resource_link", "resource_link"]
            read = [await client.read_resource(one.uri) for one in split.content[1:]]
            assert [base64.b64decode(one.contents[0].blob) for one in read] == [b"one", b"two"]
            again = await client.call_tool("shout", {"file": value_of(split)[1]["uri"]})
            loud = await client.read_resource(again.content[1].uri)
            assert base64.b64decode(loud.contents[0].blob) == b"TWO"

    asyncio.run(calls())


def test_a_picture_that_is_too_large_for_the_answer_is_a_link(
    served: Callable[[str], list[str]], folder: Path
) -> None:
    (result,) = results(served("files"), [("flip", {"image": "a.png"})], folder=folder, inline=10)
    assert [one.type for one in result.content] == ["text", "resource_link"]
    assert result.content[1].mime_type == "image/png"
