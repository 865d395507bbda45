"""What installation costs, by pip and by uv, and the way from nothing to a first typed call."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from support.servers import GradioServer
from tools.regenerate import ROOT

from bench._clients import quiet
from bench._compare import PEER, Contestant, measure, report, say, timed
from bench.generation import PINNED

RUNTIME, GENERATOR = "spacegen-runtime", "spacegen"
ROUNDS = 3
Installer = Callable[[Path, list[str]], None]
FIRST_CALL = "import first_app; answer: str = first_app.echo('x'); print(answer)"


def main() -> None:
    quiet()
    with tempfile.TemporaryDirectory(prefix="spacegen-bench-") as folder, GradioServer("text") as server:
        wheels = _built(Path(folder) / "wheels")
        wanted = {
            RUNTIME: [str(wheels[RUNTIME])],
            GENERATOR: [str(wheels[RUNTIME]), str(wheels[GENERATOR])],
            PEER: [PEER],
            "openapi-python-client": [PINNED],
        }
        for name, wheel in wheels.items():
            say(f"wheel of {name}", f"{wheel.stat().st_size / 1024:.0f} KiB")
        for by, installer in {"pip": _pip, "uv": _uv}.items():
            place = Path(folder) / by
            contestants = {name: _installed(installer, place / name, words) for name, words in wanted.items()}
            report(f"installation by {by}", measure(contestants, rounds=ROUNDS, warm=1), base=PEER)
            if installer is _pip:
                _tell_sizes({name: place / name for name in wanted})
            seconds = timed(partial(_from_nothing, installer, place / "first", wanted[GENERATOR], server.url))
            say(f"from nothing to a first typed call by {by}", f"{seconds:.1f} s")


def _built(folder: Path) -> Mapping[str, Path]:
    for source in (ROOT / "runtime", ROOT):
        _run("uv", "build", "--quiet", "--wheel", "--out-dir", str(folder), str(source))
    return {
        RUNTIME: next(folder.glob("spacegen_runtime-*.whl")),
        GENERATOR: next(folder.glob("spacegen-*.whl")),
    }


def _pip(environment: Path, words: list[str]) -> None:
    python = str(environment / "bin" / "python")
    _run(sys.executable, "-m", "venv", str(environment))
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir", *words)


def _uv(environment: Path, words: list[str]) -> None:
    python = str(environment / "bin" / "python")
    _run("uv", "venv", "--quiet", "--python", sys.executable, str(environment))
    _run("uv", "pip", "install", "--quiet", "--no-cache", "--compile-bytecode", "--python", python, *words)


def _installed(installer: Installer, environment: Path, words: list[str]) -> Contestant:
    def install() -> None:
        shutil.rmtree(environment, ignore_errors=True)
        installer(environment, words)

    return install


def _from_nothing(installer: Installer, environment: Path, words: list[str], url: str) -> None:
    installer(environment, words)
    binaries, here = environment / "bin", environment.parent
    _run(str(binaries / "spacegen"), url, "-o", str(here), "--name", "first_app")
    _run(str(binaries / "python"), "-c", FIRST_CALL, folder=here)


def _tell_sizes(environments: Mapping[str, Path]) -> None:
    for name, environment in environments.items():
        packages = next(environment.glob("lib/python*/site-packages"))
        files = [one for one in packages.rglob("*") if one.is_file() and packages / "pip" not in one.parents]
        size = sum(one.stat().st_size for one in files) / 2**20
        say(f"size of {name} and what it needs", f"{size:.1f} MiB")


def _run(*words: str, folder: Path | None = None) -> None:
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(words, check=True, capture_output=True, cwd=folder, env={**os.environ, "PATH": paths})


if __name__ == "__main__":
    main()
