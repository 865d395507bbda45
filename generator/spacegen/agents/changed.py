"""Whether Spaces still match the descriptions in their packages, so that no value goes to a wrong parameter."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from spacegen import ir
from spacegen.agents.catalogue import Tool
from spacegen.drift.change import Change, told
from spacegen.drift.reading import explained, read
from spacegen.fetching.access import Access
from spacegen.loading import Package
from spacegen.packages.read_manifest import load_manifest
from spacegen.text import printable, shorten

ASK_AGAIN = 1.0  # seconds during which a Space is not asked again
_READ_AGAIN = 60.0  # seconds until a Space is read again that could not be read, or does not report restarts
_MOST = 64  # processes of one Space whose documents are remembered: a Space may run in several at once
_HARMLESS = frozenset(
    ("function-renamed", "result-renamed", "parameter-keyword-only", "parameter-required", "parameter-narrowed")
)
"""Changes that break code which imports the package, but not a call of a tool.

The first three are about names in Python, a removed default is sent as the tool's description has it, and the app
itself refuses values that it no longer takes.
"""
_NOTE = (
    "\nThe Space has changed a little since this tool was described. The user can update it: "
    "run `spacegen update`, then restart this server."
)

_log = logging.getLogger(__name__)


class SpacesToday:
    """The Spaces of several packages as they are now. A Space is read again when its app has been restarted."""

    def __init__(self, timeout: float | None) -> None:
        """Remember how many seconds an app may take to answer; None is no limit."""
        self._timeout = timeout
        self._of: dict[int, _Today] = {}

    async def check(self, tool: Tool) -> None:
        """Return if a call of the tool still means what its description says.

        Raises:
            spacegen_runtime.errors.EndpointChanged: It does not; nothing was sent.
            spacegen_runtime.errors.SpaceError: The Space does not answer.
        """
        today = self._today(tool)
        await today.look()
        wrong = [change for change in _about(tool, today.changes) if _goes_wrong(change)]
        if wrong:
            message = f"the Space has changed since this tool was described: {_listed(wrong)}"
            raise tool.package.runtime.errors.EndpointChanged(message, endpoint=str(tool.endpoint.key))

    def process(self, tool: Tool) -> str:
        """Return which process of the app answered last."""
        return self._today(tool).process

    def note(self, tool: Tool) -> str:
        """Return the text to add to an error of a call: that the Space has changed, if that is known."""
        changes = _about(tool, self._today(tool).changes)
        return "" if any(map(_goes_wrong, changes)) or not changes else _NOTE

    def _today(self, tool: Tool) -> _Today:
        return self._of.setdefault(id(tool.package.module), _Today(tool.package, tool.tools, self._timeout))


@dataclass(slots=True)
class _Known:
    """What is known of one process of an app."""

    changes: tuple[Change, ...]
    until: float


class _Today:
    """One Space."""

    def __init__(self, package: Package, tools: Any, timeout: float | None) -> None:
        self.changes: tuple[Change, ...] = ()
        self.process = ""
        self._package = package
        self._tools = tools
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._asked = -inf
        self._processes: OrderedDict[str, _Known] = OrderedDict()

    async def look(self) -> None:
        """Ask which process answers, and read its documents if they are not known yet."""
        async with self._lock:
            if monotonic() - self._asked < ASK_AGAIN:
                return
            process = await self._tools.process_of(self._package.module.space, timeout=self._timeout)
            known = self._processes.pop(process, None)
            if known is None or known.until < monotonic():
                known = await asyncio.to_thread(self._compared)
                known.until = known.until if process else monotonic() + _READ_AGAIN
            self._processes[process] = known
            while len(self._processes) > _MOST:
                self._processes.popitem(last=False)
            self.changes, self.process, self._asked = known.changes, process, monotonic()

    def _compared(self) -> _Known:
        """Compare the package with its Space; if the Space cannot be read, this is tried again later."""
        space = self._package.module.space
        source = str(space.server.hub_id or space.server.base)
        folder = Path(str(self._package.module.__file__)).parent
        access = Access(auth=space.options.auth, headers=space.options.headers, origin=source)
        try:
            reading = read(folder, replace(load_manifest(folder), source=source), access)
        except Exception as error:
            _log.info("%s cannot be compared with its package: %s", source, explained(error))
            return _Known((), monotonic() + _READ_AGAIN)
        if reading.doubt:
            _log.info("%s cannot be compared with its package: %s", source, reading.doubt)
            return _Known((), monotonic() + _READ_AGAIN)
        return _Known(reading.changes, inf)


def _about(tool: Tool, changes: Sequence[Change]) -> list[Change]:
    """The changes that matter to a call of the tool."""
    if not changes:
        return []
    endpoint, models = tool.endpoint, {str(model.name): model for model in tool.package.space.models}
    types = (*(one.type for one in endpoint.parameters), *(one.type for one in endpoint.outputs))
    names = {str(node.name) for node in ir.walk(types, models) if isinstance(node, ir.ModelRef)}
    return [
        change
        for change in changes
        if change.level != "cosmetic"
        and (change.endpoint == str(endpoint.key) if change.endpoint else change.symbol in names)
    ]


def _goes_wrong(change: Change) -> bool:
    return change.level == "breaking" and change.kind not in _HARMLESS


def _listed(changes: Sequence[Change]) -> str:
    return "; ".join(shorten(printable(told(replace(one, endpoint=None))), 300) for one in changes[:20])
