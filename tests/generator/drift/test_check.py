"""`spacegen check`: what it finds, what it prints, how it ends."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from generator.site import Asked, Reply, Site, as_json
from spacegen.commands import main as cli
from spacegen.drift.check import check
from spacegen.drift.parallel import each, in_order
from spacegen.fetching.access import Access
from spacegen.fetching.documents import Documents, Json
from spacegen.packages import vendor
from spacegen.packages.find import find_packages
from spacegen.packages.sameness import digest_of
from spacegen.packages.vendor import Runtime
from spacegen.pipeline import generate
from support.documents import STRING, documents, endpoint, value
from support.hub import Hub, Space
from tools.regenerate import SPECS

HOSTILE = "\r\n::error::x\x1b[2J %0A##[group]\u202e"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


def save(path: Path, *endpoints: Json, **config: Any) -> Path:
    given = documents(*endpoints, **config)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"config": given.config, "info": given.info, "openapi": None}))
    return path


def greet(*more: Json, doc: str = "") -> Json:
    return endpoint("greet", [value("name"), *more], [value()], said={"description": doc})


@pytest.fixture
def package(folder: Path) -> Path:
    """A package and its source beside it, which tests change."""
    source = save(folder / "specs" / "app.json", greet())
    return generate(str(source), output=folder / "clients", name="app").folder


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.main, ["check", *words], prog_name="spacegen")


def routes(given: Documents, prefix: str = "") -> dict[str, Any]:
    return {
        f"{prefix}/config": as_json(given.config),
        f"{prefix}/gradio_api/info": as_json(given.info),
        f"{prefix}/gradio_api/openapi.json": as_json({"openapi": "3.0.2", "paths": {}}),
    }


def test_nothing_changed(package: Path) -> None:
    result = run()

    assert result.exit_code == 0
    assert result.stdout == "same: clients/app (../../specs/app.json)\n1 package: 1 same\n"
    assert not result.stderr


CHANGES: dict[str, tuple[Json, int, int, str]] = {
    "breaking": (greet(value("nick")), 1, 1, "breaking    /greet: `nick` is new, and has no default"),
    "compatible": (greet(value("nick", default="")), 0, 1, "compatible  /greet: `nick` is new, and optional"),
    "cosmetic": (greet(doc="Greet."), 0, 1, "cosmetic    1 in texts and defaults only"),
}


@pytest.mark.parametrize("level", CHANGES)
def test_exit_codes_follow_the_worst_change(package: Path, folder: Path, level: str) -> None:
    changed, code, strict, line = CHANGES[level]
    save(folder / "specs" / "app.json", changed)
    result = run()

    assert result.exit_code == code
    assert result.stdout.startswith(f"{level}: clients/app")
    assert line in result.stdout
    assert ("spacegen update" in result.stdout) == (level != "cosmetic")
    assert run("--strict").exit_code == strict


def test_strict_says_which_words_changed(package: Path, folder: Path) -> None:
    save(folder / "specs" / "app.json", greet(doc="Greet."))

    assert "cosmetic    /greet: has a different description" in run("--strict").stdout


def test_who_cannot_tell_says_why(package: Path, folder: Path) -> None:
    (folder / "specs" / "app.json").unlink()
    result = run()

    assert result.exit_code == 2
    assert result.stdout.startswith("could not tell: clients/app (../../specs/app.json)\n  problem     There is")


def test_breaking_wins_over_could_not_tell(package: Path, folder: Path) -> None:
    broken = folder / "clients" / "broken"
    broken.mkdir()
    (broken / "spacegen.json").write_text("<<<<<<< HEAD\n")

    assert run().exit_code == 2
    save(folder / "specs" / "app.json", endpoint("other"))
    result = run()
    assert result.exit_code == 1
    assert "spacegen.json is damaged" in result.stdout
    assert "2 packages: 1 breaking, 1 could not tell" in result.stdout


@pytest.mark.parametrize("words", [[], ["nowhere"], ["empty"]])
def test_nothing_to_check_is_no_success(folder: Path, words: list[str]) -> None:
    (folder / "empty").mkdir()
    result = run(*words)

    assert result.exit_code == 2
    assert "error: There is no" in result.stderr


@pytest.mark.parametrize("moved_on", [False, True], ids=["same Space", "changed Space"])
def test_a_package_whose_files_were_edited_is_altered(package: Path, folder: Path, moved_on: bool) -> None:
    (package / "endpoints.py").write_bytes((package / "endpoints.py").read_bytes() + b"# mine\n")
    (package / "py.typed").unlink()
    if moved_on:
        save(folder / "specs" / "app.json", greet(doc="Greet."))
    result = run()

    assert result.exit_code == 1
    assert result.stdout.startswith("altered: clients/app")
    assert "edited      endpoints.py is not as spacegen wrote it" in result.stdout
    assert "edited      py.typed is not as" in result.stdout


UNCHECKED = importlib.util.MAGIC_NUMBER + b"\1\0\0\0" + bytes(8)
"""How a compiled module begins that Python runs whatever its source says."""


@pytest.mark.parametrize("name", ["endpoints.abi3.so", "endpoints/__init__.py", "models.pyc", "_runtime/more.py"])
def test_a_file_that_is_imported_instead_of_a_written_one_alters_the_package(package: Path, name: str) -> None:
    (package / name).parent.mkdir(exist_ok=True)
    (package / name).touch()
    result = run()

    assert result.exit_code == 1
    assert result.stdout.startswith("altered: clients/app")
    assert f"altered     {name} would be imported instead of a file that spacegen wrote" in result.stdout


def test_a_compiled_module_that_is_never_checked_alters_the_package(package: Path) -> None:
    cache = package / "__pycache__"
    cache.mkdir()
    (cache / "endpoints.cpython-312.pyc").write_bytes(UNCHECKED.replace(b"\1\0\0\0", b"\3\0\0\0"))
    assert run().exit_code == 0  # Python compares it with its source

    (cache / "endpoints.cpython-312.pyc").write_bytes(UNCHECKED)
    assert run().exit_code == 1


def test_a_folder_elsewhere_that_is_imported_instead_alters_the_package(package: Path, folder: Path) -> None:
    (folder / "evil").mkdir()
    (package / "endpoints").symlink_to(folder / "evil")

    assert run().exit_code == 1


@pytest.mark.parametrize("version", [None, "0.0.1"])
def test_a_manifest_that_keeps_silent_about_a_module_is_altered(package: Path, version: str | None) -> None:
    manifest = json.loads((package / "spacegen.json").read_text())
    del manifest["files"]["endpoints.py"]
    manifest["generator"] = version or manifest["generator"]
    (package / "spacegen.json").write_text(json.dumps(manifest))
    with (package / "endpoints.py").open("a") as file:
        file.write("import os\n")

    assert run().exit_code == 1


def test_line_ends_of_git_are_no_edit(package: Path) -> None:
    path = package / "endpoints.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert "edited" not in run("--strict").stdout


def test_a_repository_may_move(package: Path, folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    for name in ("clients", "specs"):
        shutil.move(folder / name, elsewhere / name)

    assert run().exit_code == 0
    assert run(str(elsewhere / "clients" / "app" / "spacegen.json")).exit_code == 0


def test_the_search_leaves_out_what_is_not_the_users(package: Path, folder: Path) -> None:
    manifest = package / "spacegen.json"
    for place in (".git/a", "node_modules/a", "env/lib/a", "clients/app/inner", "deep/down/b", "c"):
        (folder / place).mkdir(parents=True)
        shutil.copy(manifest, folder / place)
    (folder / "env" / "pyvenv.cfg").touch()
    (folder / "link").symlink_to(folder / "clients")

    assert find_packages([Path()]) == [Path("c"), Path("clients/app"), Path("deep/down/b")]
    assert find_packages([Path("c"), Path("c/spacegen.json"), folder / "c"]) == [Path("c")]
    assert find_packages([Path("env/lib")]) == [Path("env/lib/a")]


def test_json_for_programs(package: Path, folder: Path) -> None:
    save(folder / "specs" / "app.json", endpoint("greet_all", [value("name")], [value()]))
    result = run("--json")
    printed = json.loads(result.stdout)

    assert (result.exit_code, printed["exit"]) == (1, 1)
    [found] = printed["packages"]
    assert (found["folder"], found["source"]) == ("clients/app", "../../specs/app.json")
    assert found["state"] == "breaking"
    assert found["counts"] == {"breaking": 1, "compatible": 1, "cosmetic": 0}
    assert found["changes"][0] == {
        "endpoint": "/greet",
        "kind": "endpoint-removed",
        "level": "breaking",
        "message": "is gone",
        "did_you_mean": "/greet_all",
        "outdated": True,
    }
    assert (found["edited"], found["problem"]) == ([], None)


def test_annotations_in_a_workflow(package: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(folder / "specs" / "app.json", greet(value("nick"), value("tone", default="")))
    (package / "py.typed").unlink()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    commands = [line for line in run().stdout.splitlines() if line.startswith("::")]

    source = (package / "endpoints.py").read_text().split("\n")
    at = next(number for number, line in enumerate(source, 1) if line.startswith("def greet("))
    place = f"file=clients/app/endpoints.py,line={at}"
    assert commands == [
        f"::error {place},title=Space changed%3A parameter-added::/greet: `nick` is new, and has no default",
        f"::notice {place},title=Space changed%3A parameter-added::/greet: `tone` is new, and optional",
        "::error file=clients/app/py.typed,title=Edited::py.typed is not as spacegen wrote it",
    ]
    assert not [line for line in run("--json").stdout.splitlines() if line.startswith("::")]


def test_what_changed_in_a_model_is_annotated_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def person(**fields: Any) -> Json:
        return endpoint("find", [], [value(schema={"type": "object", "title": "Person", "properties": fields})])

    source = save(folder / "app.json", person(name=STRING, age=STRING))
    package = generate(str(source), output=folder, name="app").folder
    save(source, person(name=STRING))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    [command] = [line for line in run().stdout.splitlines() if line.startswith("::")]

    line = (package / "models.py").read_text().split("\n").index("class Person(Model):") + 1
    assert command.startswith(
        f"::error file=app/models.py,line={line},title=Space changed%3A model-field-removed:"
    )


def test_text_of_a_space_is_no_command_of_a_workflow_or_a_terminal(
    package: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Choices, names and the manifest's own text reach the log escaped; lines begin with our words."""
    choices = {"enum": ["x", HOSTILE], "type": "string"}
    save(folder / "specs" / "app.json", greet(value("a", choices)))
    generate("specs/app.json", output=folder / "clients", name="app")
    save(folder / "specs" / "app.json", greet(value("a", {"enum": ["x"]})), endpoint(f"o{HOSTILE}"))
    manifest = package / "spacegen.json"
    text = manifest.read_text()
    manifest.write_text(text.replace('"source": "', '"source": ' + json.dumps(f"x{HOSTILE}")[:-1]))
    other = shutil.copytree(package, folder / "clients" / "other")
    (other / "spacegen.json").write_text(text)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = run()

    assert result.exit_code == 1
    assert "problem" in result.stdout
    assert "takes" in result.stdout
    printed = result.stdout + result.stderr
    assert all(letter.isprintable() or letter == "\n" for letter in printed)
    assert "##[" not in printed
    for line in printed.splitlines():
        command = line.lstrip()
        if command.startswith("::"):
            assert re.match(r"::(error|warning|notice) file=clients/(app|other)/[a-z.]+,", command)


