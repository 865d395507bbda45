"""A package is replaced whole or not at all, and nothing that a user wrote is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from spacegen.errors import IntegrityError, TargetError
from spacegen.packages import swap as exchange
from spacegen.packages import write
from spacegen.packages.sameness import digest_of
from spacegen.packages.write import diff_package, write_package


def package(**files: str) -> dict[str, str]:
    """Files of a package with their manifest; `__` in a keyword stands for a dot."""
    sources = {name.replace("__", "."): text for name, text in files.items()}
    hashes = {name: digest_of(name, text.encode()) for name, text in sources.items()}
    return {**sources, "spacegen.json": json.dumps({"format": 1, "generator": "0.1.0", "files": hashes})}


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir())


def on_disk(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=["swap", "two renames"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "two renames":
        monkeypatch.setattr(write, "swap", lambda first, second: False)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out" / "greeter"


V1 = package(a__py="A = 1\n", b__py="B = 1\n")
V2 = package(a__py="A = 2\n", c__py="C = 2\n")


@pytest.mark.usefixtures("either_way")
def test_a_new_version_replaces_the_old_one_whole(target: Path) -> None:
    write_package(target, V1)
    assert on_disk(target) == V1
    write_package(target, V2)
    assert on_disk(target) == V2
    assert beside(target) == ["greeter"]


@pytest.mark.usefixtures("either_way")
def test_files_of_the_user_stay(target: Path) -> None:
    write_package(target, V1)
    (target / "helpers.py").write_text("MINE = True\n")
    (target / "data" / "empty").mkdir(parents=True)
    (target / "data" / "table.csv").write_text("1,2\n")
    (target / "link").symlink_to("helpers.py")
    before = (target / "helpers.py").stat()
    write_package(target, V2)
    mine = {"helpers.py": "MINE = True\n", "data/table.csv": "1,2\n", "link": "MINE = True\n"}
    assert on_disk(target) == {**V2, **mine}
    assert (target / "data" / "empty").is_dir()
    assert (target / "link").readlink() == Path("helpers.py")
    assert os.path.samestat(before, (target / "helpers.py").stat())


def test_files_stay_where_the_file_system_has_no_hard_links(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no hard links here")

    write_package(target, V1)
    (target / "helpers.py").write_text("MINE = True\n")
    monkeypatch.setattr(os, "link", refuse)
    write_package(target, V2)
    assert on_disk(target) == {**V2, "helpers.py": "MINE = True\n"}


@pytest.mark.usefixtures("either_way")
def test_what_is_saved_while_the_package_is_replaced_stays(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_package(target, V1)
    (target / "helpers.py").write_text("before\n")
    put = write._put_in_place

    def save_then_put(new: Path, into: Path) -> Path | None:
        (target / "draft.py").write_text("during\n")
        (target / "helpers.new").write_text("after\n")
        (target / "helpers.new").rename(target / "helpers.py")  # as editors save
        return put(new, into)

    monkeypatch.setattr(write, "_put_in_place", save_then_put)
    write_package(target, V2)
    assert on_disk(target) == {**V2, "helpers.py": "after\n", "draft.py": "during\n"}


def test_byte_code_is_nobodys_work(target: Path) -> None:
    write_package(target, V1)
    (target / "__pycache__").mkdir()
    (target / "__pycache__" / "a.pyc").write_bytes(b"")
    write_package(target, V2)
    assert on_disk(target) == V2


def test_nothing_is_touched_when_nothing_changed(target: Path) -> None:
    write_package(target, V1)
    before = target.stat()
    write_package(target, V1)
    assert os.path.samestat(before, target.stat())


def test_a_folder_that_is_not_ours_is_left_alone(target: Path) -> None:
    target.mkdir(parents=True)
    (target / "a.py").write_text("precious\n")
    (target / "other.py").write_text("also precious\n")
    with pytest.raises(TargetError, match=r"was not written by spacegen.*--force"):
        write_package(target, V1)
    assert on_disk(target) == {"a.py": "precious\n", "other.py": "also precious\n"}
    write_package(target, V1, force=True)
    assert on_disk(target) == {**V1, "other.py": "also precious\n"}


@pytest.mark.parametrize("manifest", ["{", "[]", '{"files": []}', '{"files": {"a.py": ""}}', "[" * 100_000])
def test_a_manifest_that_is_not_ours_makes_no_package_ours(target: Path, manifest: str) -> None:
    target.mkdir(parents=True)
    (target / "spacegen.json").write_text(manifest)
    with pytest.raises(TargetError, match="was not written by spacegen"):
        write_package(target, V1)


def test_an_empty_folder_is_free(target: Path) -> None:
    target.mkdir(parents=True)
    target.chmod(0o750)
    write_package(target, V1)
    assert on_disk(target) == V1
    assert target.stat().st_mode & 0o777 == 0o750


def test_an_edited_file_is_not_replaced_without_force(target: Path) -> None:
    write_package(target, V1)
    (target / "a.py").write_text("A = 'mine'\n")
    (target / "b.py").write_text("B = 'mine'\n")
    with pytest.raises(TargetError, match=r"a\.py, b\.py in .* was edited"):
        write_package(target, V2)
    write_package(target, V2, force=True)
    # b.py is no longer generated: nothing replaces it, so it stays as the user's own.
    assert on_disk(target) == {**V2, "b.py": "B = 'mine'\n"}


def test_line_ends_that_git_changed_are_no_edit(target: Path) -> None:
    write_package(target, V1)
    (target / "a.py").write_bytes(b"A = 1\r\n")
    write_package(target, V2)
    assert on_disk(target) == V2


def test_a_new_file_never_replaces_one_of_the_user(target: Path) -> None:
    write_package(target, V1)
    (target / "c.py").write_text("mine\n")
    with pytest.raises(TargetError, match=r"c\.py in .* was not written by spacegen"):
        write_package(target, V2)
    assert (target / "c.py").read_text() == "mine\n"


def test_a_link_or_folder_in_the_way_is_refused_even_with_force(target: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text("mine\n")
    write_package(target, V1)
    (target / "c.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(TargetError, match="in the way"):
        write_package(target, V2, force=True)
    (target / "c.py").unlink()
    (target / "c.py").mkdir()
    (target / "c.py" / "x").touch()
    with pytest.raises(TargetError):
        write_package(target, V2, force=True)
    assert beside(target) == ["greeter"]
    assert (target / "a.py").read_text() == "A = 1\n"


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../x.py", "a/../../x.py", "a//b.py", "./a.py", "a/", "", "a\\b.py", "c:x.py", "a\nb.py", "."],
)
def test_names_cannot_leave_the_package(target: Path, name: str) -> None:
    with pytest.raises(IntegrityError, match="cannot be the name"):
        write_package(target, {**V1, name: ""})
    assert not target.parent.exists()


def test_source_that_is_no_text_is_refused(target: Path) -> None:
    with pytest.raises(IntegrityError, match="not valid text"):
        write_package(target, {"a.py": "\ud800"})


def test_a_linked_target_is_refused(target: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target.parent.mkdir()
    target.symlink_to(tmp_path / "real")
    with pytest.raises(TargetError, match="symbolic link"):
        write_package(target, V1)
    assert not any((tmp_path / "real").iterdir())


def test_a_file_where_a_folder_is_needed(target: Path) -> None:
    target.parent.write_text("a file\n")
    with pytest.raises(TargetError, match="out is a file, not a folder"):
        write_package(target, V1)
    with pytest.raises(TargetError, match="out is a file, not a folder"):
        write_package(target.parent, V1)
    assert target.parent.read_text() == "a file\n"


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="too long"):
        write_package(tmp_path / ("x" * 300), V1)


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root; the next test does without them")
def test_a_read_only_folder(target: Path) -> None:
    target.parent.mkdir()
    target.parent.chmod(0o555)
    with pytest.raises(TargetError, match="Permission denied"):
        write_package(target, V1)


def test_a_file_system_that_is_read_only() -> None:
    with pytest.raises(TargetError, match="Cannot write"):
        write_package(Path("/proc/greeter"), V1)


@pytest.mark.usefixtures("either_way")
def test_a_full_disk_leaves_the_old_package(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_package(target, V1)
    original = write._write

    def fill(path: Path, content: bytes) -> None:
        original(path, content[:3])
        if path.name == "c.py":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "_write", fill)
    with pytest.raises(TargetError, match="No space left on device"):
        write_package(target, V2)
    assert on_disk(target) == V1
    assert beside(target) == ["greeter"]


def test_a_second_rename_that_fails_brings_the_old_package_back(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_package(target, V1)
    monkeypatch.setattr(write, "swap", lambda first, second: False)
    rename = Path.rename

    def refuse(self: Path, to: Path) -> Path:
        if "-new-" in self.name:
            raise OSError(5, "Input/output error")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(TargetError, match="Input/output error"):
        write_package(target, V2)
    assert on_disk(target) == V1


def test_diff_tells_what_would_change_and_writes_nothing(target: Path) -> None:
    assert diff_package(target, V1) == dict.fromkeys(sorted(V1), "added")
    assert not target.parent.exists()
    write_package(target, V1)
    assert diff_package(target, V1) == {}
    assert diff_package(target, V2) == {
        "a.py": "changed",
        "b.py": "removed",
        "c.py": "added",
        "spacegen.json": "changed",
    }
    assert on_disk(target) == V1


needs_swap = pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="the system cannot swap folders")
BIG = {f"m{n:02}.py": "x" * 2000 for n in range(20)}
WRITER = """
import json, sys
from pathlib import Path
from spacegen.packages import write
target, versions = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
print("ready", flush=True)
number = 0
while True:
    write.write_package(target, versions[number % len(versions)])
    number += 1
