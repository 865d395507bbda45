"""The blocks of the recipe for agents run with the real packages, where these are installed (group ecosystem)."""

from __future__ import annotations

import asyncio
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import text_app
from pydantic import TypeAdapter
from spacegen_runtime.testing import fake_space

PAGE = Path(__file__).resolve().parents[2] / "docs" / "recipes" / "agents.md"
BLOCKS = dict(re.findall(r"```python\n# (\w+)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
GIVEN = {"size": "large", "count": 2}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What these packages have to say about themselves is not ours to judge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(autouse=True)
def space() -> Iterator[None]:
    with fake_space(text_app) as fake:
        fake.on(text_app.order).returns("two large ones")
        yield


def run(package: str, tmp_path: Path) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip(package, reason=f"{package} is not installed (group ecosystem)")
        from importlib.util import module_from_spec, spec_from_file_location

        file = tmp_path / f"recipe_{package}.py"  # smolagents reads the source
        file.write_text(BLOCKS[package], encoding="utf-8")
        spec = spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    return vars(module)


def test_openai(tmp_path: Path) -> None:
    names = run("openai", tmp_path)
    from openai.types.responses import FunctionToolParam
    from openai.types.responses.response_input_param import FunctionCallOutput

    TypeAdapter(FunctionToolParam).validate_python(names["tools"][0])
    answer = names["answer"](SimpleNamespace(arguments='{"size": "large", "count": 2}', call_id="1"))
    TypeAdapter(FunctionCallOutput).validate_python(answer)
    assert answer["output"] == "two large ones"


def test_anthropic(tmp_path: Path) -> None:
    names = run("anthropic", tmp_path)
    from anthropic.types import ToolParam, ToolResultBlockParam

    TypeAdapter(ToolParam).validate_python(names["tools"][0])
    answer = names["answer"](SimpleNamespace(input={"size": "huge"}, id="1"))
    TypeAdapter(ToolResultBlockParam).validate_python(answer)
    assert answer["is_error"]
    assert "huge" in answer["content"]


def test_langchain(tmp_path: Path) -> None:
    made = run("langchain_core", tmp_path)["made"]
    assert made.invoke(GIVEN) == "two large ones"
    assert asyncio.run(made.ainvoke(GIVEN)) == "two large ones"
    assert set(made.args) == {"size", "count", "extras"}


def test_pydantic_ai(tmp_path: Path) -> None:
    agent = run("pydantic_ai", tmp_path)["agent"]
    from pydantic_ai.models.test import TestModel

    result = asyncio.run(agent.run("Order.", model=TestModel(call_tools=["order"])))
    assert "two large ones" in str(result.output)


def test_smolagents(tmp_path: Path) -> None:
    made = run("smolagents", tmp_path)["made"]
    assert made(**GIVEN) == "two large ones"
    assert set(made.inputs) == {"size", "count", "extras"}