def test_an_old_copy_of_the_runtime_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = save(folder / "app.json", greet())
    generate(str(source), output=folder, name="app", vendor=True)
    assert "runtime" not in run("--strict").stdout

    newer = Runtime(version="99.1.0", files={})
    monkeypatch.setattr("spacegen.drift.check.installed_runtime", lambda: newer)
    result = run()
    assert result.exit_code == 0
    carried = vendor.installed_runtime().version
    assert f"runtime     _runtime is spacegen-runtime {carried}, and 99.1.0 is installed" in result.stdout
    assert run("--strict").exit_code == 1


def test_without_info_nobody_can_tell(package: Path, folder: Path) -> None:
    """The types of config are less exact than those of info; that they differ is no change of the Space."""
    given = documents(endpoint("greet", [value("name", label="What config calls it")], [value()]))
    with Site(routes(given)) as site:
        generate(site.url, output=folder / "clients", name="app")
        assert run().exit_code == 0
        site.routes["/gradio_api/info"] = as_json({"detail": "Internal Server Error"}, 500)
        result = run()

    assert result.exit_code == 2
    assert "cannot describe its API" in result.stdout


def test_a_space_that_sleeps_is_gone_or_private(folder: Path, hub: Hub) -> None:
    with Site(routes(documents(greet()))) as site:
        hub.add(Space(id="ada/app", host=site.url))
        generate("ada/app", output=folder)
        assert run().exit_code == 0
        hub.spaces["ada/app"].stages = ("SLEEPING",)
        asleep = run()
        hub.spaces.clear()
        gone = run()

    assert (asleep.exit_code, gone.exit_code) == (2, 2)
    assert "problem     ada/app is asleep. Try again later; --wait 300 gives it time." in asleep.stdout
    assert "no Space ada/app" in gone.stdout


