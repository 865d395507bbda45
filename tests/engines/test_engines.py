"""One worker class in three engines, against a real server: the same outcomes as `map`, in one test body.

The engines are large, and no part of the development environment: `sh run engines` makes one that has them, and
`sh run test` does so too, with fewer rows.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from spacegen import pipeline
from spacegen.commands import main as cli
from spacegen_runtime import Worker, errors
from support.servers import Servers

TRIES = 5  # where a machine is busy with other tests, a connection may break
ROWS = int(os.environ.get("ENGINE_ROWS", "500"))
Engine = Callable[[Worker, list[dict[str, Any]], Path], list[dict[str, Any]]]

# Ray reads its own deprecated settings.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.data.context")


@pytest.fixture(scope="module")
def package(server: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """A package that other processes can import."""
    folder = tmp_path_factory.mktemp("engines")
    pipeline.generate(server("files").url, output=folder, name="engine_files")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        patch.setenv("RAY_raylet_start_wait_time_s", "300")  # on a busy machine, 30 are not enough
        yield importlib.import_module("engine_files")
        sys.modules.pop("engine_files", None)


AWAY = """
import pickle, sys
space, shout = pickle.load(sys.stdin.buffer)
print(space.base_url, shout(sys.argv[1]).read().decode())
"""


def test_a_space_and_a_function_that_calls_it_load_in_another_process(package: ModuleType, tmp_path: Path) -> None:
    cloudpickle = pytest.importorskip("cloudpickle", reason="no Dask for this Python here")
    space = package.space
    path = tmp_path / "hello.txt"
    path.write_text("hello")
    package.shout(str(path))  # so that it has open connections
    sent = cloudpickle.dumps((space, lambda file: package.shout.with_options(retries=TRIES)(file)))
    words = [sys.executable, "-c", AWAY, str(path)]
    result = subprocess.run(words, input=sent, capture_output=True, check=True, timeout=300)
    assert result.stdout.decode().split() == [space.base_url, "HELLO"]


def _ray(worker: Worker, rows: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    pytest.importorskip("ray", reason="no Ray for this Python here")
    import ray
    import ray.data

    try:
        ray.init(num_cpus=2, include_dashboard=False, configure_logging=False)
    except Exception as error:  # processes of its own that a sandbox may forbid
        pytest.skip(f"Ray does not start on this machine: {error!r:.300}")
    try:
        data = ray.data.from_items(rows, override_num_blocks=4)
        called = data.map_batches(worker, compute=ray.data.TaskPoolStrategy(size=2), batch_size=100)
        return list(called.take_all())
    finally:
        ray.shutdown()


def _dask_bag(worker: Worker, rows: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    bag = pytest.importorskip("dask.bag", reason="no Dask for this Python here")
    with _cluster():
        return list(bag.from_sequence(rows, npartitions=4).map_partitions(worker.partition).compute())


def _dask_frame(worker: Worker, rows: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    pytest.importorskip("dask", reason="no Dask for this Python here")
    pandas = pytest.importorskip("pandas")
    import dask.dataframe

    with _cluster():
        frame = dask.dataframe.from_pandas(pandas.DataFrame(rows), npartitions=4)
        names = [*rows[0], "result", "error", "key"]
        called = frame.map_partitions(worker.frame, meta=dict.fromkeys(names, object)).compute()
    return list(called.to_dict("records"))


@contextmanager
def _cluster() -> Iterator[None]:
    from dask.distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster):
        yield


def _datasets(worker: Worker, rows: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    datasets = pytest.importorskip("datasets", reason="no datasets for this Python here")
    return list(datasets.Dataset.from_list(rows).map(worker.arow, cache_file_name=str(folder / "cache.arrow")))


def _datasets_batched(worker: Worker, rows: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    datasets = pytest.importorskip("datasets", reason="no datasets for this Python here")
    cache = str(folder / "cache.arrow")
    return list(datasets.Dataset.from_list(rows).map(worker, batched=True, batch_size=100, cache_file_name=cache))


@contextmanager
def _left_open() -> Iterator[None]:
    """Closes what an engine leaves open: Ray some sockets, `datasets` the event loop that has our connections."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.fixture(scope="module")
