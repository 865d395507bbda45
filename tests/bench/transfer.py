"""A large file up and down: time, and the memory that it takes beyond what the client had before.

Every transfer runs in a process of its own, which reports its own peak.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from support.servers import GradioServer

from bench._clients import Raw, generate, gradio_client, quiet
from bench._compare import OURS, PEER, RAW, Contestant, report, say, timed

MEGABYTES = 256
ROUNDS = 7
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""A folder that lies on no disk, where there is one: disks are moody."""
PIECE = 1 << 20


def main() -> None:
    quiet()
    with (
        tempfile.TemporaryDirectory(prefix="spacegen-bench-", dir=MEMORY) as name,
        GradioServer("files", env={"GRADIO_TEMP_DIR": f"{name}/server"}) as server,
    ):
        folder = Path(name)
        generate(server.url, folder, "bench_files")
        for way in ("up", "down"):
            taken: dict[str, list[float]] = {OURS: [], PEER: [], RAW: []}
            extra: dict[str, list[float]] = {OURS: [], PEER: [], RAW: []}
            for number in range(ROUNDS):
                for contestant in [*taken][number % 3 :] + [*taken][: number % 3]:
                    seconds, megabytes = _in_a_process(contestant, way, server.url, folder, number)
                    taken[contestant].append(seconds)
                    extra[contestant].append(megabytes)
            report(f"{MEGABYTES} MB {way}", taken)
            medians = {name: statistics.median(values) for name, values in extra.items()}
            told = ", ".join(f"{name} {value / MEGABYTES:.2f}x" for name, value in medians.items())
            say(f"{MEGABYTES} MB {way}, extra memory", f"{told} (of the file's size)")


def _in_a_process(contestant: str, way: str, url: str, folder: Path, number: int) -> tuple[float, float]:
    """Seconds and megabytes of one transfer; the content differs each time, as servers know old content again."""
    file = folder / f"{contestant}-{way}-{number}.bin"
    if way == "up":
        with file.open("wb") as stream:
            stream.write(f"{contestant} {number}".encode())
            stream.truncate(MEGABYTES << 20)
    command = [sys.executable, "-m", "bench.transfer", contestant, way, url, str(folder), str(file)]
    environment = {**os.environ, "GRADIO_TEMP_DIR": f"{folder}/client"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(done.stderr)
    assert file.stat().st_size == MEGABYTES << 20
    file.unlink()
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def transfer(contestant: str, way: str, url: str, folder: str, file: Path) -> tuple[float, float]:
    """Run one transfer in this process; seconds, and megabytes beyond the peak that was there before."""
    quiet()
    run = {OURS: _ours, PEER: _peer, RAW: _raw}[contestant](way, url, folder, file)
    before = _peak()
    seconds = timed(run)
    return seconds, _peak() - before


def _ours(way: str, url: str, folder: str, file: Path) -> Contestant:
    sys.path.insert(0, folder)
    bench_files = importlib.import_module("bench_files")

    bench_files.pixels(None)  # imports and connections are not what is measured
    if way == "up":
        return lambda: bench_files.measure(file)
    found = bench_files.produce(MEGABYTES)
    return lambda: found.save(file)


def _peer(way: str, url: str, folder: str, file: Path) -> Contestant:
    from gradio_client import Client, handle_file

    client = gradio_client(url)
    client.predict(None, api_name="/pixels")
    if way == "up":
        return lambda: client.predict(handle_file(str(file)), api_name="/measure")
    plain = Client(url, verbose=False, download_files=False)
    found = plain.predict(MEGABYTES, api_name="/produce")

    def down() -> None:
        endpoint = next(e for e in client.endpoints.values() if e.api_name == "/produce")
        Path(endpoint._download_file(found)).replace(file)

    return down


def _raw(way: str, url: str, folder: str, file: Path) -> Contestant:
    raw = Raw(url)
    raw.call("pixels", None)

    def up() -> None:
        with file.open("rb") as stream:
            path = raw.client.post("/upload", files={"files": stream}).raise_for_status().json()[0]
        raw.call("measure", {"path": path, "meta": {"_type": "gradio.FileData"}})

    if way == "up":
        return up
    found = raw.call("produce", MEGABYTES)[0]["path"]

    def down() -> None:
        with raw.client.stream("GET", f"/file={found}") as answer, file.open("wb") as stream:
            answer.raise_for_status()
            for piece in answer.iter_bytes(PIECE):
                stream.write(piece)

    return down


def _peak() -> float:
    """The most memory that this process has had, in megabytes."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        contestant, way, url, folder, file = sys.argv[1:]
        print(json.dumps(transfer(contestant, way, url, folder, Path(file))))
