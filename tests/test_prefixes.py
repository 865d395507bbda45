"""One rule for the path under which an app's API lies: generator and runtime, which cannot import each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacegen.errors import DocumentError
from spacegen.fetching.prefix import read_prefix
from spacegen_runtime.protocol import config

TABLE = json.loads((Path(__file__).parent / "prefixes.json").read_text(encoding="utf-8"))


def both(value: Any) -> tuple[str | None, str | None]:
    """What generator and runtime make of a prefix; None where it is refused."""
    try:
        generator: str | None = read_prefix(value)
    except DocumentError:
        generator = None
    try:
        return generator, config.read_prefix(value)
    except ValueError:
        return generator, None


@pytest.mark.parametrize(("said", "meant"), [*TABLE["paths"].items(), (None, "")])
def test_prefixes_that_are_paths(said: str | None, meant: str) -> None:
    assert both(said) == (meant, meant)


@pytest.mark.parametrize("said", [*TABLE["refused"], "/x" * 200], ids=repr)
def test_prefixes_that_are_none(said: Any) -> None:
    assert both(said) == (None, None)


@given(st.text("/.ab~_-%:@\\\n é", max_size=12) | st.from_regex(r"(/[a-z.~]{0,3}){0,12}", fullmatch=True))
def test_both_read_every_prefix_alike(said: str) -> None:
    generator, runtime = both(said)
    assert generator == runtime
    assert generator is None or ("//" not in generator and "/." not in generator)