SECRETS = ("--auth", "me:secret", "--header", "X-Key: k1", "--token", "hf_typed")


def seen_by(site: Site) -> str:
    return " ".join(f"{asked.headers} {asked.body!r}" for asked in site.asked).lower()


def locked(asked: Asked) -> Reply:
    """A gateway that lets nobody in without its key."""
    if asked.headers.get("x-key") == "k1":
        return as_json(documents(greet()).config)
    return as_json({"detail": "No"}, 401)


def test_a_manifest_gets_no_credentials_for_an_address_that_nobody_named(folder: Path) -> None:
    with Site(host="127.0.0.2") as site, Site() as other:
        site.routes = routes(documents(greet()))
        generate(site.url, name="app")
        site.routes["/config"] = locked
        site.asked.clear()
        for words in ((), ("--origin", other.url), ("--origin", "ada/engine")):
            result = run("app", *SECRETS, *words)
            assert result.exit_code == 2
            assert f"--origin {site.url}" in " ".join(result.stdout.split())
        environment = {"SPACEGEN_AUTH": "me:secret", "HF_TOKEN": "hf_found"}
        assert CliRunner().invoke(cli.main, ["check", "app"], env=environment).exit_code == 2
        assert not any(secret in seen_by(site) for secret in ("secret", "k1", "hf_typed", "hf_found", "basic"))
        assert other.asked == []
        named = run("app", *SECRETS, "--origin", site.url)
        assert named.exit_code == 0, named.stdout
        assert {asked.headers["x-key"] for asked in site.asked[-3:]} == {"k1"}


