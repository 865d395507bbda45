"""A Space that restarts, or comes back as another one, while `spacegen mcp` serves its package."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from spacegen.pipeline import generate
from support.drifting import restart_as
from support.servers import GradioServer, Servers

pytest.importorskip("mcp", reason="the mcp package is not installed (extra mcp)")

from spacegen.agents import changed
from support.tool_server import EXAMPLES, connected, text_of

GREET = {"name": "Ada", "excited": True, "tone": "formal", "times": 2}
GREETING = "formal Ada! formal Ada!"
ORDER = {"size": "small", "count": 2}

# What a call gives once the app is this variant: its text, or the words of the refusal before anything is sent.
REFUSED = {
    "parameter_removed": ("greet", GREET, "`tone` is gone"),
    "parameter_added": ("greet", GREET, "`nick` is new, and has no default"),
    "parameter_renamed": ("greet", GREET, "`times` is called `repeats` now"),
    "keywords_swapped": ("greet", GREET, "parameters changed their order"),
    "positions_swapped": ("order", ORDER, "`size` was value 1 by position, is value 2"),
    "endpoint_removed": ("order", ORDER, "is gone"),
    "argument_field_added": ("describe", {"person": {"name": "Ada"}}, "`DescribePerson.nick` is new"),
    "outputs_swapped": ("greet", GREET, "the result's order is length, greeting now"),
}
ANSWERED = {
    "choice_added": ("greet", GREET, GREETING),
    "choice_removed": ("greet", {**GREET, "tone": "rude"}, "rude Ada! rude Ada!"),
    "optional_parameter_put_before": ("greet", GREET, GREETING),
    "left_the_queue": ("vote", {"question": "Tea?"}, "yes"),
    "endpoint_removed": ("greet", GREET, GREETING),
}
TOLD = {
    "choice_added": ({**GREET, "tone": "shy"}, '"shy" is not one of'),
    "choice_removed": (GREET, "formal is not in the list of choices"),
}
VARIANTS = [*dict.fromkeys([*REFUSED, *ANSWERED, *TOLD])]


@pytest.fixture
def drifting(server: Servers, tmp_path: Path) -> tuple[str, str]:
    """A package of the app as it was first, and the address at which the app becomes another."""
    running = server("drifting", mount="/app")
    root = running.url.removesuffix("/app")
    restart_as("base", root)
    return str(generate(running.url, output=tmp_path, name="drift").folder), root


def test_a_call_that_would_go_wrong_is_refused_and_every_other_one_is_made(
    drifting: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed, "ASK_AGAIN", 0.0)
    package, root = drifting
    said: dict[tuple[str, str], Any] = {}

    async def live() -> None:
        async with connected([package]) as client:
            for variant in ["base", *VARIANTS]:
                await asyncio.to_thread(restart_as, variant, root)
                refused = REFUSED.get(variant, ("order", ORDER, ""))
                said[variant, "refused"] = await client.call_tool(*refused[:2])
                answered = ANSWERED.get(variant, ("vote", {"question": "Tea?"}, ""))
                said[variant, "answered"] = await client.call_tool(*answered[:2])
                if variant in TOLD:
                    said[variant, "told"] = await client.call_tool("greet", TOLD[variant][0])

    asyncio.run(live())
    assert text_of(said["base", "refused"]) == "2 x small"
    for variant, (_, _, words) in REFUSED.items():
        result = said[variant, "refused"]
        assert result.is_error, (variant, text_of(result))
        assert text_of(result).startswith("EndpointChanged: "), (variant, text_of(result))
        assert words in text_of(result), (variant, text_of(result))
        assert "`spacegen update`" in text_of(result)
    for variant in VARIANTS:
        result = said[variant, "answered"]
        assert not result.is_error, (variant, text_of(result))
        text = ANSWERED.get(variant, (0, 0, "yes"))[2]
        assert text in str(result.structured_content), (variant, text_of(result))
    for variant, (_, words) in TOLD.items():
        result = said[variant, "told"]
        assert result.is_error
        assert words in text_of(result), (variant, text_of(result))
        assert "The Space has changed a little since this tool was described" in text_of(result)


def test_a_restart_between_calls_is_no_matter_but_for_what_the_app_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(changed, "ASK_AGAIN", 0.0)

    async def calls(own: GradioServer) -> list[Any]:
        async with connected([str(EXAMPLES / "chat_app")]) as client:
            results = [await client.call_tool("count", {}), await client.call_tool("count", {})]
            await asyncio.to_thread(own.stop)
            results.append(await client.call_tool("count", {}))
            await asyncio.to_thread(own.start)
            return [*results, await client.call_tool("count", {}), await client.call_tool("count", {})]

    with GradioServer("chat") as own:
        monkeypatch.setenv("SPACEGEN_CHAT_APP_SOURCE", own.url)
        first, second, down, again, last = asyncio.run(calls(own))
    assert [text_of(one) for one in (first, second, again, last)] == ["1", "2", "1", "2"]
    assert down.is_error
    assert text_of(down).startswith("CannotConnect")
    assert "The Space was restarted" in again.content[-1].text
    assert [len(one.content) for one in (first, second, last)] == [1, 1, 1]