def expected(package: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], Any]]:
    """Rows, one in a hundred of which names no file, and what `map` makes of them."""
    folder = tmp_path_factory.mktemp("rows")
    rows: list[dict[str, Any]] = []
    for number in range(ROWS):
        path = folder / f"{number}.txt"
        path.write_text(f"row {number}")
        rows.append({"id": number, "file": str(path) if number % 100 != 7 else "nothere.txt"})
    given = [{"file": row["file"]} for row in rows]
    outcomes = list(package.shout.records(save_to=folder / "saved", attempts=TRIES).outcomes(given))
    for outcome in outcomes:
        assert (type(outcome.error) is errors.NoSuchFile) == (outcome.number % 100 == 7), outcome.error
    return list(zip(rows, outcomes, strict=True))


@pytest.mark.parametrize(
    ("engine", "count"),
    [(_dask_bag, ROWS), (_ray, ROWS), (_dask_frame, 100), (_datasets, 100), (_datasets_batched, 100)],
)
def test_an_engine_gives_the_outcomes_that_map_gives(
    package: ModuleType, expected: list[tuple[dict[str, Any], Any]], tmp_path: Path, engine: Engine, count: int
) -> None:
    rows = [row for row, _ in expected[:count]]
    worker = Worker(package.shout, save_to=tmp_path / "saved", attempts=TRIES)

    with _left_open():
        called = sorted(engine(worker, rows, tmp_path), key=lambda row: int(row["id"]))

    assert [row["id"] for row in called] == list(range(len(rows)))
    for row, (_, outcome) in zip(called, expected, strict=False):
        assert row["key"] == outcome.key
        if outcome.error is None:
            assert row["error"] is None or row["error"] != row["error"], row  # pandas has NaN for it
            assert Path(row["result"]).read_text() == f"ROW {row['id']}"
        else:
            assert row["error"].startswith("NoSuchFile: ")
    again = Worker(package.shout, skip=[row["key"] for row in called])
    assert again.partition(rows) == [], "what the output has is not called again"


def test_a_folder_that_datasets_saved_goes_through_the_command(
    package: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets", reason="no datasets for this Python here")
    images = pytest.importorskip("PIL.Image")
    paths = []
    for width in (3, 5):
        paths.append(str(tmp_path / f"{width}.png"))
        images.new("RGB", (width, 2)).save(paths[-1])
    data = datasets.Dataset.from_dict({"id": [1, 2], "picture": paths})
    data.cast_column("picture", datasets.Image()).save_to_disk(str(tmp_path / "saved"))
    datasets.DatasetDict(train=data).save_to_disk(str(tmp_path / "several"))
    monkeypatch.chdir(tmp_path)

    def spacegen(rows: str, *words: str) -> Any:
        command = ["map", str(Path(package.__path__[0])), "/pixels", rows, "-o", "out.jsonl"]
        return CliRunner().invoke(cli.main, [*command, "--set", "picture=image", *words])

    assert spacegen("saved", "--dry-run").exit_code == 0
    done = spacegen("saved")
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["id"], row["size"]) for row in rows] == [(1, "3x2"), (2, "5x2")]
    assert "bytes" not in rows[0]["picture"], "a picture that came in is not written out again"
    several = spacegen("several")
    assert several.exit_code == 2
    assert "several data sets: name one of train" in several.output


def test_a_worker_is_small_and_says_what_makes_no_sense(package: ModuleType) -> None:
    worker = Worker(package.shout, columns={"path": "file"})
    assert len(pickle.dumps(worker)) < 2000
    with pytest.raises(TypeError, match="not keep a checkpoint"):
        Worker(package.shout, checkpoint="x")
    with pytest.raises(errors.ConfigurationError, match="concurrency"):
        Worker(package.shout, concurrency=0)
