"""Progress bars of tqdm, in a terminal and in a notebook: the queue, the app's own bars, uploads and downloads."""

# A project that copied this file may hold it against strict type checkers, and have no tqdm.
# mypy: disable-error-code="import-not-found, import-untyped"
# pyright: reportMissingModuleSource=false, reportMissingImports=false, reportUnknownVariableType=false

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from .._status import Event, ProgressUnit, Status
from ..protocol.actions import Chunk
from ..protocol.observed import Observer
from ..protocol.status import status_after

LONGEST = 60  # characters of an app's words in a bar


@cache
def _tqdm() -> Any:
    """The bar of tqdm that fits where it is shown; None without tqdm."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm


def can_show() -> bool:
    """Whether somebody looks: a terminal, or a notebook, and tqdm is installed."""
    ipython = sys.modules.get("IPython")
    in_notebook = ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None
    return (in_notebook or bool(sys.stderr and sys.stderr.isatty())) and _tqdm() is not None


def _words(text: str) -> str:
    """An app's words on one line, without what moves a terminal's cursor."""
    clean = "".join(one if one.isprintable() else " " for one in text)
    return clean if len(clean) <= LONGEST else f"{clean[:LONGEST]}\N{HORIZONTAL ELLIPSIS}"


class CallBar(Observer):
    """One bar for one call; it leaves when the call is over."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = _words(endpoint)
        self._status = Status()
        self._bar: Any = None
        self._kind = ""

    def event(self, event: Event) -> None:
        """See `Observer`."""
        status = status_after(self._status, event)
        if status is self._status:
            return
        self._status = status
        if status.progress:
            self._unit(status.progress[-1])
        else:
            self._show("stage", None, 0, self._stage(status))

    def upload(self, sent: int, size: int) -> None:
        """So many bytes of the call's files are on their way."""
        self._show("upload", size or None, sent, f"{self._endpoint} upload", unit="B", unit_scale=True)

    def ended(self, error: BaseException | None) -> None:
        """See `Observer`."""
        if self._bar is not None:
            self._bar.close()

    def _stage(self, status: Status) -> str:
        text = f"{self._endpoint} {status.stage}"
        if status.position is not None:
            text += f", {status.position} before it"
        return text if status.eta is None else f"{text}, about {status.eta:.0f} s"

    def _unit(self, unit: ProgressUnit) -> None:
        words = f"{self._endpoint} {_words(unit.desc or '')}".strip()
        if unit.progress is not None and unit.length is None:
            self._show("share", 1, min(1.0, unit.progress), words, bar_format="{l_bar}{bar}| {elapsed}")
        else:
            self._show("units", unit.length, unit.index or 0, words, unit=_words(unit.unit or "it"))

    def _show(self, kind: str, total: float | None, done: float, words: str, **how: Any) -> None:
        if kind != self._kind:
            self.ended(None)
            self._kind, self._bar = kind, _tqdm()(total=total, leave=False, dynamic_ncols=True, **how)
        self._bar.total, self._bar.n = total, done
        self._bar.set_description_str(words, refresh=True)


class DownloadBar(Observer):
    """One bar for the bytes of a file."""

    def __init__(self, name: str, size: int | None) -> None:
        self._bar = _tqdm()(
            total=size, desc=_words(name), unit="B", unit_scale=True, leave=False, dynamic_ncols=True
        )

    def event(self, event: Event) -> None:
        """See `Observer`."""
        if isinstance(event, Chunk):
            self._bar.update(len(event.data))

    def ended(self, error: BaseException | None) -> None:
        """See `Observer`."""
        self._bar.close()
