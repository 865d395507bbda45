"""`recorded`: real answers once, and the same ones ever after."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, closing, nullcontext
from functools import partial
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Literal

from .. import errors
from .._json import as_dict, as_list
from ..calls.session import Session
from ..calls.space import Space
from ..protocol.actions import Finished, Log, Partial, Progressed, ProgressUnit
from ..protocol.server import Server
from ..protocol.wire import Access
from ..shells.blocking import events
from ..values.file_data import FileData
from . import _failures
from ._book import Book, Entry, key_of
from ._fake import FakeSpace
from ._guard import allow_real
from ._live import Live, raw_endpoint
from ._offer import Offered
from ._script import Part, Script, Step
from ._server import Called
from ._values import with_files
from ._wire import AnyFuture, Run, WaitForAny

Mode = Literal["once", "none", "all", "new"]
MODES = ("once", "none", "all", "new")
KEPT: tuple[type[errors.SpaceError], ...] = (errors.AppError, errors.InputRefused, errors.QuotaExceeded)
"""Errors that are answers of the app, and so recorded; any other concerns the one call in which it happened."""
FIELDS = ("title", "hidden", "problems", "requested", "left", "retry_after")
PASSED_ON = ("x-hf-authorization", "authorization", "x-ip-token")


class RecordedSpace(FakeSpace):
    """A Space whose answers come from a recording; use it as `with recorded(package, path):`."""

    def __init__(
        self,
        package: ModuleType | Space,
        path: str | os.PathLike[str],
        mode: Mode,
        auth: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(package, auth=auth)
        if mode not in MODES:
            raise errors.ConfigurationError(f"mode must be one of {', '.join(map(repr, MODES))}, not {mode!r}")
        self._book = Book(Path(path))
        there = self._book.path.exists()
        if mode == "none" and not there:
            raise errors.ConfigurationError(f'there is no recording {path}; make it with mode="once"')
        if there and mode != "all":
            self._book.load()
        self._mode = mode
        self._records = mode in ("new", "all") or (mode == "once" and not there)
        self._changed = False
        self._writing = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._real = Space(
            self._space.id,
            url=self._space.url,
            prefix=self._offer.dialect.prefix,
            protocol=self._offer.dialect.protocol,
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            session.end()
        self._sessions.clear()
        try:
            super().__exit__(kind, error, trace)
        finally:
            if self._changed:
                self._book.save(self._space.package or self._space.id, self._offer.dialect.version)

    def _take_over(self, space: Space, stack: ExitStack) -> None:
        def stand_in(make: Callable[[], Server]) -> Server:
            if self._records:
                real = make()
                stack.enter_context(self._real.standing_in(lambda _: real))
            return self._server

        options = space.options
        stack.enter_context(space.standing_in(stand_in))
        assert space.server is self._server  # while what makes the real one is at hand
        if self._records:
            self._real._options = options  # pyright: ignore[reportPrivateUsage] # of the same distribution
            stack.enter_context(allow_real(self._real))

    def _otherwise(self, called: Called) -> Script:
        arguments = self._described(called)
        key = key_of(str(called.offered.key), arguments)
        with self._writing:
            known = None if self._mode == "all" else self._book.take(key)
        if known is not None:
            return self._replay(called.offered, known)
        if not self._records:
            raise self._missing(called.offered, arguments, key)
        return self._record(called, arguments)

    def _described(self, called: Called) -> dict[str, Any]:
        """The arguments of a call as a recording has them."""

        def file(wire: dict[str, Any]) -> Any:
            kept = self._fake.store.get(str(wire.get("path") or wire.get("name")))
            if kept is None:
                return {"url": wire.get("url") or wire.get("path")}
            return {"file": kept.name, "sha256": hashlib.sha256(kept.content).hexdigest()}

        return {name: with_files(value, file) for name, value in called.arguments().items()}

    def _missing(self, offered: Offered, arguments: Mapping[str, Any], key: str) -> errors.NotRecorded:
        nearest = self._book.nearest(str(offered.key), key)
        if nearest is None:
            what = "at all"
        else:
            what = f"with {_shown(arguments)}; the nearest is with {_shown(nearest.arguments)}"
        advice = 'Record it: recorded(..., mode="new"), or `pytest --spacegen-record=new`'
        return errors.NotRecorded(f"{self._book.path} has no call of {offered.key} {what}. {advice}")

    def _replay(self, offered: Offered, entry: Entry) -> Script:
        try:
            parts = [self._part(offered, said) for said in entry.happened]
            failure = None if entry.error is None else _error_of(entry.error)
            return _played(parts, failure, offered.full(self._unkept(entry.result or [])))
        except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise errors.NotRecorded(
                f"{self._book.path}: a call of {offered.key} is damaged there ({error!r}); record it again"
            ) from error

    def _part(self, offered: Offered, said: Mapping[str, Any]) -> Part:
        if "step" in said:
            return Step(offered.full(self._unkept(said["step"])))
        if "log" in said:
            return Log(said["log"], said["level"], said.get("title"))
        return Progressed(tuple(ProgressUnit(**unit) for unit in said["progress"]))

    def _unkept(self, value: Any) -> Any:
        """JSON of a recording as a server sends it: its files are kept by the fake."""
        if isinstance(value, list):
            return [self._unkept(item) for item in as_list(value)]
        if not isinstance(value, dict):
            return value
        fields = as_dict(value)
        if set(fields) == {"file", "kept"}:
            return self._encoder.keep(fields["file"], self._book.kept(fields["kept"]))
        return {name: self._unkept(item) for name, item in fields.items()}

    def _record(self, called: Called, arguments: dict[str, Any]) -> Script:
        entry = Entry(str(called.offered.key), arguments, called.offered.digest)
        live = Live(entry)
        future: AnyFuture = yield Run(partial(self._call, called, live))
        try:
            yield from self._as_it_comes(called.offered, live, future)
        finally:
            live.is_left = True
        failure: errors.SpaceError | None = future.result()
        if failure is None or isinstance(failure, KEPT):
            with self._writing:
                self._book.add(entry)
                self._changed = True
        if failure is not None:
            raise failure
        return called.offered.full(self._unkept(entry.result or []))

    def _as_it_comes(self, offered: Offered, live: Live, future: AnyFuture) -> Generator[Part, Any, None]:
        """Hand on what happens in the real call while it happens."""
        told = 0
        while True:
            news, over = live.news, future.done()  # before looking, so that nothing comes unseen in between
            while told < len(live.entry.happened):
                yield self._part(offered, live.entry.happened[told])
                told += 1
            if over:
                return
            yield WaitForAny((future, news))

    def _call(self, called: Called, live: Live) -> errors.SpaceError | None:
        """Make the real call, and write down what happens; returns the error that it ends with."""
        offered, entry = called.offered, live.entry
        session = self._session(called) if offered.stateful else nullcontext()
        headers = {name: called.headers[name] for name in PASSED_ON if name in called.headers}
        target = raw_endpoint(self._real, offered).with_options(headers=headers)
        with session:
            start = target._start(target._describe(*self._given(called)), steps=True)  # pyright: ignore[reportPrivateUsage]
            try:
                with closing(events(start.server, start.flow)) as happening:
                    for event in happening:
                        if live.is_left:  # leaving the events cancels the job on the real server, too
                            break
                        self._note(entry, event, Access(start.server, self._real.options))
                        live.tell()
            except errors.SpaceError as error:
                entry.error = {"kind": type(error).__name__, "message": str(error.args[0])}
                entry.error |= {name: getattr(error, name) for name in FIELDS if name in error.__dict__}
                return error
        return None

    def _session(self, called: Called) -> Session:
        with self._writing:
            return self._sessions.setdefault(called.session_hash, self._real.session(keep=True))

    def _given(self, called: Called) -> list[Any]:
        def file(wire: dict[str, Any]) -> Any:
            kept = self._fake.store.get(str(wire.get("path") or wire.get("name")))
            return wire if kept is None else FileData.of(kept.content, kept.name)

        return [with_files(value, file) for value in called.arguments().values()]

    def _note(self, entry: Entry, event: Any, access: Access) -> None:
        match event:
            case Log():
                entry.happened.append({"log": event.message, "level": event.level, "title": event.title})
            case Progressed():
                units = [{name: getattr(unit, name) for name in unit.__slots__} for unit in event.units]
                entry.happened.append({"progress": units})
            case Partial():
                entry.happened.append({"step": self._kept([*(event.value or ())], access)})
            case Finished():
                entry.result = self._kept([*(event.value or ())], access)
            case _:
                pass

    def _kept(self, value: Any, access: Access) -> Any:
        """Outputs as a recording has them: their files lie beside it."""

        def file(wire: dict[str, Any]) -> Any:
            if str(wire.get("path")).startswith(("http://", "https://")):
                return wire
            found = FileData.from_wire(wire, access)
            return self._book.keep(found.name, found.read())

        return with_files(value, file)


def _played(parts: list[Part], failure: errors.SpaceError | None, result: list[Any]) -> Script:
    yield from parts
    if failure is not None:
        _failures.in_a_job(failure)
    return result


def _error_of(said: Mapping[str, Any]) -> errors.SpaceError:
    kinds = {kind.__name__: kind for kind in KEPT}
    kind = kinds.get(str(said.get("kind")), errors.AppError)
    return kind(str(said.get("message", "")), **{name: said[name] for name in FIELDS if name in said})


def _shown(arguments: Mapping[str, Any]) -> str:
    text = ", ".join(f"{name}={value!r}" for name, value in arguments.items()) or "no arguments"
    return text if len(text) < 300 else text[:300] + "..."


def recorded(
    package: ModuleType | Space,
    path: str | os.PathLike[str],
    *,
    mode: Mode = "once",
    auth: tuple[str, str] | None = None,
) -> RecordedSpace:
    """Answer the calls of a package from a recording, and make the recording where that is wanted.

    A call is found by its endpoint and its arguments, files by their content. Tokens, headers, cookies and
    session hashes are never written; what your code sends as an argument is.

    Args:
        package: The package that spacegen wrote, or its `space`.
        path: The file, such as "tests/recordings/x.json"; files of results lie in a folder beside it.
        mode: "once": record where the file is missing, else replay. "none": replay. "new": replay what is there,
            and record the rest. "all": record everything again.
        auth: A user and a password, without which the stand-in lets nobody in.

    Raises:
        ConfigurationError: The recording is missing or damaged.
        NotRecorded: At a call that is not there and may not be made; it names the nearest one.
    """
    return RecordedSpace(package, path, mode, auth)
