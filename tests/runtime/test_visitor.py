"""Inside an event of a Gradio app, a call of a Space goes out for the visitor."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from spacegen_runtime import Call, Space, endpoint


@pytest.mark.parametrize(
    ("hub", "typed", "visits", "sent"),
    [
        (True, {}, True, "visitor"),
        (True, {"X-IP-Token": "mine"}, True, "mine"),
        (True, {}, False, None),
        (False, {}, True, None),
    ],
)
def test_the_visitors_token_is_passed_on_to_spaces_alone(
    hub: bool, typed: dict[str, str], visits: bool, sent: str | None, shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    request: ContextVar[Any] = ContextVar("request")
    context = SimpleNamespace(LocalContext=SimpleNamespace(request=request))
    monkeypatch.setitem(sys.modules, "gradio.context", context)
    token = request.set(SimpleNamespace(headers={"x-ip-token": "visitor"})) if visits else None
    seen: list[str | None] = []

    def answer(asked: httpx.Request) -> httpx.Response:
        seen.append(asked.headers.get("x-ip-token"))
        return httpx.Response(200, json={"data": ["x"]})

    space = Space("ada/app", url="https://ada-app.hf.space", protocol="sse_v3")
    if not hub:
        space = Space("app", url="https://my.app", protocol="sse_v3")
    space.configure(headers=typed, client_options={"transport": httpx.MockTransport(answer)})

    @endpoint
    def do() -> Call[str]:
        return space.call("/do", {}, queued=False)

    try:
        assert shell.call(do) == "x"
    finally:
        if token is not None:
            request.reset(token)
    assert seen == [sent]
