"""The command line: what it prints, on which stream, with which exit code, and how fast it starts."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import spacegen
from click.testing import CliRunner, Result
from generator.site import Asked, Reply, Site, app, as_json, config, page
from spacegen import pipeline
from spacegen.commands import main as cli
from spacegen.errors import Diagnostic, SourceNotFound
from spacegen.reading.selection import Selection
from spacegen.screen.terminal import visible
from support.hub import Hub, Space
from support.servers import Servers
from support.terminals import shown_on
from support.waiting import LONGEST

SPACEGEN = [sys.executable, "-c", "from spacegen.commands.main import main; main()"]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(app()) as site:
        yield site


def run(*words: str, **options: Any) -> Result:
    return CliRunner().invoke(cli.main, words, prog_name="spacegen", **options)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stand in for the pipeline and note what the commands ask of it."""
    calls: list[dict[str, Any]] = []

    def generate(source: str, **options: Any) -> pipeline.Report:
        del options["preload"]
        calls.append({"source": source, **options})
        return pipeline.Report(
            package="en2fr",
            folder=options["output"] / "en2fr",
            endpoints=1,
            models=2,
            diagnostics=(
                Diagnostic(level="note", endpoint=None, message="A note."),
                Diagnostic(level="warning", endpoint="/x", message="Odd \x1b[31mtype."),
            ),
            first_call="from en2fr import translate\ntranslate('Hello')",
        )

    monkeypatch.setattr(pipeline, "generate", generate)
    return calls


@pytest.mark.parametrize(
    "words",
    [
        ["owner/space", "-o", "out"],
        ["generate", "owner/space", "-o", "out"],
        ["-o", "out", "owner/space"],
        ["--debug", "owner/space", "--output", "out"],
        ["owner/space", "--debug", "-o", "out"],
    ],
)
def test_a_source_alone_means_generate(asked: list[dict[str, Any]], words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 0
    assert asked == [
        {
            "source": "owner/space",
            "output": Path("out"),
            "name": None,
            "token": None,
            "auth": None,
            "headers": {},
            "selection": Selection(),
            "force": False,
            "vendor": False,
            "strict": False,
        }
    ]


def test_every_option_arrives(asked: list[dict[str, Any]]) -> None:
    chosen = ["--include", "/a*", "--exclude", "/ab", "--rename", "/a=first", "--undocumented"]
    flags = ["--force", "--vendor", "--strict"]
    run("a/b", "--name", "n", "--token", "t", "--auth", "me:pass:word", *chosen, *flags)
    assert asked == [
        {
            "source": "a/b",
            "output": Path(),
            "name": "n",
            "token": "t",
            "auth": ("me", "pass:word"),
            "headers": {},
            "selection": Selection(include=("/a*",), exclude=("/ab",), rename={"/a": "first"}, undocumented=True),
            "force": True,
            "vendor": True,
            "strict": True,
        }
    ]


def test_a_password_is_asked_for(asked: list[dict[str, Any]]) -> None:
    result = run("a/b", "--auth", "me", input="secret\n")
    assert asked[0]["auth"] == ("me", "secret")
    assert "secret" not in result.output


def test_what_generate_prints(asked: list[dict[str, Any]]) -> None:
    result = run("owner/space")
    assert result.stdout.splitlines() == [
        "Wrote en2fr/: 1 endpoint, 2 models",
        "",
        "Try it:",
        "    from en2fr import translate",
        "    translate('Hello')",
    ]
    assert result.stderr.splitlines() == [
        r"spacegen: warning: /x: Odd \x1b[31mtype.",
        "spacegen: note: A note.",
    ]
    assert "Try it in out:" in run("owner/space", "-o", "out").stdout


def test_many_notes_are_cut_short(asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    generate = pipeline.generate

    def chatty(*args: Any, **options: Any) -> pipeline.Report:
        report = generate(*args, **options)
        note = Diagnostic(level="note", endpoint=None, message="A note.")
        changed = {name: getattr(report, name) for name in report.__slots__}
        return pipeline.Report(**{**changed, "diagnostics": (note,) * 30})

    monkeypatch.setattr(pipeline, "generate", chatty)
    assert len(run("a/b").stderr.splitlines()) == 21
    assert "and 10 more" in run("a/b").stderr
    assert len(run("a/b", "--debug").stderr.splitlines()) == 30


# Errors.


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [("nope", 2, "'nope' is not a source that spacegen knows."), ("nope.json", 1, "There is no file nope.json.")],
)
def test_an_error_is_one_line_with_its_exit_code(source: str, code: int, said: str) -> None:
    result = run(source)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(f"spacegen: error: {said}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["info", "call", "tools", "mcp", "map"])
def test_a_misspelt_package_is_told_from_a_source(command: str) -> None:
    words = {"call": ["/x"], "map": ["/x", "rows.csv", "-o", "out.csv"]}.get(command, [])
    result = run(command, "shp", *words)
    assert result.exit_code == 2
    assert "'shp' is not a source that spacegen knows. There is no package of that name here. " in result.stderr


def test_help_is_an_option() -> None:
    result = run("help")
    assert result.exit_code == 2
    assert "There is no command 'help'; spacegen --help lists all." in result.stderr


def test_without_a_word_it_says_where_to_begin() -> None:
    result = run()
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split("  ")[0] for line in result.stdout.splitlines()] == [
        "spacegen demo",
        "spacegen owner/space",
        "spacegen --help",
    ]


@pytest.mark.usefixtures("asked")
def test_a_missing_runtime_is_told_with_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "runtime" not in run("owner/space").stdout
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "not installed here: pip install spacegen-runtime" in run("owner/space").stdout


def test_a_usage_error_is_exit_code_2() -> None:
    for words in (["a/b", "--nope"], ["fetch", "a/b"], ["info"], ["a/b", "c/d"]):
        result = run(*words)
        assert result.exit_code == 2, words
        assert "Usage: spacegen" in result.stderr


@pytest.mark.parametrize(
    ("word", "meant"), [("chek", "check"), ("Update", "update"), ("serch", "search"), ("fetched", "fetch")]
)
def test_a_misspelt_command_is_no_source(word: str, meant: str) -> None:
    result = run(word, "x")
    assert result.exit_code == 2
    assert f"There is no command '{word}'; did you mean '{meant}'?" in result.stderr


@pytest.mark.parametrize("letter", ["a", "a b", "a.", "ä"])
@pytest.mark.parametrize("command", [[], ["info"], ["check"], ["update"], ["adopt"], ["tools"], ["mcp"]])
def test_a_word_that_is_too_long_for_a_path_is_told(command: list[str], letter: str, empty_folder: Path) -> None:
    result = run(*command, letter * 300)
    assert result.exit_code == 2, result.output
    [line] = result.stderr.splitlines()
    assert line.startswith("spacegen: error: ")
    assert "unexpected" not in line


def test_a_file_may_be_called_much_like_a_command(asked: list[dict[str, Any]], empty_folder: Path) -> None:
    (empty_folder / "checks").touch()
    assert run("checks").exit_code == 0
    assert asked[0]["source"] == "checks"


def test_debug_shows_the_traceback() -> None:
    result = run("nope", "--debug")
    assert "Traceback" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("spacegen: error: 'nope'")


def raising(error: BaseException) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def test_a_bug_is_one_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "generate", raising(KeyError("x\x1b[31m\ny")))
    result = run("a/b")
    assert result.exit_code == 1
    assert result.stderr.startswith("spacegen: error: unexpected KeyError")
    assert result.stderr.count("\n") == 1
    assert "--debug" in result.stderr


