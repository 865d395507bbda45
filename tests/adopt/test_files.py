"""Files as they are: encodings, line ends, what cannot be read, and that nothing is ever lost."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from adopt import shaped
from click.testing import CliRunner, Result
from generator.site import Reply, Site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacegen.adopt import files, write
from spacegen.adopt.edits import Edit, apply
from spacegen.adopt.found import AdoptReport, UnreadableFile
from spacegen.adopt.module import Module
from spacegen.adopt.run import adopt
from spacegen.commands import main as cli
from support.drawn import examples

CAPTION = """\
from gradio_client import Client

client = Client("http://studio.test")


def caption(image):
    return client.predict(image, api_name="/caption")
"""
Move = Callable[..., AdoptReport]

PROGRAM = """\
from gradio_client import Client

client = Client("http://text.test")
print(client.predict("{word}", api_name="/echo"))
"""


@pytest.fixture(scope="module")
def move(moved: tuple[Path, AdoptReport]) -> Move:
    """Move a folder over to packages that are there already: writing one takes longer than all else."""
    spaces = moved[0] / "spaces"
    packages = {name: spaces / Path(source).stem for name, source in shaped.sources().items()}
    sources = {name: str(package) for name, package in packages.items() if package.is_dir()}

    def run(folder: Path, *, write: bool = True) -> AdoptReport:
        return adopt([folder], output=folder / "spaces", sources=sources, write=write)

    return run


def problem(report: AdoptReport) -> str:
    [found] = [file.problem for file in report.files]
    assert found is not None
    return found


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("mark", "first_line", "encoding", "word"),
    [
        (b"", "", "utf-8", "é 日本"),
        (b"\xef\xbb\xbf", "", "utf-8", "é"),
        (b"", "# -*- coding: latin-1 -*-\n", "latin-1", "é"),
        (b"", "#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\n", "cp1251", "ж"),
    ],
)
def test_what_is_not_changed_stays_to_the_byte(
    move: Move, ending: str, mark: bytes, first_line: str, encoding: str, word: str, tmp_path: Path
) -> None:
    rest = "\n\ndef other( a,b ):\n\treturn  a+b  # \x0c odd \n\tx = '''\n  kept'''\n"
    text = (first_line + PROGRAM.format(word=word) + rest).replace("\n", ending)
    path = tmp_path / "program.py"
    path.write_bytes(mark + text.encode(encoding))
    report = move(tmp_path)
    assert [file.problem for file in report.files] == [None]
    new = f'{first_line}from text import echo\n\nprint(echo("{word}"))\n{rest}'.replace("\n", ending)
    assert path.read_bytes() == mark + new.encode(encoding)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"from gradio_client import Client\nprint 'python 2'\n", "is not valid Python 3: line 2"),
        (b"from gradio_client import Client\nif True\n", "is not valid Python 3"),
        (b"from gradio_client import Client\n\xff\n", "is not utf-8"),
        (b"# coding: nonsense\nfrom gradio_client import Client\n", "has an encoding that cannot be read"),
        ("from gradio_client import Client\n".encode("utf-16"), None),
        (b"import gradio_client\n\0\n", "NUL bytes"),
        (b"import gradio_client\rx = 1\r", "has line endings of CR alone"),
        (b"import gradio_client\n" + b"# x\n" * (files.LARGEST // 4), "is larger than 4 MB"),
        (b"import gradio_client\nx = " + b"(" * 5000 + b")" * 5000, "is "),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_line_and_is_left_alone(
    move: Move, content: bytes, said: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "program.py"
    path.write_bytes(content)
    (tmp_path / "whole.py").write_text(PROGRAM.format(word="a"))
    report = move(tmp_path)
    assert path.read_bytes() == content
    assert "from text import echo" in (tmp_path / "whole.py").read_text()
    if said is not None:
        [found] = [file.problem for file in report.files if file.path == path]
        assert found is not None
        assert said in found


@pytest.mark.parametrize(
    "content", ["gradio_client {", '{"cells": 3, "gradio_client": 1}', "[]  gradio_client", '"gradio_client"']
)
def test_a_broken_notebook_gets_a_line(move: Move, content: str, tmp_path: Path) -> None:
    path = tmp_path / "book.ipynb"
    path.write_text(content)
    assert "cannot be read as a notebook" in problem(move(tmp_path))
    assert path.read_text() == content


def test_nothing_is_written_without_being_asked_to(move: Move, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.format(word="a"))
    report = move(tmp_path, write=False)
    assert [use.outcome for use in report.uses] == ["rewritten", "rewritten"]
    assert [child.name for child in tmp_path.iterdir()] == ["program.py"]
    assert path.read_text() == PROGRAM.format(word="a")


def test_packages_environments_and_hidden_folders_are_not_searched(move: Move, tmp_path: Path) -> None:
    for folder in (".hidden", "node_modules", "venv/lib", "site-packages"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "program.py").write_text(PROGRAM.format(word="a"))
    (tmp_path / "venv/pyvenv.cfg").touch()
    assert move(tmp_path).looked_at == 0


def test_a_file_that_somebody_changes_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("new")
    with pytest.raises(UnreadableFile, match="changed by another program"):
        write.replace_file(path, b"old", b"ours")
    assert path.read_text() == "new"


def test_a_link_stays_a_link_and_a_mode_a_mode(tmp_path: Path) -> None:
    path, link = tmp_path / "program.py", tmp_path / "link.py"
    path.write_text("old")
    path.chmod(0o751)
    link.symlink_to(path)
    write.replace_file(link, b"old", b"new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o751


KILLED = """
    import json, os, signal, sys
    from pathlib import Path
    from spacegen.adopt.run import adopt

    folder, sources, moments = Path(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3])
    WRITES = {"os.rename", "os.chmod", "os.remove", "os.mkdir", "os.rmdir", "shutil.copymode", "tempfile.mkstemp"}

    def work(left, folder):
        def watch(event, args):
            nonlocal left
            writes = event in WRITES or (event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR))
            if writes and str(args[0]) != "/dev/null":
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(watch)
        adopt([folder], output=folder / "spaces", sources=sources, write=True)
        return left

    def forked(left, folder):
        read, write = os.pipe()
        if pid := os.fork():
            os.waitpid(pid, 0)
            os.close(write)
            return os.read(read, 99)
        os.write(write, str(work(left, folder)).encode())
        os._exit(0)

    # The first run counts how often something is written, and loads all that it takes.
    writes = 10_000 - int(forked(10_000, folder / "whole"))
    for number in range(moments):
        forked(number * writes // moments, folder / str(number))
    print(writes)
"""


def test_a_command_that_is_killed_leaves_old_files_or_new_ones(tmp_path: Path) -> None:
    """Killed where something is about to be written: at some moments here, at all of them with more `moments`."""
    moments = 6
    before = {"a.py": PROGRAM.format(word="a"), "b.py": PROGRAM.format(word="b")}
    folders = [tmp_path / name for name in ("whole", *map(str, range(moments)))]
    for folder in folders:
        folder.mkdir()
        for name, text in before.items():
            (folder / name).write_text(text)
    sources = json.dumps({"http://text.test": str(shaped.SPECS / "text.json")})
    words = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path), sources, str(moments)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) > moments
    after = {name: (tmp_path / "whole" / name).read_text() for name in before}
    assert after != before
    whole = {path.name for path in (tmp_path / "whole/spaces/text").iterdir()}
    for folder in folders[1:]:
        now = {name: (folder / name).read_text() for name in before}
        assert all(now[name] in (before[name], after[name]) for name in before)
        if now != before:  # code that calls a package never comes before the package
            assert {path.name for path in (folder / "spaces/text").iterdir()} == whole


# Properties.

SHAPES = [(shaped.SHAPES / name).read_text("utf-8") for name in shaped.names() if name.endswith(".py")]


@given(st.data())
@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
def test_edits_touch_nothing_else(data: st.DataObject) -> None:
    text = data.draw(st.text(max_size=60))
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    spans = list(zip(places[::2], places[1::2], strict=False))
    edits = [Edit(start, end, text="\0") for start, end in spans]
    kept = [
        text[a:b]
        for a, b in zip([0, *(end for _, end in spans)], [*(s for s, _ in spans), len(text)], strict=True)
    ]
    assert apply(text, data.draw(st.permutations(edits))) == "\0".join(kept)


@pytest.mark.parametrize("number", range(0, len(SHAPES), 12))
@given(data=st.data())
@settings(max_examples=examples(5), suppress_health_check=list(HealthCheck))
def test_other_code_around_a_shape_stays_and_twice_is_once(
    move: Move, number: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = [
        "x = 1",
        "def f( a ):\n\treturn a",
        "class C : pass",
        "# a comment",
        "",
        "y = '''\n text'''",
        "if x:\n  pass",
    ]
    before = "\n".join(data.draw(st.lists(st.sampled_from(lines), max_size=4)))
    after = "\n".join(data.draw(st.lists(st.sampled_from(lines), max_size=4)))
    folder = tmp_path_factory.mktemp("around")
    path = folder / "program.py"
    path.write_text(f"{SHAPES[number]}\n#>\n{after}\n#<\n{before}\n")
    assert not any(file.problem for file in move(folder).files)
    once = path.read_text()
    assert once.partition("#>")[2] == f"\n{after}\n#<\n{before}\n"
    Module(once)
    move(folder)
    assert path.read_text() == once


# The command.


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.main, ["adopt", *words], prog_name="spacegen")


def options() -> list[str]:
    return [word for name, source in shaped.sources().items() for word in ("--source", f"{name}={source}")]


def test_the_command_tells_in_json_and_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(PROGRAM.format(word="a") + 'client.predict("a", api_name="/ecko")\n')
    done = run("program.py", "--json", *options())
    assert done.exit_code == 1
    [file] = json.loads(done.stdout)["files"]
    assert [(use["line"], use["outcome"]) for use in file["uses"]] == [(3, "left"), (4, "rewritten"), (5, "wrong")]
    assert file["uses"][1]["becomes"] == 'echo("a")'
    done = run("program.py", *options())
    assert "program.py:5: wrong today: client.predict" in done.stdout
    assert "did you mean /echo?" in done.stdout
    assert [path.name for path in Path().iterdir()] == ["program.py"]


def test_the_command_says_what_it_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.startswith(("libcst", "spacegen.adopt."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "libcst", None)
    done = run(str(tmp_path))
    assert done.exit_code == 1
    assert "pip install 'spacegen[adopt]'" in done.output


def test_a_diff_keeps_the_line_ends_of_its_file(move: Move, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_bytes(PROGRAM.format(word="a").replace("\n", "\r\n").encode())
    [file] = move(tmp_path, write=False).files
    assert [line[:1] for line in file.diff[3:]] == ["-", "+", " ", "-", "-", "+"]
    assert all(line.endswith("\r") for line in file.diff[3:])


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = run(str(tmp_path / "nowhere"))
    assert done.exit_code == 2
    assert "There is no file or folder" in done.output


def test_a_source_that_cannot_be_read_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = PROGRAM.format(word="a")
    Path("program.py").write_text(text)
    done = run("program.py", "--write", "--source", "http://text.test=nowhere.json")
    assert done.exit_code == 2
    assert "--source http://text.test=nowhere.json: There is no file nowhere.json." in done.output
    assert Path("program.py").read_text() == text


def test_a_space_that_is_out_of_reach_leaves_no_words_in_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PROGRAM.format(word="a").replace("http://text.test", "http://127.0.0.1:1")
    Path("program.py").write_text(text)
    done = run("program.py", "--write")
    assert done.exit_code == 1
    assert "the Space could not be read" in done.output
    assert Path("program.py").read_text() == text


@pytest.mark.parametrize("spelling", ["HTTP://127.0.0.1:1", "http://127.0.0.1:1/"])
def test_a_space_out_of_reach_leaves_no_words_under_another_spelling_either(
    spelling: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PROGRAM.format(word="a").replace("http://text.test", "http://127.0.0.1:1")
    text += f'other = Client("{spelling}")\nother.predict("b", api_name="/echo")\n'
    Path("program.py").write_text(text)
    report = adopt([Path("program.py")], output=Path(), sources={}, write=True)
    assert {reason[:31] for use in report.uses for reason in use.reasons} == {"the Space could not be read: No"}
    assert set(report.unread) == {"http://127.0.0.1:1", spelling}
    assert Path("program.py").read_text() == text


def test_a_client_of_a_known_space_or_one_out_of_reach_leaves_no_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: tuple[Path, AdoptReport]
) -> None:
    monkeypatch.chdir(tmp_path)
    made = 'client = Client("http://text.test") if input() else Client("http://127.0.0.1:1")'
    text = PROGRAM.format(word="a").replace('client = Client("http://text.test")', made)
    Path("program.py").write_text(text)
    sources = {"http://text.test": str(moved[0] / "spaces/text")}
    report = adopt([Path("program.py")], output=Path(), sources=sources, write=True)
    assert "http://127.0.0.1:1" in report.unread
    assert report.needs_a_person
    assert Path("program.py").read_text() == text


@pytest.mark.parametrize("url", ["input()", "os.getenv('S', 'http://127.0.0.1:2')"])
def test_a_source_of_an_expression_that_is_out_of_reach_changes_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = f"import os\nurl = {url}\n" + PROGRAM.format(word="a").replace('"http://text.test"', "url")
    Path("program.py").write_text(text)
    done = run("program.py", "--write", "--source", "url=http://127.0.0.1:1")
    assert done.exit_code == 2
    assert "--source url=http://127.0.0.1:1: Nothing answers at 127.0.0.1:1" in done.stderr
    assert Path("program.py").read_text() == text


def test_a_file_that_cannot_be_read_is_not_said_to_use_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text("from gradio_client import Client\nif True\n")
    assert "nothing here uses gradio_client" not in run("program.py").output


def test_an_error_names_the_option_that_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.json").write_text("{")
    Path("program.py").write_text(
        "url = input()\n" + PROGRAM.format(word="a").replace('"http://text.test"', "url")
    )
    done = run("program.py", "--source", "url=broken.json")
    assert done.exit_code == 2
    assert "--source url=broken.json: " in done.stderr


def test_a_source_that_is_not_there_is_an_error_even_if_no_code_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(PROGRAM.format(word="a"))
    known = ["--source", f"http://text.test={shaped.SPECS / 'text.json'}"]
    done = run("program.py", "--write", *known, "--source", "me/bar=nowhere.json")
    assert done.exit_code == 2
    assert "--source me/bar=nowhere.json: There is no file nowhere.json." in done.stderr
    assert [path.name for path in Path().iterdir()] == ["program.py"]


def test_a_source_that_no_code_asks_for_is_told_with_the_spaces_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: tuple[Path, AdoptReport]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(PROGRAM.format(word="a"))
    package = moved[0] / "spaces/text"
    monkeypatch.syspath_prepend(package.parent)
    words = ["program.py", "--source", f"http://text.test={package}", "--source", f"me/bar={package}"]
    done = run(*words, "--json")
    assert done.exit_code == 0
    told = f"--source me/bar={package}: no Client here is of me/bar; those here are of http://text.test"
    assert told in done.stderr
    assert "--source http://text.test" not in done.stderr
    assert json.loads(done.stdout)["unread"] == {}
    assert run(*words, "--write").exit_code == 0
    again = run(*words)  # no Client is left
    assert (again.exit_code, again.stderr) == (0, "")


@pytest.mark.parametrize(
    ("lies", "source", "is_told"),
    [
        ("locked", "../locked", True),
        ("of/locked", "../of/locked", True),
        ("code/locked", "locked", False),
        ("code/deep/locked", "deep/locked", False),
        ("spaces/locked", "../spaces/locked", False),  # -o
        ("found/locked", "../found/locked", False),  # by Python
    ],
)
def test_a_package_that_the_code_cannot_import_is_left_for_a_person(
    lies: str,
    source: str,
    is_told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moved: tuple[Path, AdoptReport],
) -> None:
    (tmp_path / "code").mkdir()
    monkeypatch.chdir(tmp_path / "code")
    monkeypatch.syspath_prepend(tmp_path / "found")
    (tmp_path / "of").mkdir()
    (tmp_path / "of/__init__.py").touch()
    shutil.copytree(moved[0] / "spaces/text", tmp_path / lies)
    Path("program.py").write_text(PROGRAM.format(word="a"))
    words = ["program.py", "-o", "../spaces", "--source", f"http://text.test={source}"]
    [package] = json.loads(run(*words, "--json").stdout)["packages"]
    done = run(*words, "--write")
    told = f"the code cannot import it from there: put {tmp_path} on the import path, or move the package"
    assert package["problem"] == (told if is_told else None)
    assert (done.exit_code, told in " ".join(done.stdout.split())) == ((1, True) if is_told else (0, False))


@pytest.mark.parametrize("basic", [False, True], ids=["login", "gateway"])
def test_an_app_with_a_login_is_told_what_adopt_takes_in_its_place(
    basic: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: tuple[Path, AdoptReport]
) -> None:
    monkeypatch.chdir(tmp_path)
    asks = (("www-authenticate", "Basic"),) if basic else ()
    with Site() as site:
        site.routes = {"/config": Reply(401, b"{}", asks)}
        Path("program.py").write_text(PROGRAM.format(word="a").replace("http://text.test", site.url))
        said = " ".join(run("program.py").stdout.split())
        known = run("program.py", "--source", f"{site.url}={moved[0] / 'spaces/text'}", "--json")
    assert f"with `spacegen {site.url} --auth USER:PASSWORD`" in said
    assert f"--source {site.url}=FOLDER" in said
    assert "Pass --auth" not in said
    assert {use["outcome"] for use in json.loads(known.stdout)["files"][0]["uses"]} == {"rewritten"}


def test_a_link_beside_the_code_is_imported_like_a_package(
    tmp_path: Path, moved: tuple[Path, AdoptReport]
) -> None:
    (tmp_path / "text").symlink_to(moved[0] / "spaces/text")
    (tmp_path / "program.py").write_text(PROGRAM.format(word="a"))
    sources = {"http://text.test": str(tmp_path / "text")}
    assert not adopt([tmp_path], output=tmp_path, sources=sources).needs_a_person


def test_many_spaces_are_told_in_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: tuple[Path, AdoptReport]
) -> None:
    monkeypatch.chdir(tmp_path)
    clients = "".join(f'Client(f"{{input()}}{number}")\n' for number in range(8))
    Path("program.py").write_text(f"from gradio_client import Client\n{clients}")
    done = run("program.py", "--source", f"me/bar={moved[0] / 'spaces/text'}")
    assert 'f"{input()}4" and 3 more' in done.stderr


def test_a_source_is_for_its_space_in_any_case(tmp_path: Path, moved: tuple[Path, AdoptReport]) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.format(word="a").replace("http://text.test", "Me/Bar"))
    said: list[str] = []
    sources = {"me/bar": str(moved[0] / "spaces/text")}
    report = adopt([tmp_path], output=tmp_path, sources=sources, say=said.append)
    assert [use.outcome for use in report.uses] == ["rewritten", "rewritten"]
    assert said == []


def test_code_names_no_files_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What code calls a Space is never opened as a file of this machine."""
    monkeypatch.chdir(tmp_path)
    Path("secret.json").write_text((shaped.SPECS / "text.json").read_text())
    Path("program.py").write_text(PROGRAM.format(word="a").replace("http://text.test", "secret.json"))
    report = adopt([Path("program.py")], output=Path(), sources={}, write=True)
    assert report.unread == {"secret.json": "'secret.json' is neither a Space nor an address."}
    assert [use.outcome for use in report.uses] == ["left", "left"]


@pytest.mark.parametrize(
    ("program", "becomes"),
    [
        (
            "def f(space='http://text.test'):\n    client = Client(space)\n    CALL",
            "echo.with_options(source=space)('a')",
        ),
        ("def f(args):\n    client = Client(args.space)\n    CALL", "echo.with_options(source=args.space)('a')"),
        (
            "import os\nSPACE = os.getenv('S', 'http://text.test')\nclient = Client(SPACE)\nCALL",
            "space.configure(SPACE)",
        ),
        ("import sys\nclient = Client(sys.argv[1])\nCALL", "space.configure(sys.argv[1])"),
    ],
)
def test_the_advice_for_a_space_that_code_does_not_name_leads_on(
    program: str, becomes: str, tmp_path: Path, move: Move, moved: tuple[Path, AdoptReport]
) -> None:
    path = tmp_path / "program.py"
    program = program.replace("CALL", "client.predict('a', api_name='/echo')")
    path.write_text(f"from gradio_client import Client\n{program}\n")
    [reason] = [use.reasons[0] for use in move(tmp_path, write=False).uses if use.kind == "call"]
    [name, _, _] = shlex.split(reason.partition("--source ")[2])[0].rpartition("=")
    sources = {name: str(moved[0] / "spaces/text")}
    report = adopt([path], output=tmp_path, sources=sources, write=True)
    assert [use.outcome for use in report.uses] == ["rewritten", "rewritten"]
    assert becomes in path.read_text()


# What other files need.


OTHERS = {
    "imports the name": "from program import client\n",
    "reads it from the module": "import program\nprint(program.client.src)\n",
    "takes all": "from program import *\n",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=list(OTHERS))
def test_a_client_that_another_file_takes_stays(move: Move, text: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.format(word="a"))
    (tmp_path / "other.py").write_text(text)
    report = move(tmp_path)
    assert [use.reasons for use in report.uses] == [["other.py uses client too"], []]
    assert 'client = Client("http://text.test")\nprint(echo("a"))' in (tmp_path / "program.py").read_text()


def test_a_client_of_an_object_that_another_file_reads_stays(move: Move, tmp_path: Path) -> None:
    text = """
        from gradio_client import Client
        class Echo:
            def __init__(self):
                self.space = Client("http://text.test")
            def run(self):
                return self.space.predict("x", api_name="/echo")
    """
    (tmp_path / "program.py").write_text(textwrap.dedent(text))
    (tmp_path / "other.py").write_text("from program import Echo\nprint(Echo().space.src)\n")
    (tmp_path / "unlike.py").write_text("import os\nprint(os.space)\n")
    report = move(tmp_path)
    assert [use.reasons for use in report.uses] == [["other.py uses space too"], []]


@pytest.mark.parametrize(
    "line",
    [
        'patch("program.Client")',
        'patch("a.program.client", new=None)',
        'patch.object(program, "client")',
        'patch.object(program.client, "predict")',
        'patch.multiple("program", Client=None)',
        'monkeypatch.setattr(program, "Client", None)',
        'monkeypatch.setattr("program.client.predict", None)',
        "program.client = None or object()",
        "program.Client = Fake",
        'setattr(program, "handle_file", None) if 0 else setattr(program, "Client", None)',
        'patch.dict("sys.modules", {"gradio_client": None})',
        'sys.modules["gradio_client"] = Fake()',
    ],
)
def test_a_client_that_a_test_of_another_file_replaces_stays(move: Move, line: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.format(word="a"))
    (tmp_path / "test_program.py").write_text(f"import program\n{line}\n")
    report = move(tmp_path)
    assert [use.outcome for use in report.uses] == ["left", "left"]
    [reason] = report.uses[1].reasons
    assert reason.startswith(line[:60])
    assert "in test_program.py replaces it in a test; use `fake_space`" in reason
    assert "spacegen adopt" in (tmp_path / "program.py").read_text()


@pytest.mark.parametrize(
    "line",
    [
        'patch("program.other")',
        'patch.object(model, "predict")',
        "program.count = 2",
        '"a".replace("b", "client")',
    ],
)
def test_a_test_that_replaces_something_else_is_no_reason(move: Move, line: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.format(word="a"))
    (tmp_path / "test_program.py").write_text(f"import program\n{line}\n")
    assert [use.outcome for use in move(tmp_path).uses] == ["rewritten", "rewritten"]


# Files between files of the code.


def test_a_call_that_another_file_may_give_a_file_of_gradio_client_stays(move: Move, tmp_path: Path) -> None:
    (tmp_path / "captions.py").write_text(CAPTION)
    (tmp_path / "main.py").write_text(
        "from gradio_client import handle_file\nfrom captions import caption\ncaption(handle_file('cat.png'))\n"
    )
    report = move(tmp_path)
    assert not [use for use in report.uses if use.outcome == "rewritten"]
    assert ["image may be a file made by gradio_client: main.py makes files with gradio_client"] in [
        use.reasons for use in report.uses
    ]
    assert move(tmp_path).files[0].after == (tmp_path / "captions.py").read_bytes()


def test_a_file_that_no_other_file_makes_is_no_reason(move: Move, tmp_path: Path) -> None:
    (tmp_path / "captions.py").write_text(CAPTION)
    (tmp_path / "main.py").write_text("from captions import caption\ncaption('cat.png')\n")
    assert [use.outcome for use in move(tmp_path).uses] == ["rewritten", "rewritten"]


# Names of packages.


@pytest.mark.parametrize("module", ["text.py", "text/tool.py", "spaces/text.py"])
def test_a_package_hides_no_module_of_the_code(module: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.format(word="a"))
    (tmp_path / module).parent.mkdir(exist_ok=True)
    (tmp_path / module).write_text("")
    report = adopt([tmp_path / "program.py"], output=tmp_path / "spaces", sources=shaped.sources())
    assert [package.module for package in report.packages] == ["text_space"]


def test_a_package_hides_no_module_that_the_code_imports(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.format(word="a") + "import text.parts\n")
    report = adopt([tmp_path], output=tmp_path, sources=shaped.sources())
    assert [package.module for package in report.packages] == ["text_space"]


def test_a_package_hides_no_module_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "installed").mkdir()
    (tmp_path / "installed/text.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "installed")
    (tmp_path / "program.py").write_text(PROGRAM.format(word="a"))
    report = adopt([tmp_path / "program.py"], output=tmp_path, sources=shaped.sources())
    assert [package.module for package in report.packages] == ["text_space"]


def test_a_second_run_uses_the_package_that_the_first_one_wrote(tmp_path: Path) -> None:
    documents = str(shaped.SPECS / "text.json")
    sources = {"http://text.test": documents, "url": documents}
    program = PROGRAM.format(word="a")
    for number, text in enumerate([program, program, program.replace('"http://text.test"', "url")]):
        path = tmp_path / f"program_{number}.py"
        path.write_text(f"url = input()\n{text}")
        report = adopt([path], output=tmp_path, sources=sources, write=True)
        assert [package.module for package in report.packages] == (["text"] if number < 2 else ["text_2"])
    path.write_text(f"url = input()\n{text}")
    report = adopt([path], output=tmp_path, sources=sources, write=True)
    assert [(package.module, package.state) for package in report.packages] == [("text_2", "there")]


# Several files of one run.


def test_files_that_share_a_package_do_not_configure_it_for_each_other(move: Move, tmp_path: Path) -> None:
    for name, options in (("a", ", token=A"), ("b", ", token=B"), ("c", ""), ("d", ", ssl_verify=False")):
        program = PROGRAM.format(word=name).replace('test")', f'test"{options})')
        (tmp_path / f"{name}.py").write_text(f"from os import A, B\n{program}")
    report = move(tmp_path)
    now = {path.stem: path.read_text() for path in tmp_path.glob("*.py")}
    assert 'echo.with_options(token=A)("a")' in now["a"]
    assert 'echo.with_options(token=B)("b")' in now["b"]
    assert 'print(echo("c"))' in now["c"]
    [reason] = [reason for use in report.uses if use.kind == "call" for reason in use.reasons]
    assert "holds for a whole package, and other Clients call the same Space" in reason
    assert not [text for text in now.values() if "configure" in text]


@pytest.mark.parametrize("names", [("http://text.test", "folder"), ("folder", "http://text.test")])
def test_one_package_under_two_names_is_not_configured_for_both(
    names: tuple[str, str], moved: tuple[Path, AdoptReport], tmp_path: Path
) -> None:
    package = str(moved[0] / "spaces/text")
    for number, name in enumerate(names):
        program = PROGRAM.format(word="a").replace('http://text.test")', f'{name}", token=A)')
        (tmp_path / f"{number}.py").write_text(f"from os import A\n{program}")
    sources = {"http://text.test": package, "folder": package}
    report = adopt([tmp_path], output=tmp_path, sources=sources, write=True)
    assert [use.outcome for use in report.uses] == ["rewritten"] * 4
    assert not [path for path in tmp_path.glob("*.py") if "configure" in path.read_text()]