def test_an_app_on_this_machine_gets_what_was_typed(folder: Path) -> None:
    with Site() as site, Site(host="127.0.0.2") as other:
        site.routes = routes(documents(greet()))
        generate(site.url, name="app")
        site.routes["/config"] = locked
        site.asked.clear()
        assert run("app", *SECRETS).exit_code == 0
        site.asked.clear()
        for words, environment, hint in (
            (("--origin", other.url, *SECRETS), {}, f"--origin {site.url} --auth USER:PASSWORD"),
            (
                (),
                {"SPACEGEN_AUTH": "me:secret"},
                f"SPACEGEN_AUTH goes only to an app that you name: if you trust it, pass --origin {site.url} too.",
            ),
        ):
            result = CliRunner().invoke(cli.main, ["check", "app", *words], env=environment)
            assert result.exit_code == 2
            assert hint in " ".join(result.stdout.split())
        assert not any(secret in seen_by(site) for secret in ("secret", "k1", "hf_typed", "basic"))


def test_the_name_of_a_header_is_kept_and_its_value_is_not(folder: Path) -> None:
    with Site(host="127.0.0.2") as site:
        site.routes = {**routes(documents(greet())), "/config": locked}
        package = generate(site.url, name="app", headers={"X-Key": "k1"}).folder
        text = (package / "spacegen.json").read_text()
        assert json.loads(text)["options"]["headers"] == ["X-Key"]
        assert "k1" not in text
        result = run("app")
        assert result.exit_code == 2
        assert "requires the header X-Key, whose value packages do not store. Credentials go only" in result.stdout
        assert f"--origin {site.url} --header 'X-Key: VALUE'" in result.stdout
        assert run("app", "--origin", site.url, "--header", "x-key: k1").exit_code == 0


