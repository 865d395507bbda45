"""The pre-commit hook, installed and run by pre-commit itself, in a repository that pushes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import spacegen
import yaml
from spacegen.pipeline import generate
from support.environments import uv
from support.servers import GradioServer

ROOT = Path(__file__).resolve().parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a command where git knows a user, and pre-commit keeps nothing in the home folder."""
    folder = tmp_path_factory.mktemp("pre-commit")
    uv("venv", "--python", sys.executable, str(folder / "venv"))
    uv("pip", "install", "--python", str(folder / "venv"), "pre-commit")
    people = {
        f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        **people,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PRE_COMMIT_HOME": str(folder / "home"),
        "PATH": os.pathsep.join([str(folder / "venv" / BIN), os.environ["PATH"]]),
    }

    def run(*words: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """A repository with the hook, as somebody would name it."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in ("generator", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder / name)
    commit(folder, run)
    run("git", "tag", f"v{spacegen.__version__}", cwd=folder)
    return folder


def commit(folder: Path, run: Run) -> None:
    run("git", "init", "--quiet", cwd=folder)
    run("git", "add", "--all", cwd=folder)
    run("git", "commit", "--quiet", "--no-verify", "--message", "now", cwd=folder)


def configuration(hooks: Path) -> str:
    """What the page says to write down, with the address of this test's repository."""
    page = (ROOT / "docs" / "recipes" / "ci.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    written = yaml.safe_load(block)
    written["repos"][0]["repo"] = hooks.as_posix()
    return str(yaml.safe_dump(written))


def test_a_push_is_stopped_where_callers_would_break(hooks: Path, run: Run, tmp_path: Path) -> None:
    folder, remote = tmp_path / "repository", tmp_path / "remote"
    folder.mkdir()
    run("git", "init", "--quiet", "--bare", str(remote), cwd=tmp_path)
    with GradioServer("text") as server:
        generate(server.url, output=folder, name="shop")
        (folder / ".pre-commit-config.yaml").write_text(configuration(hooks))
        commit(folder, run)
        run("pre-commit", "install", "--hook-type", "pre-push", cwd=folder)
        assert "Passed" in run("git", "push", str(remote), "HEAD", cwd=folder).stdout

    other = GradioServer("french")
    other.port = server.port
    (folder / "more.txt").touch()
    commit(folder, run)
    assert "Skipped" in run("git", "push", str(remote), "HEAD", cwd=folder).stdout
    (folder / "more").mkdir()
    (folder / "more" / "__init__.py").touch()
    commit(folder, run)
    with other:
        stopped = run("git", "push", str(remote), "HEAD", cwd=folder, code=1)

    assert "breaking    /order: is gone" in stopped.stdout
    assert len(run("git", "log", "--oneline", "--all", cwd=remote).stdout.splitlines()) == 2
