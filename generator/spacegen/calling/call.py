"""One call of an endpoint from the shell, through an existing package or a temporary one."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from spacegen import ir
from spacegen.calling.arguments import find_endpoint, read_arguments
from spacegen.calling.result import Links, Printer, Saved, files_of, holds_files, plain
from spacegen.calling.status import LiveStatus, Status
from spacegen.errors import CallFailed, TargetError
from spacegen.loading import Package, identity, opened
from spacegen.screen.terminal import is_live, output
from spacegen.text import printable

_LOOK_SECONDS = 0.1
_CANCEL_SECONDS = 5.0


def call(
    source: str,
    name: str | None,
    words: Sequence[str],
    *,
    output: Path | None = None,
    wants_json: bool = False,
    token: str | None = None,
    oauth_token: str | None = None,
    auth: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> None:
    """Call an endpoint, show its progress, and print its result.

    Args:
        source: The folder of a package, or any SOURCE.
        name: The endpoint: its api_name, or its function.
        words: `name=value`, as a shell gives them.
        output: Folder to save files of the result to; `-` prints its only file, None prints the addresses of
            files.
        wants_json: Print JSON whatever the result is.
        token: Hugging Face token.
        oauth_token: Hugging Face token that the app gets, where the endpoint asks for one.
        auth: User and password of an app with a login page, or of a gateway.
        headers: Headers that a gateway in front of the app requires.
        timeout: Seconds that the call may take in all.

    Raises:
        ArgumentError: There is no such endpoint, or the arguments do not fit it.
        SpacegenError: Anything else that goes wrong.
    """
    with opened(source, token=token, auth=auth, headers=headers) as package:
        endpoint = find_endpoint(package.space, name)
        arguments = read_arguments(endpoint, package.space.models, words, sys.stdin.buffer.read)
        with _status(package, endpoint, wants_json=wants_json, saves=output is not None) as status:
            is_stream = output == Path("-")
            file_text = links(package) if output is None or is_stream else Saved(output, status.saving)
            who = {"token": token, "oauth_token": oauth_token, **identity(source, package, auth, headers)}
            options = {"timeout": timeout, **who}
            given = {name: value for name, value in options.items() if value is not None}
            job = start(package, endpoint, arguments, {**given, **status.options()})
            result = follow(package, job, status)
            if is_stream and (files := files_of(result)):
                _print_file(package, files, status)
                return
            with failures(package):
                shown = plain(result, file_text)
            status.finish(shown, nothing=not endpoint.outputs and not wants_json)


def _print_file(package: Package, files: Sequence[Any], status: Status) -> None:
    if len(files) > 1:
        there = " ".join(map(links(package), files))  # the call was made, and may have been expensive
        raise TargetError(
            f"The result holds {len(files)} files, and -o - prints exactly one.",
            f"Name a folder: -o DIR. The files are at: {there}",
        )
    [file] = files
    status.saving(file)
    with failures(package):
        content = file.read()
    status.stop()
    with output():
        sys.stdout.buffer.write(content)
        sys.stdout.flush()


def _status(package: Package, endpoint: ir.Endpoint, *, wants_json: bool, saves: bool) -> Status:
    printer = Printer(wants_json=wants_json, file_text=links(package))
    models = {str(model.name): model for model in package.space.models}
    # If files are saved, then only those of the result, not those of every step.
    streams = endpoint.generator and not (saves and holds_files(endpoint, models))
    return (LiveStatus if is_live() else Status)(printer, streams=streams)


def links(package: Package) -> Links:
    """Return a function that gives the address of a file of the app."""
    with failures(package):
        return Links(package.module.space.base_url, package.space.prefix)


def start(
    package: Package, endpoint: ir.Endpoint, arguments: Mapping[str, Any], options: Mapping[str, Any]
) -> Any:
    """Start a call and return its job.

    Args:
        package: The package.
        endpoint: What to call.
        arguments: Values by the names that its function knows.
        options: What `space.configure` takes.

    Raises:
        CallFailed: The runtime refuses an option, or the package has no address.
    """
    with failures(package):
        package.module.space.configure(**options)
        return getattr(package.module, endpoint.function).submit(**arguments)


def follow(package: Package, job: Any, status: Status) -> Any:
    """Wait for a job and return its result; an interrupt cancels it on the server first.

    Raises:
        CallFailed: The call went wrong.
    """
    done = threading.Event()
    job.add_done_callback(lambda _: done.set())
    try:
        # A job reports only its end; position, progress and steps are polled.
        while not done.wait(_LOOK_SECONDS):
            status.update(job)
    except BaseException:
        job.abandon()
        done.wait(_CANCEL_SECONDS)
        raise
    status.update(job)
    with failures(package):
        return job.result()


@contextlib.contextmanager
def failures(package: Package) -> Iterator[None]:
    """Convert the runtime's errors to errors of spacegen."""
    try:
        yield
    except package.runtime.errors.LoginRequired as error:  # its own message is for programmers
        message = f"{error.endpoint or package.space.id}: the app asks for a login."
        raise CallFailed(message, _hint(package)) from error
    except package.runtime.SpaceError as error:
        raise CallFailed(printable(str(error)) or type(error).__name__) from error
    except OSError as error:  # a file that cannot be read or written; a CallTimeout is a SpaceError
        raise CallFailed(printable(str(error))) from error


def _hint(package: Package) -> str:
    names = [name for name in package.headers if name != "Authorization"]
    wanted = "".join(f" --header '{name}: VALUE'" for name in names)
    return f"Pass{wanted or ' --auth USER:PASSWORD'}. For a private Space, pass --token."