@pytest.mark.parametrize("now", ["x-api-key", "X-Key", "Authorization"])
@pytest.mark.parametrize("given", [None, "x-api-key", "x-key", "X-Third", "Authorization", "--auth"])
def test_another_key_than_that_of_the_package_is_tried(folder: Path, now: str, given: str | None) -> None:
    """A gateway that takes `now` today, in front of an app whose package was written with X-Key."""
    basic = "Basic " + base64.b64encode(b"me:secret").decode()
    value = basic if now == "Authorization" else "k1"

    def gateway(asked: Asked) -> Reply:
        if asked.headers.get(now.lower()) == value:
            return as_json(documents(greet()).config)
        return Reply(401, b"No", (("www-authenticate", "Basic"),))

    words = {
        None: [],
        "--auth": ["--auth", "me:secret"],
        "Authorization": ["--header", f"Authorization: {basic}"],
    }.get(given, ["--header", f"{given}: k1"])
    fits = (given or "").lower() == now.lower() or (given, now) == ("--auth", "Authorization")
    with Site(host="127.0.0.2") as site, Site() as other:
        site.routes = {**routes(documents(greet())), "/config": locked}
        package = generate(site.url, name="app", headers={"X-Key": "k1"}).folder
        site.routes["/config"] = gateway
        site.asked.clear()
        elsewhere = run("app", *words, "--origin", other.url)
        assert (elsewhere.exit_code, site.asked, other.asked) == (2, [], [])
        result = run("app", *words, "--origin", site.url)
        assert result.exit_code == (0 if fits else 2), result.stdout
        assert bool(site.asked) == (given is not None)
        if not fits and given != "x-key":
            assert "the header X-Key, whose value packages do not store" in " ".join(result.stdout.split())
        if fits:
            args = ["update", "app", *words, "--origin", site.url]
            assert CliRunner().invoke(cli.main, args).exit_code == 0
            assert json.loads((package / "spacegen.json").read_text())["options"]["headers"] == [
                "Authorization" if given == "--auth" else given if now != "X-Key" else "X-Key"
            ]


def with_digests(package: Path, *names: str) -> None:
    """What a pull request does that changes files: their digests, too."""
    manifest = json.loads((package / "spacegen.json").read_text())
    for name in names:
        manifest["files"][name] = digest_of(name, (package / name).read_bytes())
    (package / "spacegen.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("moved_on", [False, True], ids=["same Space", "changed Space"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("endpoints.py", "\nimport os\n"),
        ("__init__.py", "\nimport os\n"),
        ("more.py", "import os\n"),
        ("py.typed", "partial\n"),
    ],
)
def test_a_file_with_a_digest_of_its_own_is_not_the_same(
    package: Path, folder: Path, name: str, text: str, moved_on: bool
) -> None:
    with (package / name).open("a") as file:
        file.write(text)
    with_digests(package, name)
    if moved_on:
        save(folder / "specs" / "app.json", greet(doc="Greet."))
    result = run()

    assert result.exit_code == 1
    assert result.stdout.startswith("altered: clients/app")
    assert f"altered     {name} is not what spacegen writes" in result.stdout


def test_a_package_that_calls_another_address_than_its_manifest_says_is_altered(
    package: Path, folder: Path
) -> None:
    path = package / "endpoints.py"
    path.write_text(path.read_text().replace("url=None", 'url="https://evil.example"'))
    with_digests(package, "endpoints.py")
    save(folder / "specs" / "app.json", greet(doc="Greet."))
    assert run().exit_code == 1


@pytest.mark.parametrize(
    "more",
    [
        {"props": {"info": "Who it is"}},
        {"example_input": "Ada"},
        {"props": {"step": 2, "minimum": 1}, "schema": {"type": "number"}},
        {"props": {"headers": ["a", "b"]}, "component": "Dataframe", "schema": {}},
        {"props": {"choices": [["A", "a"], ["B", "b"]]}, "schema": {"enum": ["a", "b"]}},
    ],
    ids=["info", "example", "step", "columns", "labels"],
)
def test_other_words_in_a_docstring_are_no_forgery(folder: Path, more: dict[str, Any]) -> None:
    before = {key: value for key, value in more.items() if key in ("schema", "component")}
    if "step" in more.get("props", {}):
        before["props"] = {"minimum": 1}
    source = save(folder / "specs" / "app.json", endpoint("greet", [value("name", **before)], [value()]))
    generate(str(source), output=folder / "clients", name="app")
    save(folder / "specs" / "app.json", endpoint("greet", [value("name", **more)], [value()]))
    result = run("--strict")

    assert (result.exit_code, "altered" in result.stdout) == (1, False)
    assert "`name` has a different" in result.stdout


