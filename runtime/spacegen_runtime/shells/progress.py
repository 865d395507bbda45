"""Progress bars of tqdm, in a terminal and in a notebook: the queue, the app's own bars, uploads and downloads."""

# A project that contains a copy of this file may run strict type checkers, and may not have tqdm.
# mypy: disable-error-code="import-not-found, import-untyped"
# pyright: reportMissingModuleSource=false, reportMissingImports=false, reportUnknownVariableType=false

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

from .._status import Event, ProgressUnit, Status
from ..protocol.actions import Chunk, Partial
from ..protocol.observed import Observer
from ..protocol.status import status_after

LONGEST = 60  # characters of an app's words in a bar
# Without a total, `{bar}` is blank. It makes tqdm cut the line to the terminal: a wrapped line is never cleared.
STAGE = "{desc} [{elapsed}]{bar}"
AMOUNT = "{desc}: {n_fmt}{unit} [{elapsed}, {rate_fmt}]{bar}"


@cache
def _tqdm() -> Any:
    """The class of tqdm that suits the place (terminal or notebook); None without tqdm."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm


def can_show() -> bool:
    """Whether bars can be shown: in a terminal or a notebook, with tqdm installed."""
    ipython = sys.modules.get("IPython")
    in_notebook = ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None
    return (in_notebook or bool(sys.stderr and sys.stderr.isatty())) and _tqdm() is not None


def _words(text: str) -> str:
    """An app's text on one line, without characters that move a terminal's cursor."""
    clean = "".join(one if one.isprintable() else " " for one in text)
    return clean if len(clean) <= LONGEST else f"{clean[:LONGEST]}\N{HORIZONTAL ELLIPSIS}"


def _counted(unit: ProgressUnit) -> str:
    """One of the app's bars in words: `pages 3/10`, `pages 30%`."""
    words = _words(unit.desc or "")
    if unit.index is not None and unit.length is not None:
        return f"{words} {unit.index:g}/{unit.length:g}".lstrip()
    return words if unit.progress is None else f"{words} {unit.progress:.0%}".lstrip()


def _take_away(bar: Any) -> None:
    """Close a bar, and put the cursor back: tqdm leaves it behind the blanks that it wrote over a lower bar."""
    is_on_terminal = not (bar.disable or hasattr(bar, "container"))
    bar.close()
    if is_on_terminal:
        bar.fp.write("\r")
        bar.fp.flush()


class CallBar(Observer):
    """One bar for one call; it disappears when the call is over."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = _words(endpoint)
        self._status = Status()
        self._bar: Any = None
        self._kind = ""

    def event(self, event: Event) -> None:
        """See `Observer`."""
        if isinstance(event, Partial) and self._bar is not None:
            self._bar.clear()  # the caller may print the step, at the place of the bar
        status = status_after(self._status, event)
        if status is self._status or isinstance(event, Partial):
            return
        self._status = status
        if status.progress:
            self._units(status.progress)
        else:
            self._show("stage", None, 0, f"{self._endpoint} {status}", bar_format=STAGE)

    def upload(self, sent: int, size: int) -> None:
        """Show how many bytes of the call's files have been sent."""
        self._show("upload", size or None, sent, f"{self._endpoint} upload", unit="B", unit_scale=True)

    def ended(self, error: BaseException | None) -> None:
        """See `Observer`."""
        if self._bar is not None:
            _take_away(self._bar)

    def _units(self, units: Sequence[ProgressUnit]) -> None:
        """The app's innermost bar as a bar, and the outer ones as text."""
        *around, unit = units
        words = ", ".join(filter(None, [*map(_counted, around), _words(unit.desc or "")]))
        words = f"{self._endpoint} {words}".rstrip()
        if unit.length is not None and unit.length > 0:
            done = min(unit.length, max(0, unit.index or 0))
            name = _words(unit.unit or "it")
            self._show(f"units {len(units)} {name}", unit.length, done, words, unit=name)
        elif unit.progress is not None:
            share = min(1.0, max(0.0, unit.progress))
            self._show("share", 1, share, words, bar_format="{l_bar}{bar}| {elapsed}")
        elif unit.index is not None:
            self._show("open", None, unit.index, words, unit=_words(unit.unit or "it"))
        else:
            self._show("words", None, 0, words, bar_format=STAGE)

    def _show(self, kind: str, total: float | None, done: float, words: str, **how: Any) -> None:
        if kind == self._kind:
            self._bar.total, self._bar.n = total, done
            self._bar.set_description_str(words, refresh=True)
            return
        self.ended(None)
        how.setdefault("bar_format", AMOUNT if total is None else None)
        self._kind = kind
        self._bar = _tqdm()(total=total, initial=done, desc=words, leave=False, dynamic_ncols=True, **how)


class DownloadBar(Observer):
    """One bar for the bytes of a file."""

    def __init__(self, name: str, size: int | None) -> None:
        how = {"unit": "B", "unit_scale": True, "bar_format": None if size else AMOUNT}
        self._bar = _tqdm()(total=size or None, desc=_words(name), leave=False, dynamic_ncols=True, **how)

    def event(self, event: Event) -> None:
        """See `Observer`."""
        if isinstance(event, Chunk):
            self._bar.update(len(event.data))

    def ended(self, error: BaseException | None) -> None:
        """See `Observer`."""
        _take_away(self._bar)
