"""Words of a shell as values, by type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from spacegen import ir
from spacegen.calling.arguments import find_endpoint, read_arguments
from spacegen.errors import ArgumentError
from spacegen.ir.types import ClassName, Identifier, PackageName

TEXT, WHOLE, REAL, FLAG, NULL, FILE, ANY = (
    *(ir.Text(), ir.Whole(), ir.Real(), ir.Flag()),
    *(ir.Nothing(), ir.File(), ir.Anything()),
)
MESSAGE = ir.ModelRef(ClassName("Message"))
MODELS = [
    ir.Model(
        name=ClassName("Message"),
        fields=(
            ir.Field(key="text", name=Identifier("text"), type=TEXT, required=True),
            ir.Field(key="files", name=Identifier("files"), type=ir.ListOf(FILE), required=False),
        ),
    )
]


def endpoint(*types: ir.TypeNode, optional: bool = False, key: str | int = "/go") -> ir.Endpoint:
    parameters = tuple(
        ir.Parameter(
            name=f"{name}!",
            argument=Identifier(name),
            label=f"Label {name}",
            component="Textbox",
            type=kind,
            schema={},
            default=ir.Published() if optional else None,
            published=3,
        )
        for name, kind in zip("abc", types, strict=False)
    )
    return ir.Endpoint(
        key=key, function=Identifier("go_"), description="", parameters=parameters, outputs=(), fn_index=1
    )


def read(kind: ir.TypeNode, *texts: str, stdin: bytes = b"") -> Any:
    words = [f"a={text}" for text in texts]
    return read_arguments(endpoint(kind), MODELS, words, lambda: stdin)["a"]


@pytest.fixture
def cat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("cat.png").write_bytes(b"cat")
    return Path("cat.png")


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (TEXT, "", ""),
        (TEXT, "3", "3"),
        (TEXT, "[1]", "[1]"),
        (TEXT, "@cat.png", "@cat.png"),
        (TEXT, "a=b", "a=b"),
        (TEXT, "null", "null"),
        (WHOLE, "-3", -3),
        (REAL, "3", 3),
        (REAL, "2.5e-1", 0.25),
        (FLAG, "true", True),
        (FLAG, "False", False),
        (NULL, "null", None),
        (ir.Choice(("small", "large")), "large", "large"),
        (ir.Choice((1, 2, 3)), "2", 2),
        (ir.Choice(("1", 1)), "1", "1"),
        (ir.Choice((True, None)), "null", None),
        (ir.ListOf(TEXT), "a", ["a"]),
        (ir.ListOf(TEXT), '["a", "b"]', ["a", "b"]),
        (ir.ListOf(WHOLE), "[1, 2]", [1, 2]),
        (ir.ListOf(ir.ListOf(REAL)), "[[1, 2.5]]", [[1, 2.5]]),
        (ir.TupleOf((WHOLE, TEXT)), '[1, "a"]', [1, "a"]),
        (ir.DictOf(WHOLE), '{"a": 1}', {"a": 1}),
        (MESSAGE, '{"text": "x", "more": 1}', {"text": "x", "more": 1}),
        (ANY, '{"a": [1, null]}', {"a": [1, None]}),
        (ANY, "plain", "plain"),
        (ir.AnyOf((TEXT, WHOLE)), "3", 3),
        (ir.AnyOf((TEXT, WHOLE)), "three", "three"),
        (ir.AnyOf((TEXT, NULL)), "null", "null"),
        (ir.AnyOf((REAL, NULL)), "null", None),
        (ir.AnyOf((TEXT, ir.ListOf(TEXT))), "a", "a"),
        (ir.AnyOf((TEXT, ir.ListOf(TEXT))), '["a"]', ["a"]),
        (ir.AnyOf((TEXT, ir.ListOf(TEXT))), "[draft] a", "[draft] a"),
        (ir.AnyOf((ir.Choice(("a",)), TEXT)), "b", "b"),
        (ir.AnyOf((ir.ListOf(TEXT), NULL)), "null", None),
        (FILE, "https://example.org/cat.png", "https://example.org/cat.png"),
        (FILE, "@cat.png", Path("cat.png")),
        (ir.AnyOf((FILE, NULL)), "@cat.png", Path("cat.png")),
        (ir.ListOf(FILE), "@cat.png", [Path("cat.png")]),
        (ir.ListOf(FILE), '["@cat.png"]', [Path("cat.png")]),
        (MESSAGE, '{"text": "@x", "files": ["@cat.png"]}', {"text": "@x", "files": [Path("cat.png")]}),
        (ANY, "@cat.png", Path("cat.png")),
        (ir.AnyOf((TEXT, MESSAGE)), '{"files": ["@cat.png"]}', {"files": [Path("cat.png")]}),
    ],
)
def test_one_word(cat: Path, kind: ir.TypeNode, text: str, expected: Any) -> None:
    value = read(kind, text)
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "texts", "expected"),
    [
        (ir.ListOf(TEXT), ["a", "[b]"], ["a", "[b]"]),
        (ir.ListOf(FILE), ["@cat.png", "http://x/y"], [Path("cat.png"), "http://x/y"]),
        (ir.AnyOf((ir.ListOf(ir.Choice((1, 2))), NULL)), ["1", "2"], [1, 2]),
        (ir.TupleOf((WHOLE, TEXT)), ["1", "2"], [1, "2"]),
        (ANY, ["1", "b"], [1, "b"]),
    ],
)
def test_the_same_name_again(cat: Path, kind: ir.TypeNode, texts: list[str], expected: Any) -> None:
    assert read(kind, *texts) == expected


def test_standard_input() -> None:
    assert read(TEXT, "-", stdin=b"a\nb\n") == "a\nb"
    assert read(WHOLE, "-", stdin=b"3\n") == 3
    assert read(FILE, "-", stdin=b"\xff\n") == b"\xff\n"
    with pytest.raises(ArgumentError, match="not UTF-8"):
        read(TEXT, "-", stdin=b"\xff")


@pytest.mark.parametrize(
    ("kind", "texts", "expected"),
    [
        (WHOLE, ["x"], "a: 'x' is not of type int."),
        (WHOLE, ["2.5"], "not of type int"),
        (WHOLE, ["true"], "not of type int"),
        (REAL, ["NaN"], "not of type float"),
        (REAL, ["1e999"], "not of type float"),
        (FLAG, ["yes"], "not of type bool"),
        (ir.Choice(("small", "large")), ["big"], "'big' is not one of small, large"),
        (ir.Choice(tuple(range(30))), ["x"], "19 and 10 more"),
        (ir.ListOf(WHOLE), ["[1, true]"], "true is not of type int"),
        (ir.TupleOf((WHOLE,)), ["[1, 2]"], "not of type"),
        (ir.DictOf(WHOLE), ["[1]"], "not of type"),
        (ir.DictOf(WHOLE), ["{"], "not of type"),
        (ANY, ["@none.png"], "no file none.png"),
        (FILE, ["cat.png"], "not a file; write @PATH, or an http"),
        (ir.AnyOf((FILE, TEXT)), ["@none.png"], "no file none.png"),
        (ir.AnyOf((REAL, NULL)), ["x"], "not of type float"),
        (MESSAGE, ['{"files": ["@none.png"]}'], "no file none.png"),
        (TEXT, ["a", "b"], "takes one value of str, and 2 were given"),
        (ir.ListOf(ANY), ["[" * 100_000], "not of type"),
    ],
)
def test_values_that_do_not_fit(kind: ir.TypeNode, texts: list[str], expected: str) -> None:
    with pytest.raises(ArgumentError, match=r"^a: ") as caught:
        read(kind, *texts)
    assert expected in str(caught.value)


def test_names() -> None:
    two = endpoint(TEXT, WHOLE)
    assert read_arguments(two, [], ["b!=1", "a=x"], bytes) == {"a": "x", "b": 1}
    assert read_arguments(endpoint(TEXT, optional=True), [], [], bytes) == {}
    with pytest.raises(ArgumentError) as caught:
        read_arguments(two, [], ["a=x"], bytes)
    assert str(caught.value).splitlines() == [
        "/go also needs b.",
        "/go takes",
        "  a: str    Label a",
        "  b: int    Label b",
    ]
    with pytest.raises(ArgumentError, match=r"takes no aa; did you mean a\?"):
        read_arguments(two, [], ["aa=1"], bytes)
    with pytest.raises(ArgumentError, match="'x' is not of the form name=value"):
        read_arguments(two, [], ["x"], bytes)
    with pytest.raises(ArgumentError, match="/go takes nothing"):
        read_arguments(endpoint(), [], ["x=1"], bytes)
    with pytest.raises(ArgumentError, match="a: int = 3 "):
        read_arguments(endpoint(WHOLE, optional=True), [], ["x=1"], bytes)


def test_endpoints() -> None:
    space = ir.Space(
        id="x",
        hub=False,
        url=None,
        title="",
        prefix="",
        protocol="sse_v3",
        gradio="6",
        sha=None,
        package=PackageName("x"),
        endpoints=(endpoint(), endpoint(key=3)),
        models=(),
    )
    assert [find_endpoint(space, name).key for name in ("/go", "go", "go_", "3")] == ["/go", "/go", "/go", 3]
    with pytest.raises(ArgumentError, match=r"no endpoint /og; did you mean /go\?\n  /go\n  3"):
        find_endpoint(space, "/og")
    with pytest.raises(ArgumentError, match="Say which endpoint to call:\n  /go\n  3"):
        find_endpoint(space, None)