def test_choices_in_another_order_are_no_forgery(package: Path, folder: Path) -> None:
    for choices in (["a", "b"], ["b", "a"]):
        schema = {"type": "string", "enum": choices}
        save(folder / "specs" / "app.json", endpoint("greet", [value("name", schema)], [value()]))
        if choices == ["a", "b"]:
            assert CliRunner().invoke(cli.main, ["update"]).exit_code == 0
            assert run().stdout.startswith("same")

    result = run()
    assert (result.exit_code, result.stdout.partition(":")[0]) == (0, "cosmetic")
    (package / "endpoints.py").write_text((package / "endpoints.py").read_text() + "\nimport os\n")
    with_digests(package, "endpoints.py")
    assert run().stdout.startswith("altered")


def test_a_renamed_folder_is_still_the_same(package: Path) -> None:
    package.rename(package.with_name("other"))
    assert run().stdout.startswith("same: clients/other")


def test_what_spacegen_never_wrote_is_told(package: Path) -> None:
    (package / "sitecustomize.py").write_text("")
    result = run()
    assert result.exit_code == 0
    assert "sitecustomize.py can be imported, but spacegen did not write it" in result.stdout
    assert run("--strict").exit_code == 1


@pytest.mark.parametrize(
    "name",
    ["/etc/hostname", "/dev/zero", "../other.py", "a/../../b", "", ".", "a\\b", "C:x", "\n::error::x\x1b[31m"],
)
def test_a_manifest_names_only_files_of_its_package(package: Path, name: str) -> None:
    manifest = json.loads((package / "spacegen.json").read_text())
    manifest["files"][name] = "sha256:0"
    (package / "spacegen.json").write_text(json.dumps(manifest))
    result = run()
    assert result.exit_code == 2
    assert "which is not a file of the package" in result.stdout
    assert "\n::" not in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="has neither of them")
@pytest.mark.parametrize("kind", ["link", "pipe", "device"])
@pytest.mark.parametrize("name", ["spacegen.json", "endpoints.py"])
def test_only_plain_files_are_read(package: Path, folder: Path, name: str, kind: str) -> None:
    path = package / name
    (folder / "elsewhere").write_bytes(path.read_bytes())
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else folder / "elsewhere")
    result = run("--strict")
    assert result.exit_code == (2 if name == "spacegen.json" else 1)
    assert (
        "Cannot read" if name == "spacegen.json" else "endpoints.py is not as spacegen wrote it"
    ) in result.stdout


@pytest.mark.parametrize(
    "source", ["/proc/self/environ", "../../../../etc/passwd", "./spacegen.json", "../../out.json"]
)
def test_a_manifest_names_only_documents_of_its_repository(package: Path, folder: Path, source: str) -> None:
    (folder / "clients" / ".git").mkdir()
    (folder / "out.json").write_text("{}")
    manifest = json.loads((package / "spacegen.json").read_text())
    (package / "spacegen.json").write_text(json.dumps({**manifest, "source": source}))
    result = run()
    assert result.exit_code == 2
    if source != "./spacegen.json":  # which is inside, and no documents
        assert re.search("The source of|There is no file", result.stdout)


REAL = ("awkward", "chat", "files", "kitchen", "streaming", "text")
"""Apps whose documents were saved from real servers, 20 to 170 KB each."""


