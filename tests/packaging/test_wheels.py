"""Both wheels hold what they need, and work when nothing else of this repository is there."""

from __future__ import annotations

import email.message
import email.parser
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from support.environments import uv
from support.servers import Servers

ROOT = Path(__file__).resolve().parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
MakeVenv = Callable[..., Path]


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the distributions are built from, so that nothing is written into the repository."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("generator", "templates", "runtime"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "constraints.txt"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tree / name)
    return tree


@pytest.fixture(scope="session")
def wheels(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels by import name, built from the source distributions as an index would serve them."""
    folder = tmp_path_factory.mktemp("dist")
    uv("build", "--all-packages", "--out-dir", str(folder), cwd=tree)
    return {path.name.split("-")[0]: path for path in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def make_venv(tmp_path_factory: pytest.TempPathFactory) -> MakeVenv:
    """Makes an environment that holds only what is named."""

    def make(*requirements: str, cwd: Path = ROOT) -> Path:
        folder = tmp_path_factory.mktemp("venv")
        uv("venv", "--python", sys.executable, "--clear", str(folder))
        constraints = ["--constraint", str(ROOT / "constraints.txt")]
        uv("pip", "install", "--python", str(folder), *constraints, *requirements, cwd=cwd)
        return folder

    return make


@pytest.fixture(scope="session")
def generator_alone(make_venv: MakeVenv, wheels: dict[str, Path]) -> Path:
    return make_venv(str(wheels["spacegen"]))


def run(venv: Path, program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(venv / BIN / program), *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "NO_PROXY": "*", "COLUMNS": "200"},
    )


def installed(venv: Path) -> set[str]:
    listed = json.loads(uv("pip", "list", "--format", "json", "--python", str(venv)))
    return {entry["name"] for entry in listed}


def metadata(wheel: Path) -> email.message.Message:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.parser.Parser().parsestr(archive.read(name).decode())


@pytest.mark.parametrize(
    ("name", "folders"),
    [
        ("spacegen", ["generator/spacegen", "templates/spacegen_templates"]),
        ("spacegen_runtime", ["runtime/spacegen_runtime"]),
    ],
)
def test_a_wheel_holds_its_packages_and_nothing_else(
    wheels: dict[str, Path], tree: Path, name: str, folders: list[str]
) -> None:
    expected = set()
    for folder in folders:
        package = tree / folder
        files = [f for f in package.rglob("*") if f.is_file() and f.suffix != ".pyc"]
        expected |= {str(f.relative_to(package.parent)) for f in files}
    with zipfile.ZipFile(wheels[name]) as archive:
        names = set(archive.namelist())
    info = {entry for entry in names if ".dist-info/" in entry}
    assert names - info == expected
    assert {f"{Path(folder).name}/py.typed" for folder in folders} <= names
    assert any(entry.endswith("/licenses/LICENSE") for entry in info)


def test_the_generators_wheel_holds_the_templates(wheels: dict[str, Path]) -> None:
    with zipfile.ZipFile(wheels["spacegen"]) as archive:
        assert "spacegen_templates/endpoints.py.jinja" in archive.namelist()


@pytest.mark.parametrize("name", ["spacegen", "spacegen_runtime"])
def test_metadata(wheels: dict[str, Path], name: str) -> None:
    about = metadata(wheels[name])
    assert about["Requires-Python"] == ">=3.10"
    assert about["License-Expression"] == "Apache-2.0"
    assert about["Summary"]


def test_the_runtime_needs_three_packages(make_venv: MakeVenv, wheels: dict[str, Path], tmp_path: Path) -> None:
    needs = [line.split(";") for line in metadata(wheels["spacegen_runtime"]).get_all("Requires-Dist", [])]
    always = {parts[0].split(">")[0].strip() for parts in needs if len(parts) == 1}
    assert always == {"httpx", "httpx-sse", "pydantic"}
    venv = make_venv(str(wheels["spacegen_runtime"]))
    assert not installed(venv) & {"spacegen", "gradio", "gradio-client", "huggingface-hub", "click", "black"}
    code = "import spacegen_runtime as r; print(all(hasattr(r, name) for name in r.__all__))"
    done = run(venv, "python", "-W", "error", "-c", code, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_the_generator_works_without_the_runtime(generator_alone: Path, server: Servers, tmp_path: Path) -> None:
    assert not installed(generator_alone) & {"spacegen-runtime", "gradio", "gradio-client"}
    helped = run(generator_alone, "spacegen", "--help", cwd=tmp_path)
    assert helped.returncode == 0, helped.stderr
    assert "demo" in helped.stdout
    done = run(generator_alone, "spacegen", server("text").url, "-o", "out", "--name", "text_app", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "out" / "text_app" / "endpoints.py").exists()


def test_the_demo_says_what_it_lacks(generator_alone: Path, tmp_path: Path) -> None:
    done = run(generator_alone, "spacegen", "demo", cwd=tmp_path)
    assert done.returncode != 0
    assert "spacegen[demo]" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_editable(make_venv: MakeVenv, tree: Path, tmp_path: Path) -> None:
    venv = make_venv("--editable", "./runtime", "--editable", ".", cwd=tree)
    assert run(venv, "spacegen", "--version", cwd=tmp_path).returncode == 0
    code = "import spacegen, spacegen_templates, spacegen_runtime as r; print(spacegen.__file__, r.__file__)"
    done = run(venv, "python", "-c", code, cwd=tmp_path)
    assert done.stdout.split() == [
        str(tree / "generator" / "spacegen" / "__init__.py"),
        str(tree / "runtime" / "spacegen_runtime" / "__init__.py"),
    ]


def test_uv_run(tree: Path) -> None:
    said = uv("run", "--no-dev", "--python", sys.executable, "spacegen", "--version", cwd=tree)
    assert importlib.metadata.version("spacegen") in said
