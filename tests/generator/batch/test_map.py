"""`spacegen map` over the fake Space of an example package: formats, what is written, exit codes, going on."""

from __future__ import annotations

import csv
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from spacegen.batch import inputs, outputs
from spacegen.commands import main as cli
from spacegen.ir import Real, Text
from spacegen.loading import opened
from spacegen_runtime import errors
from spacegen_runtime.rows import lock
from spacegen_runtime.testing import fake_space
from support.drawn import examples
from support.servers import Servers
from support.waiting import until

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "generated_examples"
SPACEGEN = [sys.executable, "-c", "from spacegen.commands.main import main; main()"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def spacegen(here: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command; the package that it imports is faked: texts in capitals, "bad" refused."""
    from spacegen.batch import run as batch

    calls: list[Any] = []

    def faked(*arguments: Any, **options: Any) -> Any:
        return _Faked(opened(*arguments, **options), calls)

    monkeypatch.setattr(batch, "opened", faked)

    def command(*words: str, **options: Any) -> Result:
        result = CliRunner().invoke(cli.main, ["map", *words], prog_name="spacegen", **options)
        result.calls = calls  # type: ignore[attr-defined]
        return result

    return command


class _Faked:
    """A package that is opened and faked at once."""

    def __init__(self, inner: Any, calls: list[Any]) -> None:
        self.inner, self.calls = inner, calls

    def __enter__(self) -> Any:
        package = self.inner.__enter__()
        self.fake = cast(Any, fake_space(package.module))
        self.fake.__enter__()
        module = package.module
        if hasattr(module, "echo"):
            self.fake.on(module.echo).does(self.echo)
            self.fake.on(module.order).does(self.order)
        if hasattr(module, "shout"):
            self.fake.on(module.shout).does(lambda file: _shouted(module, file))
        return package

    def __exit__(self, *exc: Any) -> None:
        self.fake.__exit__(*exc)
        self.inner.__exit__(*exc)

    def echo(self, text: str) -> str:
        self.calls.append(text)
        if text == "bad":
            raise errors.AppError("cannot do 'bad'")
        return text.upper()

    def order(self, size: str, count: int = 1, extras: Any = ()) -> str:
        self.calls.append(size)
        return f"{count} {size}"


def _shouted(module: Any, file: Any) -> Any:
    return type(file).of(file.read().upper(), "x.txt")


TEXT = str(EXAMPLES / "text_app")
ROWS = [{"id": "1", "text": "a"}, {"id": "2", "text": 'b,\n"c"'}, {"id": "3", "text": ""}]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A file of rows, in the format of its suffix."""
    if path.suffix in (".csv", ".tsv"):
        with path.open("w", newline="") as file:
            table = csv.DictWriter(file, rows[0], delimiter="\t" if path.suffix == ".tsv" else ",")
            table.writeheader()
            table.writerows(rows)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows))
    else:
        arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")

        parquet.write_table(arrow.Table.from_pylist(rows), path)
    return path


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file."""
    return [dict(row) for row in inputs.read_table(str(path), None).rows()]


@pytest.mark.parametrize("out", ["csv", "tsv", "jsonl", "json", "parquet"])
@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_every_format_goes_in_and_out(spacegen: Any, here: Path, kind: str, out: str) -> None:
    if kind != out and "jsonl" not in (kind, out):
        pytest.skip("each with jsonl, and with itself")
    source = write(here / f"rows.{kind}", ROWS)
    result = spacegen(TEXT, "/echo", str(source), "-o", f"out/done.{out}")
    assert result.exit_code == 0, result.output
    wanted: list[dict[str, Any]] = [{**row, "echo": row["text"].upper()} for row in ROWS]
    if out in ("csv", "tsv"):
        wanted = [{**row, "error": ""} for row in wanted]
    elif out == "parquet":
        wanted = [{**row, "error": None} for row in wanted]
    assert read(here / "out" / f"done.{out}") == wanted
    assert {path.name for path in (here / "out").iterdir()} == {f"done.{out}", f"done.{out}.journal"}
    assert "3 rows done, 0 failed" in result.stderr


def test_columns_and_constants(spacegen: Any, here: Path) -> None:
    source = write(here / "rows.csv", [{"what": "small", "n": "2", "x": "1"}])
    command = [TEXT, "order", str(source), "-o", "out.jsonl"]
    result = spacegen(*command, "--set", "what=size", "--set", "n=count", "--const", "extras=milk")
    assert result.exit_code == 0, result.output
    assert read(here / "out.jsonl") == [{"what": "small", "n": "2", "x": "1", "order": "2 small"}]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["echo", "rows.csv", "-o", "rows.csv"], "a file that the run itself writes"),
        (
            ["order", "rows.csv", "-o", "o.csv", "--set", "text=size", "--const", "size=small"],
            "contradicts it",
        ),
        (["order", "rows.csv", "-o", "o.csv"], "Nothing provides size; the columns are text"),
        (["order", "rows.csv", "-o", "o.csv", "--set", "txt=size"], "no column txt; did you mean text?"),
        (["order", "rows.csv", "-o", "o.csv", "--set", "text=sise"], "did you mean size?"),
        (["order", "rows.csv", "-o", "o.csv", "--set", "size"], "COLUMN=PARAMETER"),
        (["echo", "rows.csv", "-o", "o.txt"], "what format is this?"),
        (["echo", "rows.csv"], "-o OUT"),
        (["ecko", "rows.csv", "-o", "o.csv"], "did you mean /echo?"),
        (["echo", "rows.csv", "-o", "o.csv", "--concurrency", "x"], "N or LOW-HIGH"),
        (["echo", "rows.csv", "-o", "o.csv", "--concurrency", "0"], "from 1 to"),
        (["echo", "rows.csv", "-o", "o.csv", "--concurrency", "3-2"], "from 1 to"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_is_not_understood_is_told_before_anything_is_sent(
    spacegen: Any, here: Path, words: list[str], says: str
) -> None:
    write(here / "rows.csv", [{"text": "a"}])
    result = spacegen(TEXT, *words)
    assert (result.exit_code, result.calls) == (2, [])
    assert says in result.output
    assert [path.name for path in here.iterdir()] == ["rows.csv"]


def test_a_file_that_map_did_not_write_is_not_replaced(spacegen: Any, here: Path) -> None:
    write(here / "rows.csv", [{"text": "a"}])
    notes = here / "notes.json"
    notes.write_text('["mine"]')
    command = [TEXT, "echo", "rows.csv", "-o", "notes.json"]
    for words in ([], ["--restart"], ["--retry-failed"]):
        result = spacegen(*command, *words)
        assert (result.exit_code, result.calls) == (2, []), result.output
        assert "notes.json is there, and map did not write it" in result.stderr
    assert notes.read_text() == '["mine"]'
    assert {path.name for path in here.iterdir()} == {"rows.csv", "notes.json"}
    assert spacegen(*command, "--dry-run").exit_code == 0
    notes.write_text("")  # as `mktemp` makes one
    for words in ([], [], ["--restart"], ["--retry-failed"]):
        result = spacegen(*command, *words)
        assert result.exit_code == 0, result.output
    assert [row["echo"] for row in read(notes)] == ["A"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_no_place_for_results(spacegen: Any, here: Path) -> None:
    write(here / "rows.csv", [{"text": "a"}])
    os.mkfifo(here / "pipe.jsonl")
    result = spacegen(TEXT, "echo", "rows.csv", "-o", "pipe.jsonl")
    assert result.exit_code == 1
    assert "Cannot write pipe.jsonl: not a regular file." in result.stderr
    assert result.calls == []
    assert (here / "pipe.jsonl").is_fifo()


def test_a_required_parameter_is_shown_without_a_default(spacegen: Any, here: Path) -> None:
    write(here / "rows.csv", [{"x": "a"}])
    result = spacegen(TEXT, "order", "rows.csv", "-o", "out.csv", "--const", "sizes=small")
    assert result.exit_code == 2
    assert "/order takes no sizes; did you mean size?" in result.stderr
    assert next(line for line in result.stderr.splitlines() if "size:" in line).count("=") == 0


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"text,b,text\n1,2,3\n", "two columns have the name 'text'"),
        ("a.csv", b"a,b\n1\n", "line 2: it has another number of cells"),
        ("a.csv", b"a,b\n1,2,3\n", "line 2: it has another number of cells"),
        ("a.csv", b'a,"b', "cannot be read as csv: unexpected end of data"),
        ("a.jsonl", b'{"text": "a"}\n[1]\n', "line 2: not an object"),
        ("a.jsonl", b"{\n", "line 1: not JSON"),
        ("a.json", b"{}", "not a list of objects"),
        ("a.csv", b"\xff\xfe\x00", "cannot be read as csv"),
        ("a.parquet", b"PAR0", "cannot be read as parquet"),
        ("b.csv", b"", "There is no a.csv"),
        ("*.csv", b"", "There is no file in *.csv"),
    ],
)
def test_an_input_that_cannot_be_read_is_told_with_its_place(
    spacegen: Any, here: Path, name: str, content: bytes, says: str
) -> None:
    if content or name == "b.csv":
        (here / name).write_bytes(content)
    result = spacegen(TEXT, "echo", name.replace("b.csv", "a.csv"), "-o", "out.jsonl")
    assert result.exit_code == (2 if says.startswith("There is no") else 1)
    assert says in result.stderr
    assert result.calls == []


def test_rows_before_a_damaged_page_keep_their_results(
    spacegen: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(inputs, "BATCH", 1)
    path = here / "rows.parquet"
    table = arrow.Table.from_pylist([{"text": letter} for letter in "abc"])
    parquet.write_table(table, path, row_group_size=1, use_dictionary=False, compression="NONE")
    at = parquet.ParquetFile(path).metadata.row_group(2).column(0).data_page_offset
    content = bytearray(path.read_bytes())
    content[at : at + 8] = b"\xff" * 8
    path.write_bytes(content)
    result = spacegen(TEXT, "echo", str(path), "-o", "out.jsonl")
    assert result.exit_code == 1
    assert "stopped: " in result.stderr
    assert "cannot be read as parquet" in result.stderr
    assert [row["echo"] for row in read(here / "out.jsonl")] == ["A", "B"]


def test_failures_are_grouped_kept_and_called_again_when_asked(spacegen: Any, here: Path) -> None:
    source = write(here / "rows.jsonl", [{"text": "a"}, {"text": "bad"}, {"text": 3}, {"text": "bad"}])
    result = spacegen(TEXT, "echo", str(source), "-o", "out.jsonl")
    assert result.exit_code == 1
    assert "2 failed: AppError: cannot do 'bad' (row 1, 3)" in result.stderr
    assert "1 failed: InputRefused" in result.stderr
    rows = read(here / "out.jsonl")
    assert [row.get("echo") for row in rows] == ["A", None, None, None]
    assert rows[1]["error"] == "AppError: cannot do 'bad'"
    again = spacegen(TEXT, "echo", str(source), "-o", "out.jsonl")
    assert again.exit_code == 1
    assert sorted(again.calls) == ["a", "bad", "bad"], "nothing was called again"
    assert "3 of these 4 by earlier runs" in again.stderr
    spacegen(TEXT, "echo", str(source), "-o", "out.jsonl", "--retry-failed")
    assert sorted(again.calls) == ["a", "bad", "bad", "bad", "bad"]
    spacegen(TEXT, "echo", str(source), "-o", "out.jsonl", "--restart")
    assert again.calls.count("a") == 2


def test_a_dry_run_checks_types_choices_and_ranges_and_calls_nothing(spacegen: Any, here: Path) -> None:
    rows = [{"size": "small", "count": "1"}, {"size": "huge", "count": "2"}, {"size": "large", "count": "x"}]
    source = write(here / "rows.csv", rows)
    result = spacegen(TEXT, "order", str(source), "--dry-run")
    assert (result.exit_code, result.calls) == (1, [])
    assert "'huge' is not one of small, large" in result.stderr
    assert "3 rows, 2 of which cannot be called; nothing was sent" in result.stderr
    assert [path.name for path in here.iterdir()] == ["rows.csv"]


def test_files_go_in_by_path_and_come_out_in_a_folder(spacegen: Any, here: Path) -> None:
    (here / "data").mkdir()
    for name in "ab":
        (here / "data" / f"{name}.txt").write_text(name)
    app = str(EXAMPLES / "files_app")
    result = spacegen(app, "shout", "data/*.txt", "-o", "out/done.jsonl")
    assert result.exit_code == 0, result.output
    rows = read(here / "out" / "done.jsonl")
    assert [row["file"] for row in rows] == ["data/a.txt", "data/b.txt"]
    assert [(here / "out" / row["capitals"]).read_text() for row in rows] == ["A", "B"]
    table = write(here / "data" / "rows.csv", [{"file": "a.txt"}, {"file": "none.txt"}])
    result = spacegen(app, "shout", str(table), "-o", "again.jsonl", "--files", "saved")
    assert result.exit_code == 1
    assert "there is no file" in result.stderr
    assert len(list((here / "saved").iterdir())) == 1


def test_standard_input_is_read(spacegen: Any, here: Path) -> None:
    result = spacegen(TEXT, "echo", "-", "-o", "out.jsonl", input='{"text": "x"}\n')
    assert result.exit_code == 0, result.output
    assert read(here / "out.jsonl") == [{"text": "x", "echo": "X"}]
    rows = '{"size": "small"}\n{"size": "large", "count": 3}\n'
    result = spacegen(TEXT, "order", "-", "-o", "out.csv", input=rows)
    assert result.exit_code == 0, result.output
    told = [(row["size"], row["count"], row["order"]) for row in read(here / "out.csv")]
    assert told == [("small", "", "1 small"), ("large", "3", "3 large")], "a column that the first row has not"


@pytest.mark.parametrize("content", ["text\nhi\n", "text\n1\n", "1\n2\n"])
def test_standard_input_of_another_format_is_told_how_it_is_read(spacegen: Any, here: Path, content: str) -> None:
    command = [TEXT, "echo", "-", "-o", "out.jsonl"]
    result = spacegen(*command, input=content)
    assert (result.exit_code, result.calls) == (1, [])
    assert "standard input, line 1: not " in result.stderr
    assert "Standard input is read as JSONL unless --format says otherwise" in " ".join(result.stderr.split())
    result = spacegen(*command, "--format", "jsonl", input=content)
    assert "Standard input is read as" not in " ".join(result.stderr.split()), "which was said already"


def test_the_one_match_of_a_glob_without_quotes_is_told_how_to_name_many(spacegen: Any, here: Path) -> None:
    (here / "pics").mkdir()
    (here / "pics" / "a.png").write_bytes(b"x")
    result = spacegen(str(EXAMPLES / "files_app"), "shout", "pics/a.png", "-o", "out.jsonl")
    assert result.exit_code == 2
    assert f"name their folder, or quote the pattern: '{Path('pics', '*.png')}'" in " ".join(result.stderr.split())


def test_results_are_no_input_of_the_next_run_unless_named(spacegen: Any, here: Path) -> None:
    for name in ("a", ".hidden/b"):
        (here / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "in" / name).write_text(name)
    for _ in range(2):
        result = spacegen(str(EXAMPLES / "files_app"), "shout", "in", "-o", "in/out.jsonl")
        assert result.exit_code == 0, result.output
        assert [row["file"] for row in read(here / "in" / "out.jsonl")] == [str(Path("in", "a"))]
    write(here / "first.jsonl", [{"text": "a"}])
    spacegen(TEXT, "echo", "first.jsonl", "-o", "second.csv")
    result = spacegen(TEXT, "echo", "second.csv", "-o", "third.csv", "--set", "echo=text")
    assert result.exit_code == 0, result.output
    [row] = read(here / "third.csv")
    assert row == {"text": "a", "echo": "A", "error": "", "result_echo": "A", "result_error": ""}


def test_an_empty_cell_stands_for_the_default_and_a_whole_number_is_one(spacegen: Any, here: Path) -> None:
    (here / "rows.csv").write_text("size,count\nsmall,\nlarge,2.0\nlarge,2.5\n")
    (here / "rows.jsonl").write_text(
        '{"size": "small", "count": NaN}\n{"size": "large", "count": 2.0}\n{"size": "large", "count": 2.5}\n'
    )
    for name in ("rows.csv", "rows.jsonl"):
        result = spacegen(TEXT, "order", name, "-o", f"{name}.out.jsonl")
        rows = read(here / f"{name}.out.jsonl")
        assert [row.get("order") for row in rows] == ["1 small", "2 large", None]
        assert "1 failed: InputRefused: not sent: count: " in result.stderr
        assert "NaN" not in (here / f"{name}.out.jsonl").read_text(), "which is not JSON"


def test_no_cell_reads_a_file_where_none_is_wanted(spacegen: Any, here: Path) -> None:
    (here / "secret").write_text("x")
    table = write(here / "rows.csv", [{"value": "@secret"}])
    result = spacegen(str(EXAMPLES / "kitchen_app"), "json", str(table), "--dry-run")
    assert result.exit_code == 0, result.output


def test_an_input_without_rows_gives_an_output_without_rows(spacegen: Any, here: Path) -> None:
    for content in ("", "text\n"):
        (here / "rows.csv").write_text(content)
        result = spacegen(TEXT, "echo", "rows.csv", "-o", "out.csv", "--restart")
        assert (result.exit_code, read(here / "out.csv")) == (0, []), result.output
        assert "0 rows done" in result.stderr


def test_a_limit_on_failures_lets_the_same_command_go_on(spacegen: Any, here: Path) -> None:
    source = write(here / "rows.jsonl", [{"text": text} for text in ("bad", "bad", "a", "b")])
    command = [TEXT, "echo", str(source), "-o", "out.jsonl", "--max-failures", "1", "--concurrency", "1"]
    assert "stopped:" in spacegen(*command).stderr
    result = spacegen(*command)
    assert "2 rows done, 2 failed; 2 of these 4 by earlier runs" in result.stderr
    assert [row.get("echo") for row in read(here / "out.jsonl")] == [None, None, "A", "B"]
    result = spacegen(*command, "--restart")
    assert "run the same command without --restart to continue" in result.stderr, "which would begin again"
    assert "2 of these 4 by earlier runs" in spacegen(*command).stderr


def test_a_run_that_is_refused_leaves_the_results_of_the_other(spacegen: Any, here: Path) -> None:
    """The second of two runs at once, and one of another endpoint."""
    source = write(here / "rows.csv", [{"text": "a"}])
    command = [TEXT, "echo", str(source), "-o", "out.csv"]
    assert spacegen(*command).exit_code == 0
    before = (here / "out.csv").read_bytes()
    (here / ".out.csv.part").write_text("of the first")
    with (here / "out.csv.journal").open("r+b") as file:
        lock.locked(file, here)
        for words in ([], ["--restart"]):
            result = spacegen(*command, *words)
            assert result.exit_code == 1
            assert "another run writes to out.csv.journal" in result.stderr
    assert (here / ".out.csv.part").read_text() == "of the first"
    result = spacegen(TEXT, "order", str(source), "-o", "out.csv", "--set", "text=extras", "--const", "size=small")
    assert "endpoint '/echo', and this is '/order'" in result.stderr
    assert (here / "out.csv").read_bytes() == before


def test_a_disk_that_is_full_is_told_and_loses_nothing(spacegen: Any, here: Path) -> None:
    resource = pytest.importorskip("resource", reason="limits of POSIX")
    source = write(here / "rows.jsonl", [{"text": f"{number} " * 20_000} for number in range(40)])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        result = spacegen(TEXT, "echo", str(source), "-o", "out.jsonl")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (result.exit_code, "File too large" in result.stderr) == (1, True), result.output
    assert "unexpected" not in result.stderr
    result = spacegen(TEXT, "echo", str(source), "-o", "out.jsonl")
    assert result.exit_code == 0, result.output
    assert "of these 40 by earlier runs" in result.stderr
    assert len(read(here / "out.jsonl")) == 40


CELLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


def check_number(value: float, back: Any) -> None:
    """A number is itself; in a column of real numbers a real one, which stays so where the column becomes text."""
    if isinstance(back, str):
        back = json.loads(back)
    if math.isfinite(value):
        assert back == value
    else:
        assert back is None or back == value or back != back


@pytest.mark.parametrize(
    "values",
    [
        [2**53 + 1, 0.5],
        [1, 2, 2**53 + 1, 0.5],
        [0.5, 0.5, 2**53 + 1],
        [2**60, 0.5, 2**62 - 1],
        [{"a": 2**53 + 1}, {"a": 1}, {"a": 0.5}],
        [[2**53 + 1], [1], [0.5]],
    ],
    ids=str,
)
def test_parquet_rounds_no_whole_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: list[Any]
) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(outputs, "BATCH", 2)
    output = outputs.ResultFile(tmp_path / "x.parquet", "parquet", ["a"], {})
    for value in values:
        output.write({"a": value})
    output.finish()
    back = [row["a"] for row in read(tmp_path / "x.parquet")]
    assert [json.loads(one) if isinstance(one, str) else one for one in back] == values


@settings(max_examples=examples(100))
@given(st.lists(st.fixed_dictionaries({"a": CELLS, "b": CELLS}), max_size=6))
def test_parquet_takes_whatever_rows_hold(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path_factory.mktemp("cells") / "x.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs, "BATCH", 2)
        output = outputs.ResultFile(path, "parquet", ["a"], {"b": Real()})
        for row in rows:
            output.write(row)
        output.finish()
    there = read(path)
    assert [path.name] == [one.name for one in path.parent.iterdir()]
    assert len(there) == len(rows)
    for row, back in zip(rows, there, strict=True):
        for name, value in row.items():
            if value is None:
                assert back[name] is None
            elif isinstance(value, list | dict):
                assert back[name] is not None  # in an object, a key that others have is null
            elif isinstance(value, int | float):
                check_number(value, back[name])
            else:
                assert back[name] == outputs._text(value)


@settings(max_examples=examples(50))
@given(st.lists(st.fixed_dictionaries({"a": st.text(), "b": st.text()}), min_size=1, max_size=5))
def test_whatever_a_cell_holds_it_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("cells")
    for kind in ("jsonl", "json"):
        path = folder / f"x.{kind}"
        output = outputs.ResultFile(path, kind, ["a"], {"b": Text()})
        for row in rows:
            output.write(row)
        output.finish()
        assert read(path) == [
            {name: value.encode("utf-8", "backslashreplace").decode() for name, value in row.items()}
            for row in rows
        ]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_keeps_what_is_done_and_goes_on_from_there(server: Servers, here: Path, times: int) -> None:
    """What it did is what the app counted: each of its calls writes down that it began, was stopped or ended."""
    marks: list[dict[str, Any]] = [{"mark": str(here / f"mark{number}"), "seconds": 0.4} for number in range(24)]
    if times == 2:
        marks = [{**row, "seconds": 60} if number > 2 else row for number, row in enumerate(marks)]
    write(here / "rows.jsonl", marks)
    url = server("streaming").url
    subprocess.run([*SPACEGEN, url, "--name", "streaming"], check=True, capture_output=True, cwd=here)
    command = [
        *SPACEGEN,
        "map",
        "streaming",
        "/sleep_async",
        "rows.jsonl",
        "-o",
        "out.jsonl",
        "--concurrency",
        "4",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=here) as run:
        assert run.stderr is not None
        until(lambda: (here / marks[3]["mark"]).exists() or run.poll() is not None)
        run.send_signal(signal.SIGINT)
        said = ""
        while "Ctrl-C again" not in said and (line := run.stderr.readline()):
            said += line
        if times == 2:
            run.send_signal(signal.SIGINT)
        said += run.stderr.read()
    assert run.returncode == 130, said
    assert "run the same command again to continue" in said
    rows = read(here / "out.jsonl")
    assert len(rows) < len(marks)
    assert all("error" not in row for row in rows)
    began = [Path(row["mark"]) for row in marks if Path(row["mark"]).exists()]
    ended = [str(mark) for mark in began if "end" in mark.read_text()]
    if times == 1:
        assert [row["mark"] for row in rows] == ended == list(map(str, began)), "what ran was waited for"
        again = subprocess.run(command, capture_output=True, text=True, cwd=here)
        assert again.returncode == 0, again.stderr
        assert f"{len(rows)} of these {len(marks)} by earlier runs" in again.stderr
        assert read(here / "out.jsonl")[: len(rows)] == rows
        assert all(Path(row["mark"]).read_text() == "start\nend\n" for row in marks), "none was called twice"
        return
    running = [mark for mark in began if str(mark) not in ended]
    assert running
    # not within the minute that they take
    until(lambda: all("stopped" in mark.read_text() for mark in running))
    assert not any("end" in mark.read_text() for mark in running)
