"""Fetches files of results, blocking."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

from .._options import Options
from ..protocol.actions import Chunk
from ..protocol.downloads import Fetched, download
from ..protocol.observed import observed
from ..protocol.server import Server
from ..protocol.wire import WireFile
from .blocking import events
from .saving import Saving
from .watchers import downloading


def chunks(file: WireFile) -> Generator[bytes, None, None]:
    """The bytes of a file, as they come."""
    options = file.access.options if file.access else Options()
    server = file.access.server if file.access else Server("", prefix="", protocol="")
    flow = observed(download(file, options), downloading(options, file.name, file.size))
    with closing(events(server, flow)) as happening:
        for event in happening:
            if isinstance(event, Chunk):
                yield event.data


def save(file: WireFile, to: str | os.PathLike[str]) -> Path:
    """See `FileData.save`."""
    saving = Saving(to, file)
    try:
        with saving.part.open("xb") as out:
            for chunk in chunks(file):
                out.write(chunk)
        return saving.finish()
    except BaseException:
        saving.give_up()
        raise


def read(file: WireFile) -> bytes:
    """See `FileData.read`."""
    return b"".join(chunks(file))


def open_file(file: WireFile) -> BinaryIO:
    """See `FileData.open`."""
    spool = Fetched()  # the caller's to close
    try:
        for chunk in chunks(file):
            spool.write(chunk)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return cast(BinaryIO, spool)