class Many(Site):
    """Apps on one server, which counts who is there at the same time."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.now = self.most = 0
        self._guard = threading.Lock()
        for number in range(count):
            told = json.loads((SPECS / f"{REAL[number % len(REAL)]}.json").read_bytes())
            given = Documents(config=told["config"], info=told["info"], openapi=None)
            for path, reply in routes(given, f"/s{number}").items():
                self.routes[path] = self._counted(reply)

    def _counted(self, reply: Reply) -> Any:
        def answer(_: Asked) -> Reply:
            with self._guard:
                self.now += 1
                self.most = max(self.most, self.now)
            time.sleep(0.005)  # long enough for others to come meanwhile
            with self._guard:
                self.now -= 1
            return reply

        return answer

    def packages(self, folder: Path, count: int) -> None:
        """Write a package for each app."""
        written = [generate(f"{self.url}/s{place}", output=folder, name=name) for place, name in enumerate(REAL)]
        for number in range(len(REAL), count):
            place = folder / f"p{number:03}"
            shutil.copytree(written[number % len(REAL)].folder, place)
            for path in place.glob("*.*"):
                path.write_text(re.sub(rf"{self.url}/s\d+", f"{self.url}/s{number}", path.read_text()))
            with_digests(place, *(path.name for path in place.glob("*.py")))


def check_alone(*words: str) -> tuple[int, list[str], int]:
    """Run the command in a process of its own; return its exit code, its lines, and its most memory in KB."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([sys.executable, "-m", "spacegen", "check", *words], stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return process.returncode, output.read().splitlines(), usage.ru_maxrss


def test_many_spaces(folder: Path) -> None:
    with Many(24) as site:
        site.packages(folder / "many", 24)
        site.most = 0
        assert check_alone(*(f"many/{name}" for name in REAL))[0] == 0
        few = check_alone(*(f"many/{name}" for name in REAL))[2]
        del site.routes["/s7/config"]
        site.routes["/s8/config"] = as_json({"version": "x"})
        site.routes["/s9/gradio_api/info"] = as_json(documents(endpoint("x")).info)
        code, lines, many = check_alone("many")

    assert code == 1
    assert [line for line in lines if line.startswith(("could not tell", "breaking"))] == [
        f"could not tell: many/p007 ({site.url}/s7)",
        f"could not tell: many/p008 ({site.url}/s8)",
        f"breaking: many/p009 ({site.url}/s9)",
    ]
    assert "24 packages: 1 breaking, 2 could not tell, 21 same" in lines
    assert 1 < site.most <= 8 * 2
    # Megabytes of documents pass through; they are let go again.
    assert many < few + 20_000, f"{few} KB for {len(REAL)} packages, {many} KB for 24"


def test_memory_is_bounded_by_the_jobs() -> None:
    alive = most = 0
    guard = threading.Lock()

    def work(item: int) -> int:
        nonlocal alive, most
        with guard:
            alive += 1
            most = max(most, alive)
        return item

    seen = []
    for _, item in each(range(100), work, 4):
        seen.append(item)
        with guard:
            alive -= 1

    assert sorted(seen) == list(range(100))
    assert most <= 4 + 1  # the one that is looked at


def test_results_come_in_order_and_errors_come_out() -> None:
    assert list(in_order(iter([(2, "c"), (0, "a"), (1, "b")]))) == ["a", "b", "c"]

    def fail(item: int) -> int:
        raise ValueError(item)

    with pytest.raises(ValueError, match="0"):
        list(each([0], fail, 2))


def test_leaving_early_waits_for_nothing() -> None:
    release = threading.Event()
    started: list[int] = []
    ended: list[int] = []

    def work(item: int) -> int:
        started.append(item)
        if item:
            release.wait(30)
        ended.append(item)
        return item

    results = each(range(50), work, 2)
    assert next(results) == (0, 0)
    results.close()  # type: ignore[attr-defined]  # a generator
    assert ended == [0]
    release.set()
    assert len(started) <= 4


def test_a_bug_is_a_line_and_not_the_end(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("spacegen.drift.reading.parse", broken)
    [result] = check([package], Access())

    assert (result.state, result.problem) == ("unknown", "unexpected RuntimeError: boom")


def test_debug_shows_where_it_failed(package: Path) -> None:
    (package / "spacegen.json").write_text("{")

    assert "Traceback" not in run().stderr
    assert "Traceback (most recent call last)" in run("--debug").stderr


def test_help_needs_none_of_the_heavy_half() -> None:
    code = (
        "import spacegen.commands.main, sys; print('rich' in sys.modules, 'spacegen.drift.check' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
