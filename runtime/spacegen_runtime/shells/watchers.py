"""The observers of a call: the log, callbacks and a bar, as its options say."""

from __future__ import annotations

from dataclasses import replace
from logging import INFO

from .._options import Options
from ..protocol.observed import Callbacks, Observer
from .log import CallLog, logger


def watched(options: Options, endpoint: str) -> tuple[Options, list[Observer]]:
    """The observers of a call, and its options with the callbacks that the observers need.

    Args:
        options: The settings of the call.
        endpoint: Its name.
    """
    observers: list[Observer] = []
    log = logger()
    if log.isEnabledFor(INFO):
        observers.append(CallLog(log, endpoint))
    if options.on_progress is not None or options.on_log is not None:
        observers.append(Callbacks(options.on_progress, options.on_log))
    if options.progress:
        options = _with_bar(options, endpoint, observers)
    return options, observers


def _with_bar(options: Options, endpoint: str, observers: list[Observer]) -> Options:
    from .progress import CallBar, can_show

    if not can_show():
        return options
    bar, own = CallBar(endpoint), options.on_upload
    observers.append(bar)

    def upload(sent: int, size: int) -> None:
        bar.upload(sent, size)
        if own is not None:
            own(sent, size)

    return replace(options, on_upload=upload)


def downloading(options: Options, name: str, size: int | None) -> list[Observer]:
    """The observers of a download."""
    if not options.progress:
        return []
    from .progress import DownloadBar, can_show

    return [DownloadBar(name, size)] if can_show() else []
