"""`fetch` for asyncio."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO, cast

from .._options import Options
from ..protocol.actions import Chunk
from ..protocol.downloads import Fetched, download
from ..protocol.observed import observed
from ..protocol.server import Server
from ..protocol.wire import WireFile
from .aio import events
from .saving import Saving
from .watchers import downloading


async def chunks(file: WireFile) -> AsyncGenerator[bytes, None]:
    """The bytes of a file, as they come."""
    options = file.access.options if file.access else Options()
    server = file.access.server if file.access else Server("", prefix="", protocol="")
    flow = observed(download(file, options), downloading(options, file.name, file.size))
    async with aclosing(events(server, flow)) as happening:
        async for event in happening:
            if isinstance(event, Chunk):
                yield event.data


async def save(file: WireFile, to: str | os.PathLike[str]) -> Path:
    """See `FileData.asave`."""
    saving = Saving(to, file)
    try:
        with saving.part.open("xb") as out:
            async for chunk in chunks(file):
                out.write(chunk)
        return saving.finish()
    except BaseException:
        saving.give_up()
        raise


async def read(file: WireFile) -> bytes:
    """See `FileData.aread`."""
    return b"".join([chunk async for chunk in chunks(file)])


async def open_file(file: WireFile) -> BinaryIO:
    """See `FileData.aopen`."""
    spool = Fetched()  # the caller's to close
    try:
        async for chunk in chunks(file):
            spool.write(chunk)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return cast(BinaryIO, spool)
