"""From a cold process to a written package, for small and large apps, beside openapi-python-client.

The peer pins other versions of what we share, so it gets an environment of its own. It is given the same app's
openapi.json; what it makes of it has no types of results, so this compares time and what is accepted alone.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from support.environments import uv
from support.servers import GradioServer

from bench._clients import generate, quiet
from bench._compare import OURS, Contestant, measure, report, say

PEER = "openapi-python-client"
PINNED = f"{PEER}==0.29.1"
BUDGET = {7: 0.6, 500: 2.0}
"""Seconds that an app of so many endpoints may take."""
BUDGET_OF_ALL = 0.025
"""Seconds of processor time that one of many apps may take, in one process."""
DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
"""Documents of real apps, where they lie beside the checkout; `SPACEGEN_DOCUMENTS` may name another folder."""

FETCH = """
import httpx
with httpx.Client(trust_env=False, base_url={url!r}) as client:
    prefix = client.get("/config").json()["api_prefix"]
    client.get(prefix + "/info").json()
    client.get(prefix + "/openapi.json").json()
"""
ACCEPTS = """
import contextlib, io, json, sys, tempfile
from pathlib import Path
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

accepted = 0
for source in map(Path, sys.argv[1:]):
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        options = dict(file_encoding="utf-8", overwrite=True, output_path=Path(folder) / "client")
        settings = ConfigFile(post_hooks=[])
        config = Config.from_sources(settings, MetaType.NONE, document_source=source, **options)
        accepted += not generate(config=config)
print(accepted)
"""
BASE = "fetching the documents"
SAVED = "spacegen from saved documents"
"""What is ours alone: the server needs a processor of its own for the documents of a large app."""


def main() -> None:
    quiet()
    with tempfile.TemporaryDirectory(prefix="spacegen-bench-") as name:
        folder = Path(name)
        python = _peer_in(folder / "peer")
        medians = {endpoints: _time_cold(endpoints, folder, python) for endpoints in (7, 100, 500)}
        slope = (medians[500] - medians[100]) / (medians[100] - medians[7])
        say("generation, seconds per endpoint", f"{slope * 93 / 400:.2f}x from 100 to 500 of that from 7 to 100")
        _take_corpus(folder, python)


def _time_cold(endpoints: int, folder: Path, peer: Path) -> float:
    with GradioServer("many", env={"ENDPOINTS": str(endpoints)}, timeout=300) as server:
        contestants = {
            OURS: _ours(server.url, folder),
            SAVED: _ours(_saved(server.url, folder), folder),
            PEER: _peer(server.url, folder, peer),
            BASE: _fetch(server.url),
        }
        taken = measure(contestants, rounds=3, warm=1)
    question = f"generation of {endpoints} endpoints, cold"
    ratios = report(question, taken, base=BASE)
    say(question, f"{PEER} / {OURS} {ratios[PEER] / ratios[OURS]:.1f}x")
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    if endpoints in BUDGET:
        budget = BUDGET[endpoints]
        told = ", ".join(f"{name} {medians[name] / budget:.2f}x" for name in (OURS, SAVED))
        say(question, f"{told} (of a budget of {budget} s)")
    return medians[SAVED]


def _take_corpus(folder: Path, peer: Path) -> None:
    """How many documents of real apps each takes, and what all of them cost in one process."""
    given = Path(os.environ.get("SPACEGEN_DOCUMENTS", str(DOCUMENTS)).split(os.pathsep)[0])
    documents = {path: json.loads(path.read_text("utf-8")) for path in sorted(given.glob("*.json"))}
    apps = {path: one for path, one in documents.items() if (one.get("info") or {}).get("named_endpoints")}
    if not apps:
        say("documents of real apps", f"none in {given}")
        return
    taken, seconds = _ours_in_one_process(list(apps), folder)
    budget = BUDGET_OF_ALL * len(apps)
    say(
        f"{len(apps)} apps in one process",
        f"{seconds:.2f} s of processor time, {seconds / budget:.2f}x of the budget",
    )
    paths = []
    for path, one in apps.items():
        paths.append(folder / f"{path.stem}.openapi.json")
        paths[-1].write_text(json.dumps(one.get("openapi")), "utf-8")
    done = subprocess.run([peer, "-c", ACCEPTS, *paths], check=True, capture_output=True, text=True)
    say(f"{len(apps)} documents, taken without loss", f"{OURS} {taken}, {PEER} {done.stdout.strip()}")


ALL = """
import sys
from pathlib import Path
from spacegen.errors import SpacegenError
from spacegen.pipeline import generate

taken = 0
for number, source in enumerate(sys.argv[2:]):
    try:
        done = generate(source, output=Path(sys.argv[1]), name=f"app_{number}")
    except SpacegenError:
        continue
    taken += not any("left out" in one.message for one in done.diagnostics)
print(taken)
"""


def _ours_in_one_process(paths: list[Path], folder: Path) -> tuple[int, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", ALL, folder / "all", *paths], check=True, capture_output=True, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int(done.stdout), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _peer_in(folder: Path) -> Path:
    uv("venv", "--python", sys.executable, str(folder))
    uv("pip", "install", "--compile-bytecode", "--python", str(folder / "bin" / "python"), PINNED)
    return folder / "bin" / "python"


def _saved(url: str, folder: Path) -> str:
    file = str(folder / "documents.json")
    subprocess.run([sys.executable, "-m", "spacegen", "fetch", url, "-o", file], check=True, capture_output=True)
    return file


def _ours(source: str, folder: Path) -> Contestant:
    return lambda: generate(source, folder, "bench_many")


def _peer(url: str, folder: Path, python: Path) -> Contestant:
    command = [str(python.with_name(PEER)), "generate", "--url", f"{url}/gradio_api/openapi.json", "--overwrite"]
    environment = {**os.environ, "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]])}
    output = ["--output-path", str(folder / "client")]
    return lambda: subprocess.run([*command, *output], check=True, capture_output=True, env=environment)


def _fetch(url: str) -> Contestant:
    return lambda: subprocess.run([sys.executable, "-c", FETCH.format(url=url)], check=True)


if __name__ == "__main__":
    main()
