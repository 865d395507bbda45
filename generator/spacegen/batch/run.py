"""`spacegen map`: from a file of rows to a file of results, through the runtime's own run over a data set."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from spacegen import ir
from spacegen.batch.inputs import Record, Table, format_of, read_table
from spacegen.batch.matching import Matcher, shown
from spacegen.batch.outputs import ResultFile, added_columns, values_of
from spacegen.batch.summary import Failures, Progress
from spacegen.calling.arguments import find_endpoint
from spacegen.calling.call import failures, links
from spacegen.calling.result import holds_files, plain
from spacegen.errors import ArgumentError, CallFailed, SourceError, SpacegenError
from spacegen.loading import Package, identity, opened
from spacegen.screen.terminal import is_live, note, warn

INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The arguments of the command.

    Attributes:
        output: The file of results.
        format: The format of the input, if its name does not tell.
        sets: `column=parameter`.
        constants: `parameter=value`.
        files: Folder for the files of results; None takes one beside the output.
        options: Options of the run, as `Endpoint.records` takes them.
        restart: Discard the results of earlier runs.
        dry_run: Check every row, and call nothing.
    """

    output: Path | None
    format: str | None = None
    sets: Sequence[str] = ()
    constants: Sequence[str] = ()
    files: Path | None = None
    options: Mapping[str, Any]
    restart: bool = False
    dry_run: bool = False


