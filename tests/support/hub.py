"""A local stand-in for the parts of the Hugging Face Hub that concern Spaces.

    with Hub() as hub:
        hub.add(Space(id="ada/echo", host=server.url, stages=("SLEEPING", "APP_STARTING", "RUNNING")))
        subprocess.run([...], env=os.environ | hub.environment())

Routes, fields, statuses and headers are those that huggingface_hub sends and reads (checked against version 2.4).
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from typing_extensions import Self

AT_WORK = ("RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING")


@dataclass(kw_only=True)
class Space:
    """A Space as the Hub knows it.

    Args:
        id: `owner/name`; the owner is the user whose token may change it, and see it when it is private.
        host: Where its app answers; None for one that never ran.
        stages: What its runtime does: each question moves on by one, the last stays.
        error: The Hub's words about a stage that is an error.
    """

    id: str
    host: str | None = None
    stages: tuple[str, ...] = ("RUNNING",)
    sdk: str = "gradio"
    private: bool = False
    gated: bool = False
    sha: str = "0" * 40
    title: str = ""
    description: str = ""
    likes: int = 0
    hardware: str = "cpu-basic"
    requested_hardware: str | None = None
    sleep_time: int = 172800
    error: str | None = None
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        return self.id.split("/")[0]

    def info(self) -> dict[str, Any]:
        """What `GET /api/spaces/{id}` tells."""
        told = {
            "_id": "0" * 24,
            "id": self.id,
            "author": self.owner,
            "sha": self.sha,
            "lastModified": "2026-01-01T00:00:00.000Z",
            "createdAt": "2026-01-01T00:00:00.000Z",
            "private": self.private,
            "gated": self.gated,
            "disabled": False,
            "subdomain": self.id.replace("/", "-").lower(),
            "sdk": self.sdk,
            "likes": self.likes,
            "tags": [self.sdk],
            "cardData": {"title": self.title, "sdk": self.sdk},
            "siblings": [{"rfilename": "app.py"}],
            "runtime": self.runtime(),
        }
        return told if self.host is None else {**told, "host": self.host}

    def runtime(self) -> dict[str, Any]:
        """What `GET /api/spaces/{id}/runtime` tells; asking moves on to the next stage."""
        stage, *later = self.stages
        if later:
            self.stages = tuple(later)
        told = {
            "stage": stage,
            "hardware": {"current": self.hardware, "requested": self.requested_hardware or self.hardware},
            "gcTimeout": self.sleep_time,
            "storage": None,
            "replicas": {"current": 1, "requested": 1},
            "devMode": False,
        }
        return told if self.error is None else {**told, "errorMessage": self.error}

    def found(self, score: float) -> dict[str, Any]:
        """What a search tells."""
        return {
            "id": self.id,
            "author": self.owner,
            "title": self.title,
            "emoji": "🚀",
            "sdk": self.sdk,
            "likes": self.likes,
            "private": self.private,
            "tags": [self.sdk],
            "runtime": {"stage": self.stages[0], "hardware": {"current": self.hardware}},
            "ai_short_description": self.description,
            "ai_category": "Other",
            "semanticRelevancyScore": score,
            "trendingScore": self.likes,
        }


@dataclass(frozen=True)
class Asked:
    """A request that reached the stand-in."""

    method: str
    path: str
    token: str | None
    body: Any


class Refused(Exception):
    """An answer that is not a result."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Hub:
    """The stand-in; add Spaces and users, read what was asked.

    Attributes:
        spaces: The Spaces by id.
        users: User names by token; any other token is refused.
        asked: Every request, in order.
        url: Its address, for `HF_ENDPOINT`.
    """

    def __init__(self) -> None:
        self.spaces: dict[str, Space] = {}
        self.users: dict[str, str] = {}
        self.asked: list[Asked] = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="hub", daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(timeout=10)
        self._server.server_close()

    def add(self, *spaces: Space) -> None:
        """Make Spaces known."""
        self.spaces.update({space.id: space for space in spaces})

    def environment(self, token: str | None = None) -> dict[str, str]:
        """Variables that point a new process at the stand-in, and keep the user's own token out of it."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HUB_OFFLINE": "0",
            "HF_TOKEN": token or "",
            "HF_TOKEN_PATH": "/nonexistent/token",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }

    @contextmanager
    def in_this_process(self, token: str | None = None) -> Iterator[None]:
        """Point this process's huggingface_hub at the stand-in: it reads the variables when it is imported."""
        from huggingface_hub import constants

        settings: dict[str, Any] = {
            "ENDPOINT": self.url,
            "HF_HUB_OFFLINE": False,
            "HF_TOKEN_PATH": "/nonexistent/token",
        }
        with mock.patch.dict("os.environ", self.environment(token)), mock.patch.multiple(constants, **settings):
            yield

    def answer(self, asked: Asked, query: Mapping[str, list[str]]) -> Any:
        """Answer one request; refusals are raised."""
        user = self._user(asked.token)
        match asked.path.strip("/").split("/"):
            case ["api", "whoami-v2"]:
                return {"type": "user", "name": _known(user), "fullname": user, "orgs": []}
            case ["api", "spaces", "semantic-search"]:
                return self._search(query)
            case ["api", "spaces", owner, name, *rest]:
                space = self._visible(f"{owner}/{name}", user)
                return self._about(space, asked, rest, user)
            case _:
                raise Refused(404, "Sorry, we can't find the page you are looking for.")

    def _user(self, token: str | None) -> str | None:
        if token is not None and token not in self.users:
            raise Refused(401, "Invalid credentials in Authorization header")
        return self.users[token] if token is not None else None

    def _visible(self, name: str, user: str | None) -> Space:
        space = self.spaces.get(name)
        if space is None or (space.private and user != space.owner):
            # The Hub does not tell whether a Space is missing or private; 401 asks the anonymous to log in.
            status = 401 if user is None else 404
            raise Refused(status, "Repository not found", "RepoNotFound")
        if space.gated and user != space.owner:
            raise Refused(403, f"Access to space {name} is restricted", "GatedRepo")
        return space

    def _about(self, space: Space, asked: Asked, rest: list[str], user: str | None) -> Any:
        match asked.method, rest:
            case "GET", []:
                return space.info()
            case "GET", ["runtime"]:
                return space.runtime()
            case "POST", ["duplicate"]:
                return self._duplicate(space, asked.body, _known(user))
        if user != space.owner:
            raise Refused(403, "You don't have the required permissions")
        match asked.method, rest:
            case "POST", ["secrets"]:
                space.secrets[asked.body["key"]] = asked.body["value"]
            case "POST", ["variables"]:
                space.variables[asked.body["key"]] = asked.body["value"]
            case "POST", ["hardware"]:
                space.requested_hardware = asked.body["flavor"]
                space.sleep_time = asked.body.get("sleepTimeSeconds", space.sleep_time)
            case "POST", ["sleeptime"]:
                space.sleep_time = asked.body["seconds"]
            case "POST", ["restart"]:
                space.stages = ("BUILDING", "APP_STARTING", "RUNNING")
            case "POST", ["pause"]:
                space.stages = ("PAUSED",)
            case _:
                raise Refused(404, "Not found")
        return space.runtime()

    def _duplicate(self, space: Space, wish: Mapping[str, Any], user: str) -> dict[str, Any]:
        name = wish["repository"]
        if name in self.spaces:
            raise Refused(409, "You already created this space repo")
        if not name.startswith(f"{user}/"):
            raise Refused(403, f"You don't have the rights to create a space under {name}")
        self.spaces[name] = Space(
            id=name,
            host=space.host,
            stages=("BUILDING", "APP_STARTING", "RUNNING"),
            private=wish.get("visibility") == "private" or bool(wish.get("private")),
            title=space.title,
            hardware=wish.get("hardware", "cpu-basic"),
            sleep_time=wish.get("sleepTimeSeconds", space.sleep_time),
            secrets={entry["key"]: entry["value"] for entry in wish.get("secrets", [])},
            variables={entry["key"]: entry["value"] for entry in wish.get("variables", [])},
        )
        return {"url": f"{self.url}/spaces/{name}"}

    def _search(self, query: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        """Spaces by how many words of the question they mention."""
        words = query.get("q", [""])[0].lower().split()
        wanted = query.get("sdk")
        hits = []
        for space in self.spaces.values():
            text = f"{space.id} {space.title} {space.description}".lower()
            score = sum(word in text for word in words) / max(1, len(words))
            running = space.stages[0] in AT_WORK or "includeNonRunning" in query
            if score and running and not space.private and (not wanted or space.sdk in wanted):
                hits.append(space.found(score))
        return sorted(hits, key=lambda hit: (-hit["semanticRelevancyScore"], hit["id"]))


def _known(user: str | None) -> str:
    if user is None:
        raise Refused(401, "Invalid username or password.")
    return user


def _handler_of(hub: Hub) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            token = (self.headers.get("authorization") or "").removeprefix("Bearer ") or None
            asked = Asked(self.command, parts.path, token, json.loads(content) if content else None)
            hub.asked.append(asked)
            try:
                self._send(200, hub.answer(asked, parse_qs(parts.query)))
            except Refused as refused:
                headers = {"X-Error-Message": str(refused)}
                if refused.code:
                    headers["X-Error-Code"] = refused.code
                self._send(refused.status, {"error": str(refused)}, headers)

        do_GET = do_POST = do_DELETE = _handle

        def _send(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
