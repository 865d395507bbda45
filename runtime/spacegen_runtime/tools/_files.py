"""Files: which files a model may name, and the files of results, which it names by a uri."""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
from collections import OrderedDict
from contextlib import ExitStack, aclosing, suppress
from pathlib import Path, PurePath
from typing import Any, BinaryIO
from urllib.parse import quote, unquote_to_bytes, urlsplit

from ..errors import ConfigurationError, SpaceError
from ..protocol.names import safe_name
from ..protocol.wire import lies_at_home
from ..values.file_data import FileData
from ._addresses import NotFetched, fetch
from ._text import one_line

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least: one may be a drive of Windows
MOST_KEPT = 1000
LONGEST_PATH = 4096  # characters; no system that this runs on has longer ones
URI = "spacegen://file/"


class Files:
    """The files that a model may name: those of one folder, of public addresses, and of earlier results.

    Use one for all calls of a conversation, so that the file that one tool gave can be handed to the next.
    Each file is opened here, at once: what was checked is what is sent.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        urls: bool = True,
        private_addresses: bool = False,
        largest: int = 100 << 20,
    ) -> None:
        """Say what is open to a model.

        Args:
            folder: Files below it can be named by their path; None opens no file of this machine.
            urls: Whether http(s) URLs can be named.
            private_addresses: Whether they may lie on this machine or in a private network, too.
            largest: Bytes that one file may have.

        Raises:
            ConfigurationError: There is no such folder.
        """
        self.folder = None if folder is None else _root(Path(folder))
        self.urls = urls
        self.private_addresses = private_addresses
        self.largest = largest
        self._kept: OrderedDict[str, FileData] = OrderedDict()

    def open(self, named: str, closing: ExitStack) -> FileData:
        """The file that a model named.

        Args:
            named: A path, an http(s) or data URL, or the uri of a file in an earlier result.
            closing: Closes it when the call has ended.

        Raises:
            ValueError: It is not there, or not open to tools; the message tells the model what is.
        """
        scheme = SCHEME.match(named)
        match scheme.group().lower()[:-1] if scheme else "":
            case "spacegen":
                return self.kept(named)
            case "http" | "https":
                return self._fetched(named, closing)
            case "data":
                return FileData.of(self._decoded(named), "file")
            case "":
                return self._local(named, closing)
            case other:
                raise ValueError(f"{other}: is not open to tools; {self._open_ways()}")

    def keep(self, file: FileData) -> str:
        """Remember a result's file, and return the uri that stands for it."""
        uri = f"{URI}{secrets.token_hex(8)}/{quote(file.name)}"
        self._kept[uri] = file
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return uri

    def kept(self, uri: str) -> FileData:
        """The file of an earlier result; raises ValueError where there is none."""
        try:
            return self._kept[uri]
        except KeyError:
            raise ValueError("no earlier result has a file with this uri") from None

    def described(self, uri: str) -> dict[str, Any]:
        """What a model reads of the file of an earlier result; raises ValueError where there is none.

        Its uri and its name, and where the Space says them its `mime_type` and its `size` in bytes.
        """
        return described_file(self.kept(uri), uri)

    async def aread(self, uri: str, most: int) -> bytes | None:
        """The bytes of the file of an earlier result; raises ValueError where there is none.

        None where there are more than `most` bytes, where the Space does not hand it out, and where it lies
        elsewhere: nobody asked for it by hand, so an address that a Space names is not called.
        """
        from ..shells.afetch import chunks

        file = self.kept(uri)
        if not (lies_at_home(file) or (file.url or "").startswith("data:")) or (file.size or 0) > most:
            return None
        data = bytearray()
        try:
            async with aclosing(chunks(file)) as coming:
                async for chunk in coming:
                    data += chunk
                    if len(data) > most:
                        return None
        except SpaceError:
            return None
        return bytes(data)

    def _fetched(self, url: str, closing: ExitStack) -> FileData:
        if not self.urls:
            raise ValueError(f"URLs are not open to tools; {self._open_ways()}")
        scheme, _, rest = url.partition(":")
        try:
            file, came_from = fetch(
                f"{scheme.lower()}:{rest}", largest=self.largest, private=self.private_addresses
            )
        except NotFetched as error:
            raise ValueError(one_line(str(error), 300)) from error
        closing.callback(file.close)
        return FileData.of(file, PurePath(urlsplit(came_from).path).name or "file")

    def _decoded(self, url: str) -> bytes:
        if len(url) > 3 * self.largest + 1000:  # %41 is one byte
            raise ValueError(f"it has more than {self.largest >> 20} MB")
        head, comma, data = url.partition(",")
        try:
            if not comma:
                raise ValueError("no data")
            found = base64.b64decode(data, validate=True) if head.endswith(";base64") else unquote_to_bytes(data)
        except (ValueError, binascii.Error):
            raise ValueError("it is a data URL without proper data") from None
        if len(found) > self.largest:
            raise ValueError(f"it has more than {self.largest >> 20} MB")
        return found

    def _local(self, named: str, closing: ExitStack) -> FileData:
        if self.folder is None:
            raise ValueError(f"no file of this machine is open to tools; {self._open_ways()}")
        if len(named) > LONGEST_PATH:
            raise ValueError("its path is too long")
        steps = _steps(self.folder, named)
        if steps is None:
            raise ValueError("it lies outside of the folder that is open to tools")
        try:
            file = _opened(self.folder, steps)
        except (OSError, ValueError) as error:
            reason = "a link, which may lead out of the folder" if _is_link(self.folder, steps) else "not there"
            raise ValueError(f"it is {reason}; {self._there()}") from error
        closing.callback(file.close)
        if os.fstat(file.fileno()).st_size > self.largest:
            raise ValueError(f"it has more than {self.largest >> 20} MB")
        return FileData.of(file, steps[-1])

    def _open_ways(self) -> str:
        ways = [
            *(["a path inside the open folder"] if self.folder is not None else []),
            *(["an http(s) URL"] if self.urls else []),
            "the uri of a file in an earlier result",
        ]
        return f"give {' or '.join(ways)}"

    def _there(self) -> str:
        assert self.folder is not None
        try:
            names = sorted(one.name for one in self.folder.iterdir() if not one.name.startswith("."))[:10]
        except OSError:
            return "the folder cannot be read"
        return f"the folder has {', '.join(one_line(name, 60) for name in names) or 'no files'}"