"""


def writer(target: Path, versions: list[dict[str, str]]) -> subprocess.Popen[bytes]:
    plan = target.parent.parent / f"plan-{random.random()}.json"
    plan.write_text(json.dumps(versions))
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(target), str(plan)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def versions() -> list[dict[str, str]]:
    return [package(**{name.replace(".", "__"): text.replace("x", v) for name, text in BIG.items()}) for v in "ab"]


def replaced_until_death(target: Path, files: dict[str, str], step: int) -> bool:
    """Write a package in a process that is killed at its `step`-th step; tell whether it got that far."""
    child = os.fork()
    if child == 0:
        steps = iter(range(step))

        def die(event: str, _: object) -> None:
            # Every file, folder, rename and unlink raises an audit event; so does the call that swaps.
            if event.startswith(("open", "os.", "shutil.", "ctypes.")) and next(steps, None) is None:
                signal.raise_signal(signal.SIGKILL)

        try:
            sys.addaudithook(die)
            write_package(target, files)
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


@pytest.mark.parametrize("way", [pytest.param("swap", marks=needs_swap), "two renames"])
def test_kill_at_every_step_leaves_one_package_or_the_other(
    target: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "two renames":
        monkeypatch.setattr(write, "swap", lambda first, second: False)
    step, seen = 0, set()
    aside = target.parent / ".greeter.spacegen-old"
    while True:
        write_package(target, V1)
        (target / "mine.py").write_text("mine\n")
        if not replaced_until_death(target, V2, step):
            break
        step += 1
        # Without a swap there is a moment with the old package aside; the next run brings it back.
        found = on_disk(target if way == "swap" or target.exists() else aside)
        assert found.pop("mine.py") == "mine\n"
        assert found in (V1, V2)
        seen.add(found == V2)
        write_package(target, V1)
        assert on_disk(target) == {**V1, "mine.py": "mine\n"}
        assert beside(target) == ["greeter"]
    assert step > 30
    assert seen == {True, False}


def test_a_death_between_two_renames_is_repaired_by_the_next_run(target: Path) -> None:
    both = versions()
    write_package(target, both[0])
    (target / "mine.py").write_text("mine\n")
    target.rename(target.parent / ".greeter.spacegen-old")
    half = target.parent / ".greeter.spacegen-new-0123"
    half.mkdir()
    (half / "m00.py").write_text("half")
    write_package(target, both[1])
    assert on_disk(target) == {**both[1], "mine.py": "mine\n"}
    assert beside(target) == ["greeter"]


@needs_swap
def test_two_writers_and_a_reader_never_meet_a_mix(target: Path) -> None:
    both = versions()
    write_package(target, both[0])
    writers = [writer(target, both), writer(target, both[::-1])]
    for process in writers:
        threading.Timer(1.5, process.kill).start()
    kinds = {files["m00.py"][0] for files in both}
    while any(process.poll() is None for process in writers):
        # An open folder stays the folder it was, whatever is renamed; a cleared one is empty.
        handle = os.open(target, os.O_RDONLY)
        try:
            names = [name for name in os.listdir(handle) if name.startswith("m")]  # noqa: PTH208 (a folder handle has no path)
            seen = set()
            for name in names:
                try:
                    file = os.open(name, os.O_RDONLY, dir_fd=handle)
                except FileNotFoundError:  # that folder is being cleared
                    continue
                seen.add(os.read(file, 1).decode())
                os.close(file)
        finally:
            os.close(handle)
        assert len(seen) <= 1
        assert seen <= kinds
    for process in writers:
        process.communicate()
    assert on_disk(target) in both


@needs_swap
def test_swap_reports_what_it_cannot_do(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(FileNotFoundError):
        exchange.swap(tmp_path / "a", tmp_path / "missing")
    assert (tmp_path / "a").is_dir()
