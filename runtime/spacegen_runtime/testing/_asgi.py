"""The fake server behind ASGI: for front ends and other languages, over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from ._acting import any_done, gathered, run_beside, run_on_loop
from ._fake import FakeSpace
from ._guard import LOOPBACK
from ._wire import Answered, Asked, Cut, Run, WaitForAny

Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]


class ConnectionCut(Exception):
    """The connection is to break here, as a test told it to; the server that runs this closes it."""


def asgi_app(fake: FakeSpace) -> Callable[[dict[str, Any], Receive, Send], Awaitable[None]]:
    """An ASGI application that answers as the fake does; any ASGI server runs it.

    Args:
        fake: It need not be open: nothing is put into its package's place.
    """
    fake.serves_http = True

    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await _http(fake, scope, receive, send)

    return app


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _http(fake: FakeSpace, scope: dict[str, Any], receive: Receive, send: Send) -> None:
    asked = await _asked(scope, receive)
    extra = _cors(asked.headers.get("origin", ""))
    if asked.method == "OPTIONS":
        await _whole(send, Answered(200), extra)
        return
    serving = fake.serve(asked)
    answer: Any = None
    try:
        while True:
            answer = await _act(serving.send(answer))
    except StopIteration as end:
        answered: Answered = end.value
    except Cut as cut:
        raise ConnectionCut(str(cut)) from None
    if isinstance(answered.body, bytes):
        await _whole(send, answered, extra)
    else:
        await _streamed(send, receive, answered, extra)


async def _asked(scope: dict[str, Any], receive: Receive) -> Asked:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("x-forwarded-host", headers.get("host", "localhost")).partition(",")[0].strip()
    scheme = headers.get("x-forwarded-proto", scope.get("scheme", "http")).partition(",")[0].strip()
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return Asked(scope["method"], scope["path"], query, headers, body, f"{scheme}://{host}")


def _cors(origin: str) -> list[tuple[str, str]]:
    """As Gradio on this machine: pages of this machine may call it."""
    if not LOOPBACK.match(origin):
        return []
    return [
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS"),
        ("access-control-allow-headers", "Origin, Content-Type, Accept, X-HF-Authorization, Authorization"),
        ("vary", "Origin"),
    ]


async def _act(action: Run | WaitForAny) -> Any:
    if isinstance(action, Run):
        return run_on_loop(action.function()) if action.awaited else run_beside(action.function)
    return await any_done(action.futures, action.seconds)


async def _start(send: Send, answered: Answered, extra: list[tuple[str, str]]) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (*answered.headers, *extra)]
    await send({"type": "http.response.start", "status": answered.status, "headers": headers})


async def _whole(send: Send, answered: Answered, extra: list[tuple[str, str]]) -> None:
    body = answered.body if isinstance(answered.body, bytes) else b""
    if not any(name == "content-length" for name, _ in answered.headers):
        extra = [*extra, ("content-length", str(len(body)))]
    await _start(send, answered, extra)
    await send({"type": "http.response.body", "body": body})


async def _streamed(send: Send, receive: Receive, answered: Answered, extra: list[tuple[str, str]]) -> None:
    """Send a stream as it comes; a client that goes away ends it."""
    assert not isinstance(answered.body, bytes)
    gone = run_on_loop(_disconnected(receive))
    await _start(send, answered, extra)
    answer: Any = None
    try:
        while not gone.done():
            chunk, action = gathered(answered.body, answer)
            if chunk:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if action is None:
                await send({"type": "http.response.body", "body": b""})
                return
            if isinstance(action, Cut):
                raise ConnectionCut(str(action))
            answer = await _act(
                action if isinstance(action, Run) else WaitForAny((*action.futures, gone), action.seconds)
            )
    finally:
        answered.body.close()
        gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
