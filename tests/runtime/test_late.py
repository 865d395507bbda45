"""A package loads its models when one is used, and is a package like any other meanwhile."""

from __future__ import annotations

import importlib
import inspect
import pickle
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter

MODELS = "chat_app.models"


@pytest.fixture
def fresh() -> Iterator[ModuleType]:
    """`chat_app`, imported anew; the one that other tests use is back afterwards."""
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "chat_app"}
    try:
        yield importlib.import_module("chat_app")
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "chat_app"]:
            del sys.modules[name]
        sys.modules.update(kept)


def test_no_model_is_loaded_by_an_import_or_a_look_at_what_needs_none(fresh: ModuleType) -> None:
    assert str(inspect.signature(fresh.talk)) == "(message: str, *, temperature: float = 0.5) -> Any"
    assert {"Message", "talk"} <= set(dir(fresh))
    assert not hasattr(fresh, "no_such_thing")
    with pytest.raises(AttributeError, match="module 'chat_app' has no attribute 'no_such_thing'"):
        _ = fresh.no_such_thing

    assert MODELS not in sys.modules


@pytest.mark.parametrize(
    "use",
    [
        lambda package: package.Message,
        lambda package: get_type_hints(package.reply)["return"],
        lambda package: get_type_hints(package.reply.aio),
        lambda package: get_type_hints(package.ReplyResult),
        lambda package: TypeAdapter(package.ReplyResult).json_schema(),
        lambda package: package.models.Message,
        lambda package: importlib.import_module(MODELS),
    ],
)
def test_a_use_of_a_model_loads_all(fresh: ModuleType, use: Any) -> None:
    names = set(vars(fresh))  # someone may be looking through them

    use(fresh)

    models = sys.modules[MODELS]
    assert fresh.Message is models.Message is fresh.endpoints.models.Message
    assert get_type_hints(fresh.ReplyResult)["history"] == list[models.Message]  # type: ignore[name-defined]
    assert fresh.models is models
    assert set(vars(fresh)) == names
    assert pickle.loads(pickle.dumps(fresh.TextMessage(text="a"))) == fresh.TextMessage(text="a")
