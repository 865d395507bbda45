"""What `spacegen call` shows on standard error: the queue, progress, and messages of the app."""

from __future__ import annotations

import sys
import time
import warnings
from types import TracebackType
from typing import TYPE_CHECKING, Any

from spacegen.calling.result import Printer
from spacegen.screen.terminal import console, note, visible
from spacegen.text import plain

if TYPE_CHECKING:
    from rich.console import RenderableType

_TENTHS = 10
_WORTH_TELLING = 1_000_000


class Status:
    """Follows a job: prints news as plain lines, and steps through the printer.

    Args:
        printer: Prints steps and the result.
        streams: Print steps as they come; otherwise the result alone.
    """

    def __init__(self, printer: Printer, *, streams: bool) -> None:
        self._printer = printer
        self._streams = streams
        self._steps = 0
        self._logs = 0
        self._told = ""
        self._uploaded = (0, 0)
        self._warnings = warnings.catch_warnings()

    def __enter__(self) -> Status:
        # Warnings of the runtime about a result are shown; other libraries' warnings are for programmers and are
        # not shown.
        self._warnings.__enter__()
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = lambda message, *_, **__: self.note(f"warning: {message}", colour="yellow")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._warnings.__exit__(kind, error, trace)

    def update(self, job: Any) -> None:
        """Show what is new about a job."""
        for log in job.logs[self._logs :]:
            self._logs += 1
            self.note(_log(log), colour="yellow" if log.level == "warning" else None)
        if self._streams:
            steps = job.outputs()
            for step in steps[self._steps :]:
                self.make_room()
                self._printer.step(step)
            self._steps = len(steps)
        self.show(job.status())

    def finish(self, result: Any, *, nothing: bool = False) -> None:
        """Print the result, unless it was the last step or there is nothing to print."""
        self.stop()
        if self._steps:
            self._printer.close()
        elif not nothing:
            self._printer.result(result)

    def options(self) -> dict[str, Any]:
        """Return options for `space.configure` whose callbacks report waiting and uploading."""
        return {"on_stage": self.stage, "on_upload": self.uploaded}

    def note(self, text: str, *, colour: str | None = None) -> None:
        """Say something once."""
        note(text, colour=colour)

    def stage(self, stage: str) -> None:
        """Show the state of a Space that the call waits for."""
        self.note(f"the Space is {stage.replace('_', ' ').lower()}; waiting")

    def uploaded(self, sent: int, size: int) -> None:
        """Record how much of the files was sent; called from another thread."""
        self._uploaded = (sent, size)

    def saving(self, file: Any) -> None:
        """Show that a file of the result is fetched; plain lines do not, because its path is printed later."""

    def show(self, status: Any) -> None:
        """Show how the job is doing."""
        words, gist = self._words(status), _gist(status)
        if words not in ("", "running") and gist != self._told:
            self._told = gist
            self.note(words)

    def make_room(self) -> None:
        """Clear the changing line, so that standard output can be written."""

    def stop(self) -> None:
        """Print nothing more to standard error."""

    def _words(self, status: Any) -> str:
        match status.stage:
            case "sending":
                return _sending(*self._uploaded)
            case "queued" if status.position is not None:
                return _place(status)
            case "running" if status.progress:
                return ", ".join(filter(None, map(_unit, status.progress))) or "running"
            case "running":
                return "running"
            case _:
                return ""


class LiveStatus(Status):
    """The same on a terminal: a changing area with bars."""

    def __init__(self, printer: Printer, *, streams: bool) -> None:
        super().__init__(printer, streams=streams)
        from rich.live import Live

        self._since = time.monotonic()
        self._live = Live(
            console=console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def note(self, text: str, *, colour: str | None = None) -> None:
        """Print something above the changing area."""
        from rich.text import Text

        if self._live.is_started:
            self._live.console.print(Text(f"spacegen: {visible(text)}", style=colour or ""))
        else:
            super().note(text, colour=colour)

    def show(self, status: Any) -> None:
        """Show how the job is doing."""
        if self._live.is_started:
            self._live.update(self._picture(status))

    def saving(self, file: Any) -> None:
        """Show that a file of the result is fetched."""
        from rich.spinner import Spinner
        from rich.text import Text

        size = f", {file.size / 1e6:.1f} MB" if file.size and file.size >= _WORTH_TELLING else ""
        if self._live.is_started:
            self._live.update(Spinner("dots", Text(f"saving {visible(file.name)}{size}")), refresh=True)

    def make_room(self) -> None:
        """Remove the changing area if steps are printed on the same screen."""
        if sys.stdout.isatty():
            self._live.stop()

    def stop(self) -> None:
        """Remove the changing area."""
        self._live.stop()

    def _picture(self, status: Any) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        seconds = f"{time.monotonic() - self._since:.0f} s"
        grid = Table.grid(padding=(0, 1))
        bars = [unit for unit in status.progress if _share(unit) is not None]
        for unit in bars:
            bar = ProgressBar(total=1.0, completed=_share(unit) or 0.0, width=30)
            grid.add_row(bar, Text(visible(_unit(unit))), Text(seconds, style="dim"))
        if not bars:
            grid.add_row(Text(visible(self._words(status) or "starting")), Text(seconds, style="dim"))
        return grid


def _log(log: Any) -> str:
    title = plain(log.title)
    own = title and title.lower() != log.level  # Gradio's default title only repeats the level
    return ": ".join([plain(log.level), *([title] if own else []), plain(log.message)])


def _place(status: Any) -> str:
    jobs = "1 job" if status.position == 1 else f"{status.position} jobs"
    words = f"queued behind {jobs}" if status.position else "next in the queue"
    if not status.eta or status.eta < 1:
        return words if status.position else ""
    return f"{words}, about {status.eta:.0f} s"


def _unit(unit: Any) -> str:
    words = plain(unit.desc)
    if unit.index is not None and unit.length is not None:
        words += f" {unit.index:g}/{unit.length:g} {plain(unit.unit)}".rstrip()
    elif unit.progress is not None:
        words += f" {unit.progress:.0%}"
    return words.strip()


def _share(unit: Any) -> float | None:
    if unit.length and unit.index is not None:
        return float(unit.index) / float(unit.length)
    return None if unit.progress is None else float(unit.progress)


def _sending(sent: int, size: int) -> str:
    return f"sending {sent / 1e6:.1f} of {size / 1e6:.1f} MB" if size >= _WORTH_TELLING else ""


def _gist(status: Any) -> str:
    """Return the part of a status whose change is worth a new line, such as the place in the queue."""
    tenths = [f"{plain(unit.desc)} {int(_TENTHS * (_share(unit) or 0))}" for unit in status.progress]
    return f"{status.stage} {status.position} {tenths}"