def run(
    source: str,
    name: str | None,
    rows: str,
    wanted: Wanted,
    *,
    token: str | None = None,
    auth: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> int:
    """Call an endpoint for every row of an input; the exit code.

    Args:
        source: The folder of a package, or any SOURCE.
        name: The endpoint: its api_name, or its function.
        rows: The input: a file, a folder, a glob, or "-".
        wanted: The other arguments of the command.
        token: Hugging Face token.
        auth: User and password of an app with a login page, or of a gateway.
        headers: Headers that a gateway in front of the app requires.

    Raises:
        ArgumentError: It makes no sense.
        SpacegenError: It cannot begin for another reason.
    """
    with opened(source, token=token, auth=auth, headers=headers) as package:
        endpoint = find_endpoint(package.space, name)
        own = _own_paths(wanted)
        table = read_table(rows, wanted.format, own)
        matcher = Matcher(endpoint, package.space.models, table, wanted.sets, wanted.constants)
        if endpoint.parameters and table.total and not matcher.columns:
            warn("no column is named like a parameter, so all rows make the same call; see --set")
        if wanted.dry_run:
            return _check(package, matcher, table)
        if wanted.output is None:
            raise ArgumentError("Say where the results go: -o OUT.")
        _check_own(wanted.output)
        options = {"token": token, **identity(source, package, auth, headers)}
        with failures(package):
            package.module.space.configure(**{key: value for key, value in options.items() if value is not None})
        if matcher.columns:
            note(f"{endpoint.key}: {shown(matcher.columns)}")
        return _Batch(package, endpoint, table, matcher, wanted, wanted.output).run()


def _own_paths(wanted: Wanted) -> tuple[Path, ...]:
    """The paths that a run writes to: the file of results, the checkpoint, and the folder of files."""
    output = wanted.output
    if output is None:
        return ()
    folder = wanted.files or output.with_name(f"{output.stem}_files")
    return output, _checkpoint(output), folder


def _checkpoint(output: Path) -> Path:
    return output.with_name(f"{output.name}.journal")


def _check_own(output: Path) -> None:
    """Refuse to replace a file that is not the result of a run: each run leaves its checkpoint beside it."""
    checkpoint = _checkpoint(output)
    if output.is_file() and output.stat().st_size and not checkpoint.exists():
        raise ArgumentError(
            f"{output} is there, and map did not write it (there is no {checkpoint.name}):"
            " name another file, or remove it."
        )


def _refused(package: Package, error: ValueError) -> Exception:
    """The error for a row that cannot be called."""
    refused: Exception = package.runtime.errors.InputRefused(f"not sent: {error}")
    return refused


def _check(package: Package, matcher: Matcher, table: Table) -> int:
    """Read every row as if it were called."""
    failed, number = Failures(), -1
    for number, row in enumerate(table.rows()):
        try:
            matcher.arguments(row)
        except ValueError as error:
            failed.add(number, _refused(package, error))
    failed.tell()
    warn(f"{number + 1} rows, {failed.count} of which cannot be called; nothing was sent")
    return 1 if failed.count else 0


class _Batch:
    def __init__(
        self,
        package: Package,
        endpoint: ir.Endpoint,
        table: Table,
        matcher: Matcher,
        wanted: Wanted,
        output: Path,
    ) -> None:
        self._package, self._endpoint, self._table, self._matcher = package, endpoint, table, matcher
        self._path = output
        self._kind = format_of(output)
        self._added = added_columns(endpoint, table.columns)
        *self._fields, self._error = self._added
        self._rows: dict[int, Record] = {}  # in flight, by number
        self._failed = Failures()
        self._interrupts = 0
        self._restart = wanted.restart
        self._writes = False  # an interrupt does not damage a row
        self._links = links(package)
        self._options = self._run_options(wanted)

    def _run_options(self, wanted: Wanted) -> dict[str, Any]:
        models = {str(model.name): model for model in self._package.space.models}
        _, checkpoint, folder = _own_paths(wanted)
        if wanted.restart and checkpoint.exists():
            self._forget(checkpoint)
        saves = wanted.files is not None or holds_files(self._endpoint, models)
        return {**wanted.options, "checkpoint": checkpoint, "save_to": folder if saves else None}

    def _forget(self, checkpoint: Path) -> None:
        lock = import_module(f"{self._package.runtime.__name__}.rows.lock")
        with failures(self._package), checkpoint.open("r+b") as file:
            lock.locked(file, checkpoint)  # another run may write to it
            file.truncate(0)

    def run(self) -> int:
        with ExitStack() as stack:
            progress = Progress(self._table.total, live=is_live())
            stack.callback(progress.close)
            options = {**self._options, "on_wait": _waits(progress)}
            with failures(self._package):
                endpoint = getattr(self._package.module, self._endpoint.function)
                outcomes = stack.enter_context(endpoint.records(**options).outcomes(self._calls()))
            # Only the process that has locked the checkpoint may write the file of results.
            output = ResultFile(self._path, self._kind, self._table.columns, self._added)
            try:
                stopped = self._write(outcomes, output, progress)
            except BaseException:
                output.give_up()
                raise
            counts = outcomes.progress()
        return self._tell(counts, stopped)

    def _write(self, outcomes: Any, output: ResultFile, progress: Progress) -> SpacegenError | None:
        """Write the outcomes; returns the error that stopped the run, if any."""
        stopped: SpacegenError | None = None
        try:
            with failures(self._package), self._interruptible(outcomes, progress):
                for outcome in outcomes:
                    self._writes = True
                    output.write(self._row(outcome))
                    self._writes = False
                    if self._interrupts > 1:
                        raise KeyboardInterrupt
                    progress.update(outcomes.progress())
        except (CallFailed, SourceError) as error:  # the rest of the input may be damaged
            stopped = error
        except KeyboardInterrupt:
            self._interrupts = 2
        if not output.count and (stopped or self._interrupts) and self._path.exists():
            output.give_up()  # an earlier run wrote more
        else:
            output.finish()
        return stopped

    def _calls(self) -> Iterator[Any]:
        for number, row in enumerate(self._table.rows()):
            self._rows[number] = row
            try:
                yield self._matcher.arguments(row)
            except ValueError as error:
                yield _refused(self._package, error)

    def _row(self, outcome: Any) -> Record:
        row = self._rows.pop(outcome.number)
        if outcome.error is not None:
            return {**row, self._error: self._failed.add(outcome.number, outcome.error)}

        def file_text(file: Any) -> str:
            saved = outcome.files.get(file.path or file.url or "")
            return self._links(file) if saved is None else os.path.relpath(saved, self._path.parent)

        return {**row, **values_of(outcome.value, self._fields, lambda one: plain(one, file_text))}

    @contextmanager
    def _interruptible(self, outcomes: Any, progress: Progress) -> Iterator[None]:
        """Ctrl-C once lets running calls finish; twice cancels them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def interrupt(number: int, frame: object) -> None:
            self._interrupts += 1
            if self._interrupts > 1:
                if not self._writes:
                    raise KeyboardInterrupt
                return
            outcomes.stop()
            progress.note("waiting for the calls in flight; Ctrl-C again cancels them")

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _tell(self, counts: Any, stopped: SpacegenError | None) -> int:
        self._failed.tell()
        told = [f"{counts.done - counts.failed} rows done, {counts.failed} failed"]
        if counts.restored:
            told.append(f"{counts.restored} of these {counts.done} by earlier runs")
        if counts.interrupted:
            told.append(f"{counts.interrupted} were in flight when an earlier run ended, and may have run twice")
        told += [f"waited {seconds:.0f} s for {name}" for name, seconds in counts.waited.items()]
        warn(f"{self._path}: {'; '.join(told)}")
        if stopped is not None:
            warn(f"stopped: {stopped.message}", colour="red")
        if stopped is not None or self._interrupts:
            how = "without --restart" if self._restart else "again"  # --restart would discard what is done now
            warn(f"run the same command {how} to continue")
        if self._interrupts:
            return INTERRUPTED
        return 1 if stopped is not None or counts.failed else 0


def _waits(progress: Progress) -> Callable[[str, float], None]:
    def tell(words: str, seconds: float) -> None:
        progress.note(f"waiting {seconds:.1f} s: {words}")

    return tell
