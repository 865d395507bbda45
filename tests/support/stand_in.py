"""The apps of `tests/apps` behind the fake server instead of behind Gradio's own.

The functions and the components are the app's; routes, messages, sessions, files and refusals are the fake's. It
speaks as any Gradio version does, but the components are those of the version that is installed here.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
import warnings
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.state_holder import SessionState
from spacegen import ir
from spacegen.fetching.documents import Documents, Fetched, Provenance
from spacegen.ir.types import PackageName
from spacegen.packages.manifest import manifest_text
from spacegen.reading.parse import parse
from spacegen_runtime.protocol.actions import Log, Progressed, ProgressUnit
from spacegen_runtime.protocol.server import Server
from spacegen_runtime.testing._offer import Offer
from spacegen_runtime.testing._refusals import refusal
from spacegen_runtime.testing._script import JobFailed, Part, Script, Step
from spacegen_runtime.testing._server import Called, FakeServer
from spacegen_runtime.testing._transport import InProcess
from spacegen_runtime.testing._values import ResultEncoder
from spacegen_runtime.testing._wire import Run, WaitForAny

from support.servers import APPS

BASE = "http://stand-in.invalid"


class App:
    """An app, and what a package would remember of it."""

    def __init__(self, name: str) -> None:
        with warnings.catch_warnings():  # what Gradio does while it makes an app is not ours to judge
            warnings.simplefilter("ignore")
            self.demo: Any = _built(name)
            gc.collect()
        config = {**self.demo.get_config_file(), "protocol": "sse_v3", "api_prefix": "/gradio_api"}
        documents = Documents(config=config, info=self.demo.get_api_info(all_endpoints=True))
        fetched = Fetched(documents=documents, provenance=Provenance(source=name))
        space, _ = parse(fetched, PackageName("stand_in"))
        self.manifest: dict[str, Any] = _manifest(space)
        self.manifest["space"]["url"] = BASE

    def speaking(self, version: str, prefix: str, protocol: str) -> Offer:
        """What it offers, in the words of a Gradio version."""
        said = {"gradio": version, "prefix": prefix, "protocol": protocol}
        return Offer({**self.manifest, "space": {**self.manifest["space"], **said}})


def _built(name: str) -> Any:
    sys.path.insert(0, str(APPS))
    try:
        return asyncio.run(_build(name))
    finally:
        sys.path.remove(str(APPS))


async def _build(name: str) -> Any:
    """In a loop that runs: outside of one Gradio makes some of its own, and leaves them open."""
    # Under a name that no package has which a test writes and imports.
    demo: Any = importlib.import_module(f"apps.{name}").build()
    demo.queue()
    return demo


def _manifest(space: ir.Space) -> dict[str, Any]:
    import json

    made: dict[str, Any] = json.loads(manifest_text(space, {}, source="", options={}, version=""))
    return made


app = cache(App)


class StandIn:
    """A server for one test."""

    def __init__(self, name: str, version: str, prefix: str, protocol: str) -> None:
        self._app = app(name)
        self.offer = self._app.speaking(version, prefix, protocol)
        self.fake = FakeServer(self.offer, self._play)
        self._encoder = ResultEncoder(self.fake.store, self.offer.dialect, BASE + prefix)
        self._sessions: dict[str, SessionState] = {}
        self.server = Server(BASE, prefix=prefix, protocol=protocol)
        self.server.client_options = {"transport": InProcess(self.fake.serve), "trust_env": False}

    def _play(self, called: Called) -> Script:
        refused = refusal(self.offer.dialect, called.offered, called.data)
        if refused is not None:
            yield from ()
            raise refused
        yield from ASIDE.get(called.offered.key, _nothing)(called.data)
        last: list[Any] = []
        iterator = None
        while True:
            future = yield Run(partial(self._process, called, iterator), awaited=True)
            yield WaitForAny((future,))
            try:
                result = future.result()
            except gr.Error as error:
                title = None if error.title == "Error" else error.title
                raise JobFailed(str(error.message), title) from None
            except Exception:
                raise JobFailed(None) from None
            iterator = result["iterator"]
            if not result["is_generating"]:
                return last if last and called.offered.generator else self._sent(result["data"])
            last = self._sent(result["data"])
            yield Step(last)

    async def _process(self, called: Called, iterator: Any) -> dict[str, Any]:
        demo = self._app.demo
        state = self._sessions.setdefault(called.session_hash, SessionState(demo))
        data = _on_disk(self.fake, called.data)
        if called.offered.key == "/log":
            return {"data": data, "is_generating": False, "iterator": None}
        function = demo.fns[called.offered.number]
        if function.batch:
            data = [[value] for value in data]
        answer: dict[str, Any] = await demo.process_api(
            function, data, state=state, iterator=iterator, simple_format=True
        )
        if function.batch:
            answer["data"] = [values[0] for values in answer["data"]]
        return answer

    def _sent(self, value: Any) -> Any:
        """Outputs as a server sends them: their files are kept by the fake."""
        if isinstance(value, list):
            return [self._sent(item) for item in value]
        if hasattr(value, "model_dump"):
            return self._sent(value.model_dump())
        if not isinstance(value, dict):
            return value
        if value.get("path") and "meta" in value:
            if str(value["path"]).startswith("http"):
                return value
            kept = self._encoder.keep(value.get("orig_name") or "", Path(value["path"]).read_bytes())
            return {**kept, "orig_name": value.get("orig_name")}
        return {key: self._sent(item) for key, item in value.items()}


def _on_disk(fake: FakeServer, value: Any) -> Any:
    """Inputs whose files lie where Gradio's components look for them."""
    if isinstance(value, list):
        return [_on_disk(fake, item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = fake.store.get(str(value.get("path")))
    if kept is not None:
        path = Path(str(value["path"]))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(kept.content)
    return {key: _on_disk(fake, item) for key, item in value.items()}


def _nothing(_: list[Any]) -> list[Part]:
    return []


# What these functions say beside their results goes through Gradio's own queue, which is not here.
ASIDE: dict[str | int, Callable[[list[Any]], list[Part]]] = {
    "/log": lambda data: [Log(f"about {data[0]}"), Log(f"careful with {data[0]}", "warning")],
    "/progress": lambda data: [Progressed((ProgressUnit("Step 3", None, 3, data[0], "steps"),))],
}
