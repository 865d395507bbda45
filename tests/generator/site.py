"""A web server that answers exactly what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from spacegen.fetching.documents import Documents
from typing_extensions import Self


class Asked(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


Route = Reply | Callable[[Asked], Reply]


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Reply(status, body, (("content-type", "application/json"), *headers.items()))


def page(text: str = "<!doctype html><title>Hello</title>", status: int = 200) -> Reply:
    return Reply(status, text.encode(), (("content-type", "text/html; charset=utf-8"),))


def redirect(to: str, status: int = 302) -> Reply:
    return Reply(status, b"", (("location", to),))


class Site:
    """Serves `routes` by path, without the query; anything else is a 404 of JSON.

    Every address of 127.0.0.0/8 is this machine to the system; to spacegen only the first one is.
    """

    def __init__(self, routes: Mapping[str, Route] | None = None, host: str = "127.0.0.1") -> None:
        self.routes: dict[str, Route] = dict(routes or {})
        self.asked: list[Asked] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, self.rfile.read(length))
                site.asked.append(asked)
                route = site.routes.get(self.path.partition("?")[0], as_json({"detail": "Not Found"}, 404))
                reply = route(asked) if callable(route) else route
                self.send_response(reply.status)
                for name, value in (*reply.headers, ("content-length", str(len(reply.body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A client that hangs up early is what some tests are about."""

        self._server = Server((host, 0), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


def config(**changes: Any) -> dict[str, Any]:
    return {
        "version": "6.31.0",
        "api_prefix": "/gradio_api",
        "mode": "blocks",
        "components": [],
        "dependencies": [],
        "protocol": "sse_v3",
        **changes,
    }


INFO: dict[str, Any] = {"named_endpoints": {}, "unnamed_endpoints": {}}
OPENAPI: dict[str, Any] = {"openapi": "3.0.2", "paths": {}}


def app(prefix: str = "", **changes: Any) -> dict[str, Route]:
    """Routes of a Gradio app that has nothing in it."""
    return {
        f"{prefix}/config": as_json(config(**changes)),
        f"{prefix}/gradio_api/info": as_json(INFO),
        f"{prefix}/gradio_api/openapi.json": as_json(OPENAPI),
    }


def serving(given: Documents) -> dict[str, Route]:
    """Routes of an app that publishes these documents."""
    return {
        "/config": as_json(given.config),
        "/gradio_api/info": as_json(given.info),
        "/gradio_api/openapi.json": as_json(OPENAPI),
    }


def guarded(routes: Mapping[str, Route]) -> dict[str, Route]:
    """Routes behind a gateway, which lets in ada with the password secret."""

    def behind(reply: Route) -> Route:
        def answer(asked: Asked) -> Reply:
            if asked.headers.get("authorization") == "Basic YWRhOnNlY3JldA==":
                return reply(asked) if callable(reply) else reply
            return Reply(401, b"", (("www-authenticate", "Basic"),))

        return answer

    return {path: behind(reply) for path, reply in routes.items()}
