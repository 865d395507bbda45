"""Flows with observers: the log, callbacks, a progress bar. Pure.

Observers change nothing in what the flow does, but for an error of their own: it ends the flow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from time import monotonic
from typing import Any

from .._status import Event, Log, Status
from .actions import Action, CallerGone, Finished, Flow
from .status import status_after


class Observer:
    """Sees what a flow does; its methods do nothing unless a subclass overrides them."""

    def event(self, event: Event) -> None:
        """The flow has given this event to its caller."""

    def answered(self, action: Action, answer: Any, seconds: float) -> None:
        """An action was performed; `answer` is an exception if it failed."""

    def ended(self, error: BaseException | None) -> None:
        """The flow is over. If it was abandoned, the error is a GeneratorExit."""


def observed(flow: Flow[None], observers: Sequence[Observer]) -> Flow[None]:
    """The same flow, with observers."""
    return _seen(flow, observers) if observers else flow


def _seen(flow: Flow[None], observers: Sequence[Observer]) -> Flow[None]:
    answer: Any = None
    failed: BaseException | None = None
    # An observer's error: the flow cleans up as if its caller had left, and then the error is raised.
    own: BaseException | None = None
    finished = False  # a shell may stop after the result
    try:
        while True:
            action = flow.send(answer) if failed is None else flow.throw(failed)
            answer, failed, began = None, None, monotonic()
            finished = finished or isinstance(action, Finished)
            try:
                _tell(observers, action)
            except BaseException as error:
                own, failed = error, CallerGone()
                continue
            try:
                answer = yield action
            except GeneratorExit:
                flow.close()
                raise
            except BaseException as error:  # the flow handles the error
                failed = error
            try:
                _tell_answer(observers, action, failed or answer, monotonic() - began)
            except BaseException as error:
                own, failed = error, CallerGone()
    except StopIteration:
        _end(observers, own)
    except BaseException as error:
        _end(observers, None if finished else own or error)
        if own is None:
            raise
    if own is not None:
        try:
            raise own
        finally:
            del own  # it refers to this frame


def _tell(observers: Sequence[Observer], action: Action) -> None:
    if isinstance(action, Event):
        for one in observers:
            one.event(action)


def _tell_answer(observers: Sequence[Observer], action: Action, answer: Any, seconds: float) -> None:
    for one in observers:
        one.answered(action, answer, seconds)


def _end(observers: Sequence[Observer], error: BaseException | None) -> None:
    with ExitStack() as each:  # so that the error of one does not keep it from the others
        for one in reversed(observers):
            each.callback(one.ended, error)


class Callbacks(Observer):
    """Calls back with each new status and each message of the app."""

    def __init__(
        self, on_progress: Callable[[Status], object] | None, on_log: Callable[[Log], object] | None
    ) -> None:
        self._on_progress = on_progress
        self._on_log = on_log
        self._status = Status()

    def event(self, event: Event) -> None:
        """See `Observer`."""
        if isinstance(event, Log) and self._on_log is not None:
            self._on_log(event)
        self._set(status_after(self._status, event))

    def ended(self, error: BaseException | None) -> None:
        """See `Observer`."""
        from ..errors import CallCancelled, SpaceError

        failed = isinstance(error, SpaceError) and not isinstance(error, CallCancelled)
        self._set(self._status.ended("done" if error is None else "failed" if failed else "cancelled"))

    def _set(self, status: Status) -> None:
        if status is not self._status:
            self._status = status
            if self._on_progress is not None:
                self._on_progress(status)
