"""Serves a fake of a package's Space over HTTP, on this machine."""

from __future__ import annotations

import importlib
import importlib.util
import runpy
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spacegen.errors import SpacegenError
from spacegen.listening import HOST, listen
from spacegen.loading import runtime_of
from spacegen.packages.layout import MANIFEST_NAME
from spacegen.packages.read_manifest import load_manifest
from spacegen.screen.terminal import say
from spacegen.text import printable

SCRIPT = "answers"


def serve(
    folder: Path,
    *,
    port: int,
    recording: Path | None = None,
    script: Path | None = None,
    auth: tuple[str, str] | None = None,
    started: Callable[[str], object] | None = None,
) -> None:
    """Serve until Ctrl-C.

    Args:
        folder: The package.
        port: 0 takes a free one.
        recording: Answer from this recording; a call that is not in it is an error.
        script: A Python file with a function `answers(fake)` that defines what endpoints answer.
        auth: A user and a password that clients must give.
        started: Called with the address once it is known.

    Raises:
        SpacegenError: The package, the recording or the script cannot be used, or the server is not installed.
    """
    if importlib.util.find_spec("uvicorn") is None:
        raise SpacegenError("spacegen serve needs an HTTP server.", 'Install it: pip install "spacegen[serve]"')
    testing, module = _loaded(folder)
    try:
        if recording is None:
            fake = testing.fake_space(module, auth=auth)
        else:
            fake = testing.recorded(module, recording, mode="none", auth=auth)
        if script is not None:
            _apply(script, fake)
        app = testing.asgi_app(fake)
    except SpacegenError:
        raise
    except Exception as error:  # a damaged recording may raise anything
        raise SpacegenError(printable(f"{type(error).__name__}: {error}")) from error
    _run(app, port, started or (lambda url: say(f"A fake of {module.__name__} answers on {url} (Ctrl-C ends it)")))


def _loaded(folder: Path) -> tuple[Any, Any]:
    """The testing tools of the runtime that a package calls, and the package."""
    folder = (folder.parent if folder.name == MANIFEST_NAME else folder).resolve()
    load_manifest(folder)
    sys.path.insert(0, str(folder.parent))
    try:
        module = importlib.import_module(folder.name)
        return importlib.import_module(f"{runtime_of(module).__name__}.testing"), module
    except ModuleNotFoundError as error:
        hint = 'Install it: pip install "spacegen[serve]"'
        raise SpacegenError(f"{folder} needs {error.name}, which is not installed.", hint) from error
    except Exception as error:  # an edited file may raise anything when it is imported
        what = printable(f"{type(error).__name__}: {error}")
        raise SpacegenError(f"{folder} cannot be imported: {what}.", "Write it again: spacegen update.") from error


def _apply(script: Path, fake: Any) -> None:
    """Let a user's script define the answers; what it raises is told with its line in the script."""
    try:
        _answers(script)(fake)
    except SpacegenError:
        raise
    except Exception as error:
        steps = [step for step in traceback.extract_tb(error.__traceback__) if step.filename == str(script)]
        line = f", line {steps[-1].lineno}" if steps else ""
        raise SpacegenError(printable(f"{script}{line}: {type(error).__name__}: {error}")) from error


def _answers(script: Path) -> Callable[[Any], object]:
    found = runpy.run_path(str(script), run_name="__spacegen__").get(SCRIPT)
    if not callable(found):
        raise SpacegenError(f"{script} has no function {SCRIPT}(fake).")
    answers: Callable[[Any], object] = found
    return answers


def _run(app: Any, port: int, started: Callable[[str], object]) -> None:
    import uvicorn

    listening = listen(port, "--port")
    started(f"http://{HOST}:{listening.getsockname()[1]}")
    uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off")).run(sockets=[listening])