def test_hostile_text_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "inspect", raising(SourceNotFound("\x1b]0;gotcha\x07\n\u202eevil")))
    result = run("info", "a/b")
    assert result.stderr == "spacegen: error: \\x1b]0;gotcha\\x07\\n\\u202eevil\n"


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "generate", raising(KeyboardInterrupt()))
    result = run("a/b")
    assert result.exit_code == 130
    assert result.stderr == "spacegen: interrupted; nothing was written\n"


def test_ctrl_c_in_a_real_process(site: Site, empty_folder: Path) -> None:
    is_asked, finished = threading.Event(), threading.Event()

    def hang(_: Asked) -> Reply:
        is_asked.set()
        finished.wait(20)
        return as_json({})

    site.routes = {"/config": hang}
    with subprocess.Popen(
        [*SPACEGEN, site.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert is_asked.wait(20)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finished.set()
    assert (process.returncode, out, err) == (130, "", "spacegen: interrupted; nothing was written\n")
    assert list(empty_folder.iterdir()) == []


# A real app.


def test_generate_info_and_fetch_on_a_real_app(server: Servers, empty_folder: Path) -> None:
    url = server("text").url
    assert run(url, "--name", "texts").exit_code == 0
    assert (empty_folder / "texts" / "endpoints.py").exists()
    assert run(url, "--name", "texts").exit_code == 0  # again, on our own

    text = run("info", url).stdout
    assert "greet(name: str, excited: bool = False, celsius: float = 5) -> (" in text
    assert run("info", "texts").stdout == text  # the package remembers all of it
    described = json.loads(run("info", url, "--json").stdout)
    greet = next(e for e in described["endpoints"] if e["function"] == "greet")
    assert [p["argument"] for p in greet["parameters"]] == ["name", "excited", "celsius"]
    assert greet["parameters"][0] == {
        "name": "name",
        "argument": "name",
        "type": "str",
        "required": True,
        "label": "Name",
        "component": "Textbox",
    }
    assert greet["parameters"][1]["default"] is False
    assert greet["returns"][1]["type"] == "float"

    saved = run("fetch", url, "-o", "docs.json")
    assert saved.stdout.startswith("Saved docs.json (")
    before = (empty_folder / "texts" / "endpoints.py").read_bytes()
    assert run("docs.json", "-o", "again", "--name", "texts").exit_code == 0
    assert (empty_folder / "again" / "texts" / "endpoints.py").read_bytes() == before


def test_a_folder_that_is_not_ours(server: Servers, empty_folder: Path) -> None:
    (empty_folder / "texts").mkdir()
    (empty_folder / "texts" / "endpoints.py").write_text("precious\n")
    result = run(server("text").url, "--name", "texts")
    assert result.exit_code == 1
    assert "was not written by spacegen" in result.stderr
    assert (empty_folder / "texts" / "endpoints.py").read_text() == "precious\n"
    assert run(server("text").url, "--name", "texts", "--force").exit_code == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_takes_documents_and_stays_a_pipe(server: Servers, empty_folder: Path) -> None:
    url, pipe = server("text").url, empty_folder / "pipe"
    assert run("fetch", url, "-o", "docs.json").exit_code == 0
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    assert run("fetch", url, "-o", "pipe").exit_code == 0
    reader.join(LONGEST)
    assert read == [(empty_folder / "docs.json").read_bytes()]
    assert pipe.is_fifo()


def test_what_it_replaces_is_told(server: Servers, empty_folder: Path) -> None:
    one, other = server("text").url, server("chat").url
    assert run(one, "--name", "texts").stderr == run(one, "--name", "texts").stderr == ""
    said = f"spacegen: the package there was one of {one}; --name gives this one a folder of its own\n"
    assert run(other, "--name", "texts", "-q").stderr == said


def test_a_damaged_manifest_is_not_taken_for_a_folder_of_others(server: Servers, empty_folder: Path) -> None:
    url = server("text").url
    assert run(url, "--name", "texts").exit_code == 0
    (empty_folder / "texts" / "spacegen.json").write_text("{")
    assert (
        "texts exists and was not written by spacegen, or its spacegen.json is damaged. "
        in run(url, "--name", "texts").stderr
    )


def test_a_private_space_that_sleeps(server: Servers, empty_folder: Path) -> None:
    with Hub() as hub:
        hub.users["hf_ada"] = "ada"
        hub.add(
            Space(id="ada/texts", host=server("text").url, stages=("SLEEPING", "RUNNING"), private=True),
            Space(id="ada/resting", host=server("text").url, stages=("PAUSED",)),
        )

        def spacegen(*words: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
            env = {**os.environ, **hub.environment(token)}
            return subprocess.run([*SPACEGEN, *words], env=env, capture_output=True, text=True, timeout=60)

        stranger = spacegen("ada/texts")
        assert stranger.returncode == 1
        assert "or it is private. If it is private, pass --token or set HF_TOKEN" in stranger.stderr
        paused = spacegen(f"{hub.url}/spaces/ada/resting")
        assert (paused.returncode, paused.stderr.count("\n")) == (1, 1)
        assert "ada/resting is paused, and only its owner can restart it." in paused.stderr
        assert paused.stderr.endswith(f" {hub.url}/spaces/ada/resting\n")
        assert list(empty_folder.iterdir()) == []

        owner = spacegen("ada/texts", token="hf_ada")
        assert owner.returncode == 0, owner.stderr
        assert owner.stderr == "spacegen: ada/texts is asleep; waiting up to 300 s\n"
        assert owner.stdout.startswith("Wrote texts/: ")
        manifest = (empty_folder / "texts" / "spacegen.json").read_text()
        assert json.loads(manifest)["source"] == "ada/texts"
        assert "hf_ada" not in manifest


def test_an_app_without_endpoints(site: Site) -> None:
    result = run(site.url)
    assert result.exit_code == 1
    assert "no endpoints" in result.stderr
    assert run("info", site.url).stdout.splitlines()[-1] == "It publishes no endpoints that can be called."


def test_notes_of_reading_are_told(site: Site) -> None:
    site.routes["/gradio_api/info"] = page("boom", 500)
    assert "note: The app cannot describe its API" in run("fetch", site.url, "-o", "docs.json").stderr


def test_why_it_takes_long_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import logging

    def slow(*_: Any, **__: Any) -> None:
        logging.getLogger("spacegen.fetching.fetch").info("a/b is asleep\x1b[31m")
        raise SourceNotFound("gone")

    monkeypatch.setattr(pipeline, "inspect", slow)
    assert run("info", "a/b").stderr == "spacegen: a/b is asleep\\x1b[31m\nspacegen: error: gone\n"


# Terminals.


def on_terminal(*words: str, **env: str) -> str:
    """Run the command on a terminal of its own and return what it showed."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [*SPACEGEN, *words],
        stdin=side,
        stdout=side,
        stderr=side,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "FORCE_COLOR": "", **env},
    )
    os.close(side)
    shown = shown_on(main)
    process.wait(timeout=30)
    return shown.decode()


HOSTILE = config(
    title="\x1b]0;gotcha\x07",
    components=[{"id": 1, "type": "textbox", "props": {"label": "[red]\x1b[2J"}, "api_info": {"type": "string"}}],
    dependencies=[
        {"id": 0, "api_name": "go", "inputs": [1], "outputs": [1], "queue": True, "backend_fn": True},
    ],
)
HOSTILE_INFO = {
    "named_endpoints": {
        "/go": {
            "description": "Runs.\x1b[2J \u202e [bold]x[/bold] [/nope]",
            "parameters": [
                {
                    "label": "[red]\x1b[2J",
                    "parameter_name": "a",
                    "parameter_has_default": True,
                    "parameter_default": "\x1b[2J[/x]",
                    "type": {"type": "string"},
                    "python_type": {"type": "str"},
                    "component": "Textbox",
                }
            ],
            "returns": [{"label": "\x1b[2J", "type": {"type": "string"}, "component": "Textbox"}],
        }
    },
    "unnamed_endpoints": {},
}


def test_nothing_of_a_space_reaches_a_terminal_raw(site: Site) -> None:
    site.routes["/config"] = as_json(HOSTILE)
    site.routes["/gradio_api/info"] = as_json(HOSTILE_INFO)
    for words in (
        ["info", site.url],
        ["info", site.url, "--json"],
        [site.url],
        ["fetch", site.url, "-o", "d.json"],
    ):
        shown = on_terminal(*words)
        assert "Traceback" not in shown
        for raw in ("\x1b[2J", "\x1b]0;", "\x07", "\u202e"):
            assert raw not in shown, words
    assert "Parameters" in on_terminal("info", site.url)
    assert "go(a: str" in run("info", site.url).stdout


def test_the_table_on_a_terminal(server: Servers) -> None:
    shown = on_terminal("info", server("text").url, NO_COLOR="1")
    for line in ("greeting: str", "fahrenheit: float", "excited: bool = False", "Greet a person."):
        assert line in shown
    assert "\\n" not in shown.replace(r"'one\ntwo'", "")  # a default as Python writes it


def test_colours_only_where_they_are_wanted(site: Site) -> None:
    site.routes["/config"] = as_json(HOSTILE)
    site.routes["/gradio_api/info"] = as_json(HOSTILE_INFO)
    assert "\x1b[" in on_terminal(site.url, "--name", "one")
    assert "\x1b[" not in on_terminal(site.url, "--name", "two", NO_COLOR="1")
    assert "\x1b" not in run(site.url, "--name", "three").output


def test_visible_shows_what_does_not_print() -> None:
    assert visible("caf\u00e9 \u65e5\u672c") == "caf\u00e9 \u65e5\u672c"
    assert visible("a\x1b[0m\nb\u202e\x9b\ud800") == r"a\x1b[0m\nb\u202e\x9b\ud800"


# Help and start-up.


@pytest.mark.parametrize("words", [["--help"], ["-h"], *([c, "--help"] for c in sorted(cli.main.commands))])
def test_help(words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 0
    assert "Usage: spacegen" in result.output
    assert all(len(line) <= 100 for line in result.output.splitlines())
    assert "\b" not in result.output


def test_version() -> None:
    result = run("--version")
    assert result.output == f"spacegen {spacegen.__version__}\n"


@pytest.mark.parametrize("words", ["--help", "--version", "generate --help", "demo --help"])
def test_help_imports_nothing_heavy(words: str) -> None:
    heavy = {"httpx", "black", "jinja2", "datamodel_code_generator", "huggingface_hub", "rich", "pydantic"}
    code = (
        f"import sys; sys.argv = ['spacegen', *{words.split()!r}]\n"
        "from spacegen.commands.main import main\n"
        "try: main()\n"
        f"finally: assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_fetching_imports_no_more_than_it_needs(server: Servers) -> None:
    code = (
        f"import sys; sys.argv = ['spacegen', 'fetch', {server('text').url!r}, '-o', 'd.json']\n"
        "from spacegen.commands.main import main\n"
        "try: main()\n"
        "finally: assert not {'black', 'jinja2', 'huggingface_hub'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
