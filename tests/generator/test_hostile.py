"""Documents made of exploits: every text of a Space, in every position, stays text.

`HYPOTHESIS_PROFILE=long` runs 100,000 documents (see CONTRIBUTING.md).
"""

from __future__ import annotations

import ast
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacegen.documents import Json
from spacegen.errors import SpacegenError
from spacegen.pipeline import build
from support.documents import documents, endpoint, read_with_diagnostics, state, value

FRAGMENTS = st.sampled_from(
    [
        *(
            '"""',
            "'''",
            '"',
            "'",
            "\\",
            "\n",
            "\r",
            "\t",
            "\x00",
            "\x1b[31m",
            "\u202e",
            "\u2028",
            "\x85",
            "\ud800",
        ),
        *("{{", "}}", "{%", "%}", "{#", "#", ")", "]", ":", ";", ",", "@", "%s", "$(id)", "`id`", "../", "/"),
        *("import os", "__import__('os').system('id')", "exec(", "eval(", "lambda", "class", "print", "None"),
        *(
            "self",
            "space",
            "endpoint",
            "Call",
            "FileData",
            "Model",
            "__class__",
            "_",
            "\uff41",
            "\ufb01",
            "日本",
            "é",
            "😀",
        ),
        *("<script>", "&quot;", "**", "__", "[a](b)", "x" * 300, "a", " ", "0", "1e999", "-1"),
    ]
)
TEXT = st.lists(FRAGMENTS, max_size=5).map("".join)
SCALAR = st.one_of(TEXT, st.integers(), st.floats(), st.booleans(), st.none())
JSON = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
SCHEMA: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.sampled_from(
            [{"type": kind} for kind in ("string", "number", "integer", "boolean", "null", "filepath")]
        ),
        st.builds(lambda values: {"type": "string", "enum": values}, st.lists(SCALAR, max_size=4)),
        st.builds(lambda value: {"const": value}, SCALAR),
        JSON,
    ),
    lambda inner: st.one_of(
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.builds(lambda items: {"type": "array", "prefixItems": items}, st.lists(inner, max_size=3)),
        st.builds(lambda options: {"anyOf": options}, st.lists(inner, max_size=3)),
        st.builds(
            lambda title, fields: {
                "type": "object",
                "title": title,
                "properties": fields,
                "required": list(fields),
            },
            TEXT,
            st.dictionaries(TEXT, inner, max_size=3),
        ),
    ),
    max_leaves=8,
)
PROPS = st.fixed_dictionaries(
    {},
    optional={
        "label": TEXT,
        "choices": st.lists(st.tuples(TEXT, SCALAR).map(list), max_size=3),
        "minimum": SCALAR,
        "maximum": SCALAR,
        "step": SCALAR,
        "allow_custom_value": st.booleans(),
        "file_types": st.lists(TEXT, max_size=2),
        "value": JSON,
    },
)


@st.composite
def values(draw: st.DrawFn) -> Json:
    if draw(st.integers(0, 5)) == 0:
        return state()
    more: Json = {"default": draw(JSON)} if draw(st.booleans()) else {}
    return value(
        draw(TEXT) or "x",
        draw(SCHEMA),
        component=draw(TEXT),
        props=draw(PROPS),
        label=draw(JSON),
        example_input=draw(JSON),
        **more,
    )


@st.composite
def endpoints(draw: st.DrawFn) -> Json:
    sides = st.lists(values(), max_size=3)
    said = draw(st.fixed_dictionaries({"description": JSON}, optional={"oauth_token": JSON}))
    return endpoint(draw(TEXT), draw(sides), draw(sides), said=said, api_description=draw(JSON))


LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


@settings(
    max_examples=100_000 if LONG else 150,
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(apps=st.lists(endpoints(), min_size=1, max_size=3), title=JSON, prefix=TEXT, version=TEXT)
def test_no_document_becomes_code(apps: list[Json], title: Any, prefix: str, version: str) -> None:
    try:
        space, _ = read_with_diagnostics(documents(*apps, title=title, api_prefix=prefix, version=version))
        files = build(space, source="someone/app", options={})
    except SpacegenError:
        return  # said in so many words, and nothing written

    for name, source in files.items():
        assert "\x1b" not in source
        if name.endswith(".py"):
            compile(source, name, "exec", dont_inherit=True)
    functions = [n for n in ast.walk(ast.parse(files["endpoints.py"])) if isinstance(n, ast.FunctionDef)]
    assert [node.name for node in functions] == [e.function for e in space.endpoints if e.twin_of is None]
