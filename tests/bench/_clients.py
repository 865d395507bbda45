"""The three contestants: a generated package, gradio_client, and httpx as one would write it by hand."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

AT_ONCE = 20
"""The calls at once with which plain asyncio httpx is fastest: more are slower on both sides, and a bound of the
pool's own is slower than a semaphore, for httpx looks through all who wait whenever a connection is free."""


def quiet() -> None:
    """Keep gradio_client from reporting home, and everybody from proxies.

    And let processes write byte code, where this one may not: pip writes it for what it installs, and Python at
    the first import of a package that lies in a repository.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", NO_PROXY="*")


def generate(source: str, folder: Path, name: str) -> None:
    """Run `spacegen` as a user does."""
    command = [sys.executable, "-m", "spacegen", source, "-o", str(folder), "--name", name]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)


@contextmanager
def package(source: str, name: str) -> Iterator[ModuleType]:
    """A generated package, imported; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="spacegen-bench-") as folder:
        generate(source, Path(folder), name)
        sys.path.insert(0, folder)
        try:
            yield importlib.import_module(name)
        finally:
            sys.path.remove(folder)


def gradio_client(url: str) -> Any:
    """The peer, connected."""
    from gradio_client import Client

    return Client(url, verbose=False)


class Raw:
    """Two requests over one pooled connection: the least that a queued call takes.

    Args:
        url: The app.
        prefix: Of its API.
        reuse: One session hash for all calls, instead of one for each.
    """

    def __init__(self, url: str, prefix: str = "/gradio_api", *, reuse: bool = False) -> None:
        self.client = httpx.Client(base_url=url + prefix, trust_env=False, timeout=600)
        self._kept = uuid.uuid4().hex if reuse else None

    @property
    def session(self) -> str:
        """The session hash of the next call."""
        return self._kept or uuid.uuid4().hex

    def call(self, name: str, *data: Any) -> Any:
        """The outputs of a call."""
        return self.steps(name, *data)[-1]

    def steps(self, name: str, *data: Any) -> list[Any]:
        """What every step of a call gave."""
        session = self.session
        body = {"data": data, "session_hash": session}
        self.client.post(f"/call/{name}", json=body).raise_for_status()
        with self.client.stream("GET", "/queue/data", params={"session_hash": session}) as stream:
            return list(_outputs(stream.iter_bytes()))

    def run(self, name: str, *data: Any) -> Any:
        """The outputs of an unqueued call."""
        answer = self.client.post(f"/run/{name}", json={"data": data, "session_hash": self.session})
        return answer.raise_for_status().json()["data"]


class AsyncRaw:
    """The same in asyncio; every call has a session hash of its own."""

    def __init__(self, url: str, prefix: str = "/gradio_api") -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=AT_ONCE)
        self.client = httpx.AsyncClient(base_url=url + prefix, trust_env=False, timeout=600, limits=limits)
        self.places = asyncio.Semaphore(AT_ONCE)

    async def call(self, name: str, *data: Any) -> Any:
        """The outputs of a call."""
        async with self.places:
            session = uuid.uuid4().hex
            body = {"data": data, "session_hash": session}
            (await self.client.post(f"/call/{name}", json=body)).raise_for_status()
            async with self.client.stream("GET", "/queue/data", params={"session_hash": session}) as stream:
                return await _last_output(stream.aiter_bytes())


def _outputs(pieces: Iterator[bytes]) -> Iterator[Any]:
    """Outputs of the messages in a stream, read to its end: else the connection cannot be used again."""
    buffer = b""
    for piece in pieces:
        *events, buffer = (buffer + piece).split(b"\n\n")
        for event in events:
            message = json.loads(event[len(b"data:") :])
            if "output" in message:
                yield message["output"]["data"]


async def _last_output(pieces: AsyncIterator[bytes]) -> Any:
    whole = [piece async for piece in pieces]
    return list(_outputs(iter(whole)))[-1]
