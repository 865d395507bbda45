"""`spacegen demo`: a real app on this machine, its package in this folder, and calls of it on the screen."""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacegen.demo.display import Display
from spacegen.errors import SpacegenError, TargetError

PACKAGE = "spacegen_demo"
_NEEDS = {"gradio": "gradio", "spacegen_runtime": "spacegen-runtime"}
_START_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Step:
    """A few lines of Python that are shown, and run exactly as shown."""

    title: str
    code: str


IMPORT = f"from {PACKAGE} import convert, count_words, slugify, split_bill, tell_story"
STEPS = (
    Step("An endpoint is a function", 'slugify("Hello, Wörld!")'),
    Step("Several results have names", "bill = split_bill(84.5, people=3)\nbill.each_pays"),
    Step(
        "Choices are types, so that an editor completes them",
        'convert(26.2, unit="mile", to="kilometre")',
    ),
    Step(
        "Files go in as paths and come out as files",
        f"""counts = count_words("{PACKAGE}/endpoints.py")
path = counts.save(folder)
path.read_text().splitlines()[:3]""",
    ),
    Step(
        "Asyncio, without threads",
        """async def both():
    calls = convert.aio(1), convert.aio(2)
    return await asyncio.gather(*calls)

asyncio.run(both())""",
    ),
    Step(
        "Streaming: each value as soon as it arrives",
        """for part in tell_story.stream("a tired fox"):
    print(part, end="\\r")""",
    ),
)


def run_demo(*, keep: bool = False) -> None:
    """Run the demo in the current folder.

    Args:
        keep: Leave the app running afterwards, until Ctrl-C.

    Raises:
        SpacegenError: Something that the demo needs is missing, or the app did not start.
    """
    _check_needs()
    display = Display()
    _bypass_proxies()
    with tempfile.TemporaryDirectory(prefix="spacegen-demo-", ignore_cleanup_errors=True) as scratch:
        with display.waiting("Starting a small Gradio app on this machine"):
            app = _App(Path(scratch))
        with app as url:
            display.title("A Gradio app answers at", url)
            _write_package(display, url)
            _run_steps(display, Path(scratch))
            if keep:
                with contextlib.suppress(KeyboardInterrupt):  # from the moment when its address is printed
                    display.closing(PACKAGE, url)
                    app.wait()
    if not keep:
        display.closing(PACKAGE)


class _App:
    """The demo's app in its own process, which ends when this one does, however that happens."""

    def __init__(self, scratch: Path) -> None:
        self._log = scratch / "app.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "spacegen.demo.app"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=scratch,  # Gradio may leave files where it is started
                env={**os.environ, "GRADIO_TEMP_DIR": str(scratch), "PYTHONSAFEPATH": "1"},
                # Ctrl-C is for this process; the app follows when its standard input closes.
                start_new_session=True,
            )
        try:
            self.url = self._read_address()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> str:
        return self.url

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self) -> None:
        """Wait until the app ends."""
        self._process.wait()

    def stop(self) -> None:
        """Stop the app; does nothing if it has stopped already."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read_address(self) -> str:
        lines: list[bytes] = []
        output = self._process.stdout
        assert output is not None
        reader = threading.Thread(target=lambda: lines.append(output.readline()), daemon=True)
        reader.start()
        reader.join(_START_SECONDS)
        if lines and lines[0].strip():
            return lines[0].decode().strip()
        self._process.kill()
        reader.join()
        said = self._log.read_text("utf-8", "replace").strip().splitlines()
        raise SpacegenError(f"The demo's app did not start: {said[-1] if said else 'it said nothing'}")


def _check_needs() -> None:
    missing = [name for module, name in _NEEDS.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise SpacegenError(
            f"The demo needs {' and '.join(missing)}.", 'Install what is missing: pip install "spacegen[demo]"'
        )


def _bypass_proxies() -> None:
    # Without this, a proxy that is configured for the internet is also used for this machine's own address.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1", "localhost")))


def _write_package(display: Display, url: str) -> None:
    from spacegen.pipeline import generate

    try:
        report = generate(url, output=Path(), name=PACKAGE)
    except TargetError as error:  # the demo has no --force
        hint = f"Delete or rename {PACKAGE}, or run the demo in another folder."
        raise TargetError(error.message, hint) from error
    display.command(f"spacegen {url} --name {PACKAGE}", report.summary)


def _run_steps(display: Display, folder: Path) -> None:
    with _importable(Path.cwd()):
        names: dict[str, Any] = {"folder": folder}
        _run("import asyncio\n\n" + IMPORT, names)
        display.code(IMPORT)
        for step in STEPS:
            with display.step(step.title, step.code) as show:
                names["print"] = lambda part, end, show=show: show(part, streamed=True)
                result = _run(step.code, names)
                if result is not None:
                    show(repr(result), streamed=False)


def _run(code: str, names: dict[str, Any]) -> Any:
    """Run code as Python's prompt does: the value of the last line, if any, is the result."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    # The code is a constant of this module; running exactly this text makes sure that the screen shows what ran.
    exec(compile(tree, "<demo>", "exec"), names)  # noqa: S102 (see above)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "<demo>", "eval"), names)  # noqa: S307 (see above)


@contextlib.contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Make the package that was just written importable, and forget one that was imported before."""
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    importlib.invalidate_caches()
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
