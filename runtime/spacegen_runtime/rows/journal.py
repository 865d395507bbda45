"""The checkpoint: a file that only grows, one line for each start of a row and one for each outcome.

A start after which nothing has run gets a line that says so.

A line is written before the call is sent, and another before its outcome is handed over, so that after a process
was killed at any moment, the file says which rows are done and which were in flight. The file is flushed to the
disk in batches, which matters only if the machine itself goes down. An incomplete last line is cut off.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from pathlib import Path
from time import monotonic
from typing import IO, Any

from .. import errors
from .._json import as_dict, as_list, as_number, as_text, parse
from ..protocol.names import safe_name
from ..protocol.timing import Times
from ..values.published import load
from .files import files_in, place_of
from .lock import locked
from .offsets import Offsets
from .outcome import Outcome, Row, opening, placed, writing
from .target import Target
from .told import restored_error, told_error
from .unfinished import Unfinished

FORMAT = 1
FLUSH = 1.0  # seconds between flushes to the disk
HEAD = b'{"key":"'
KEY = slice(len(HEAD), len(HEAD) + 32)
AFTER = KEY.stop
START, INSTEAD, ROW = b'","start":', b',"instead":', b',"row":'  # parts of lines, as they follow each other
UNSENT = b'","unsent":'
FAILED, AGAIN, FAILED_AGAIN = b'","error":', b'","again":', b'","again":true,"error":'


class Journal:
    """The outcomes of a run, on disk. Only one process at a time may use it.

    Args:
        path: The file; it is made where it is missing.
        target: The endpoint that it is for.
        retry_failed: Call rows again that failed.
        save_to: Where files of results lie.

    Raises:
        ConfigurationError: It is the journal of another endpoint or of another version of it, it is not a journal,
            it cannot be opened, or another process uses it.
    """

    def __init__(self, path: Path, target: Target, *, retry_failed: bool, save_to: Path | None) -> None:
        self.path = path
        self._target = target
        self._retry_failed = retry_failed
        self._save_to = save_to
        self._offsets = Offsets()
        self._failed: dict[str, list[int]] = {}
        self._open = Unfinished()
        self._flushed = monotonic()
        self._dirty = False
        self._flushing: threading.Thread | None = None
        self._lock = threading.RLock()  # a run that nobody holds any more is closed in any thread, at any moment
        self._file = _opened(path)
        try:
            locked(self._file, path)
            self._read()
            self._lines = path.open("rb")
        except BaseException:
            self._file.close()
            raise

    def _head(self) -> dict[str, Any]:
        published = load(self._target.package)
        entry = as_dict(as_dict(published.get("endpoints")).get(self._target.name))
        return {
            "spacegen_journal": FORMAT,
            "space": self._target.space,
            "endpoint": self._target.name,
            "identity": as_text(entry.get("identity")),
            "schema": as_text(published.get("schema")),
        }

    def _read(self) -> None:
        self._file.seek(0)
        good = 0
        with self.path.open("rb") as lines:
            first = lines.readline()
            if not first.endswith(b"\n"):  # empty, or its first line is incomplete
                self._check_torn(first)
                self._cut(0)
                self._write(self._head())
                return
            self._check(first)
            good = lines.tell()
            for line in lines:
                if not line.endswith(b"}\n") or line[: KEY.start] != HEAD:
                    break
                self._index(line, good)
                good += len(line)
            rest = lines.read()
        if os.fstat(self._file.fileno()).st_size == good:
            return
        if rest.strip(b"\0\n"):
            raise errors.ConfigurationError(f"{self.path} cannot be read beyond byte {good}: it is damaged there")
        self._cut(good)

    def _check_torn(self, first: bytes) -> None:
        if first and not b'{"spacegen_journal":'.startswith(first[:20]):
            raise errors.ConfigurationError(
                f"{self.path} is not a checkpoint that spacegen wrote; name another file"
            )

    def _check(self, first: bytes) -> None:
        try:
            found = as_dict(parse(first))
        except ValueError:
            found = {}
        if "spacegen_journal" not in found:
            raise errors.ConfigurationError(
                f"{self.path} is not a checkpoint that spacegen wrote; name another file"
            )
        wanted = self._head()
        for name, what in (
            ("spacegen_journal", "a checkpoint of format"),
            ("endpoint", "the checkpoint of endpoint"),
            ("space", "the checkpoint of Space"),
            ("identity", "a checkpoint of another version of this endpoint,"),
            ("schema", "a checkpoint of another version of this package,"),
        ):
            if found.get(name) != wanted[name]:
                raise errors.ConfigurationError(
                    f"{self.path} is {what} {found.get(name)!r}, and this is {wanted[name]!r};"
                    " name another file, or remove it to begin again"
                )

    def _index(self, line: bytes, offset: int) -> None:
        key, rest = line[KEY].decode("ascii", "replace"), line[AFTER : AFTER + len(FAILED_AGAIN)]
        try:
            if rest.startswith(START):
                number, _, instead = line[AFTER + len(START) : -len(b"}\n")].partition(INSTEAD)
                self._open.start(key, int(number), int(instead) if instead else None)
                return
            if rest.startswith(UNSENT):
                self._open.unsent(key, int(line[AFTER + len(UNSENT) : -len(b"}\n")]))
                return
            number, _, _ = line[line.rindex(ROW) + len(ROW) :].partition(b",")
            self._open.end(key, int(number))
        except ValueError as error:
            raise self._damaged(offset) from error
        if rest.startswith(AGAIN) and (earlier := self._failed.get(key)):
            earlier.pop(0)
        if rest.startswith((FAILED, FAILED_AGAIN)):
            self._failed.setdefault(key, []).append(offset)
        else:
            self._offsets.add(key, offset)

    def _cut(self, size: int) -> None:
        self._file.truncate(size)

    def known(self, row: Row) -> Outcome[Any] | None:
        """The outcome that an earlier run left for a row.

        If there is none, the row is told whether it was in flight then.
        """
        row.alike = row.key in self._offsets
        while (offset := self._offsets.take(row.key)) is not None:
            entry = self._entry(offset)
            if entry.get("key") == row.key:
                outcome = self._restored(row, entry, offset)
                if self._has_files(outcome):
                    return outcome
        earlier = self._failed.get(row.key)
        if earlier:
            offset = earlier.pop(0)
            if not self._retry_failed:
                return self._restored(row, self._entry(offset), offset)
            row.again = True
        row.unfinished, row.instead = self._open.take(row.key, row.number)
        return None

    def _entry(self, offset: int) -> dict[str, Any]:
        self._lines.seek(offset)
        try:
            return as_dict(parse(self._lines.readline()))
        except ValueError as error:
            raise self._damaged(offset) from error

    def _damaged(self, offset: int) -> errors.ConfigurationError:
        return errors.ConfigurationError(f"{self.path} cannot be read at byte {offset}: it is damaged there")

    def _restored(self, row: Row, entry: dict[str, Any], offset: int) -> Outcome[Any]:
        common: dict[str, Any] = {"number": row.number, "row": row.value, "key": row.key, "restored": True}
        times = [float(one) for one in map(as_number, as_list(entry.get("times"))) if one is not None]
        if len(times) != 3:
            raise self._damaged(offset)
        common["times"] = Times(*times)
        common["interrupted"] = bool(entry.get("interrupted"))
        if "error" in entry:
            return Outcome(error=placed(restored_error(as_dict(entry["error"])), row), **common)
        raw = as_list(entry.get("raw"))
        files: dict[str, Path] = {}
        if self._save_to is not None:
            names = {place: safe_name(str(name)) for place, name in as_dict(entry.get("files")).items()}
            files = {place: self._save_to / name for place, name in names.items()}
        return Outcome(value=self._target.decode(row.call, raw), raw=raw, files=files, **common)

    def _has_files(self, outcome: Outcome[Any]) -> bool:
        """Whether the files are where this run wants them: they may be gone, or were never saved."""
        if self._save_to is None:
            return True
        saved = (outcome.files.get(place_of(file)) for file in files_in(outcome.value))
        return all(path is not None and path.exists() for path in saved)

    def start(self, row: Row) -> None:
        """Note that a row is about to be called."""
        instead = "" if row.instead in (None, row.number) else f',"instead":{row.instead}'
        with writing():
            self._line(f'{{"key":"{row.key}","start":{row.number}{instead}}}\n'.encode())

    def unsent(self, row: Row) -> None:
        """Note that nothing has run after the last start of a row, so that no later run says it may have."""
        with self._lock:
            if not self._file.closed:
                self._line(f'{{"key":"{row.key}","unsent":{row.number}}}\n'.encode())

    def keep(self, outcome: Outcome[Any], *, again: bool) -> None:
        """Note an outcome, unless the run was left: then a later run calls the row again, and says so."""
        entry: dict[str, Any] = {"key": outcome.key}
        if again:
            entry["again"] = True
        if outcome.error is not None:
            entry["error"] = told_error(outcome.error)
        else:
            entry["raw"] = outcome.raw
            if outcome.files:
                entry["files"] = {place: path.name for place, path in outcome.files.items()}
        times = outcome.times
        entry["row"], entry["tries"] = outcome.number, outcome.tries
        entry["times"] = [round(one, 4) for one in (times.queued, times.ran, times.total)]
        if outcome.interrupted:
            entry["interrupted"] = True
        with self._lock:
            if not self._file.closed:
                self._write(entry)

    def _write(self, entry: dict[str, Any]) -> None:
        self._line(json.dumps(entry, separators=(",", ":"), default=str).encode() + b"\n")

    def _line(self, line: bytes) -> None:
        with self._lock:
            written = 0
            try:
                while written < len(line):  # a nearly full disk may write only a part of it
                    written += self._file.write(line[written:])
            except OSError:
                if written:
                    self._cut(os.fstat(self._file.fileno()).st_size - written)
                raise
        self._dirty = True
        if monotonic() - self._flushed >= FLUSH:
            self._flushed = monotonic()
            self._flush_aside()

    def _flush_aside(self) -> None:
        """Flush in a separate thread, because a disk may take longer than a call."""
        if self._flushing is None or not self._flushing.is_alive():
            self._flushing = threading.Thread(target=self._flush, name="spacegen-journal", daemon=True)
            self._flushing.start()

    def _flush(self) -> None:
        # Some file systems cannot do this, and the file may be closed
        with contextlib.suppress(OSError, ValueError):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush, and let another process use it."""
        with self._lock:
            if self._file.closed:
                return
            if self._flushing is not None:
                self._flushing.join()
            if self._dirty:
                self._flush()
            self._lines.close()
            self._file.close()


def _opened(path: Path) -> IO[bytes]:
    with opening("the checkpoint", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():  # reading a pipe would never end
            raise OSError(0, "it is no file")
        return path.open("a+b", buffering=0)