def _root(folder: Path) -> Path:
    try:
        root = folder.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ConfigurationError(f"there is no folder {folder}") from error
    if not root.is_dir():
        raise ConfigurationError(f"{folder} is no folder")
    return root


def _steps(root: Path, named: str) -> list[str] | None:
    """The names on the way from the folder to a file, or None where the way leads out of it."""
    if not named or "\0" in named:
        return None
    path = PurePath(named)
    if path.is_absolute():
        try:
            path = path.relative_to(root)
        except ValueError:
            return None
    # A drive without a root ("C:x") and what Windows calls a stream ("x:y") are no names of files.
    strange = path.drive or path.root or (os.name == "nt" and ":" in named[2:])
    steps = list(path.parts)
    return None if strange or not steps or ".." in steps else steps


def _opened(root: Path, steps: list[str]) -> BinaryIO:
    """Open a regular file, following no link: step by step, so that nobody can put one in between."""
    if os.open not in os.supports_dir_fd:
        return _opened_by_path(root, steps)
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for step in steps[:-1]:
            inner = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = inner
        file = os.open(steps[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(file).st_mode):  # of a folder, fdopen would leave the descriptor open
        os.close(file)
        raise ValueError("no regular file")
    return os.fdopen(file, "rb")


def _opened_by_path(root: Path, steps: list[str]) -> BinaryIO:
    """The same where the system has no folders to start from (Windows)."""
    path = root.joinpath(*steps)
    if path.resolve(strict=True) != path:
        raise ValueError("a link")
    return _regular(path.open("rb"))


def _regular(file: BinaryIO) -> BinaryIO:
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise ValueError("no regular file")


def _is_link(root: Path, steps: list[str]) -> bool:
    with suppress(OSError):
        return any(root.joinpath(*steps[: place + 1]).is_symlink() for place in range(len(steps)))
    return False


def described_file(file: FileData, uri: str) -> dict[str, Any]:
    """What a model reads of a result's file."""
    said: dict[str, Any] = {
        "uri": uri,
        "name": one_line(safe_name(file.orig_name or file.path or "file"), 255) or "file",
    }
    if isinstance(file.mime_type, str):
        said["mime_type"] = one_line(file.mime_type, 100)
    if isinstance(file.size, int) and not isinstance(file.size, bool):
        said["size"] = file.size
    return said
