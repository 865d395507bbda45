"""What the environment says of credentials is used, or refused by the name of its variable."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from spacegen.commands.main import main

EXAMPLES = Path(__file__).resolve().parents[3] / "generated_examples"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("SPACEGEN_AUTH", "ada", "USER:PASSWORD"), ("SPACEGEN_HEADERS", "X-Key: k\nsecret", "NAME: VALUE")],
)
def test_a_variable_that_cannot_be_read_is_named_and_its_value_is_not(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    pytest.importorskip("mcp", reason="the mcp package is not installed (extra mcp)")
    monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, ["mcp", str(EXAMPLES / "text_app")])

    assert result.exit_code in (1, 2)
    assert name in result.output
    assert said in result.output
    assert "secret" not in result.output
    assert "ada" not in result.output
