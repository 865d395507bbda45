"""Flows with observers: the log, callbacks, a progress bar. Observers never change what the flow does. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from .._status import Event, Log, Status
from .actions import Action, Finished, Flow
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
    finished = False  # a shell may stop after the result
    try:
        while True:
            action = flow.send(answer) if failed is None else flow.throw(failed)
            answer, failed, began = None, None, monotonic()
            if isinstance(action, Event):
                finished = finished or isinstance(action, Finished)
                for one in observers:
                    one.event(action)
            try:
                answer = yield action
            except GeneratorExit:
                flow.close()
                raise
            except BaseException as error:  # the flow handles the error
                failed = error
            for one in observers:
                one.answered(action, failed or answer, monotonic() - began)
    except StopIteration:
        _end(observers, None)
    except BaseException as error:
        _end(observers, None if finished else error)
        raise


def _end(observers: Sequence[Observer], error: BaseException | None) -> None:
    for one in observers:
        one.ended(error)


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
