"""The token that `spacegen call` hands to an app: typed, asked for, or from the environment; never printed."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from spacegen.commands import main as cli


@pytest.mark.parametrize(
    ("words", "environment", "typed", "expected"),
    [
        ((), {}, "", None),
        (("--oauth-token", "hf_typed"), {"SPACEGEN_OAUTH_TOKEN": "hf_env"}, "", "hf_typed"),
        ((), {"SPACEGEN_OAUTH_TOKEN": "hf_env"}, "", "hf_env"),
        (("--oauth-token", "-"), {}, "hf_asked\n", "hf_asked"),
        ((), {"SPACEGEN_OAUTH_TOKEN": ""}, "", None),
    ],
)
def test_a_token_for_the_app(
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    environment: dict[str, str],
    typed: str,
    expected: str | None,
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr("spacegen.calling.call.call", lambda *_, **options: given.update(options))
    arguments = ["call", "owner/space", "/act", *words]

    result = CliRunner().invoke(cli.main, arguments, prog_name="spacegen", env=environment, input=typed)

    assert result.exit_code == 0, result.output
    assert given["oauth_token"] == expected
    assert given["token"] is None
    assert "hf_" not in result.output
