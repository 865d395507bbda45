"""Everything of a release short of the upload: `sh run release`, and `sh run release bump VERSION` before it.

Builds both distributions twice, from what is committed, and compares the bytes; looks at what they hold; serves
them as a package index on this machine, which hands all other names on; installs them into empty environments on
every Python that is here, with the highest and the lowest versions; and types what a stranger would type. What was
built lies in build/release/dist, as the workflow uploads it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "release"
NAMES = ("spacegen", "spacegen-runtime")
VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
# Where the version stands: a file, and what comes before it there.
PLACES = {
    "pyproject.toml": r'(?:^version = "|"spacegen-runtime>=)',
    "runtime/pyproject.toml": r'^version = "',
    "generator/spacegen/version.py": r'^__version__ = "',
    "docs/recipes/ci.md": r"rev: v",
    "docs/recipes/spacegen-check.yml": r"pip install spacegen==",
}
_NUMBER = r"(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)"
_BLACKS = ("23.1.0", "23.12.1", "24.1.0", "24.10.0", "25.1.0", "25.12.0", "26.1.0")
"""A year of black has one style; of each that we take, the first and the last."""
_INSTALLS = re.compile(r"`(pip install [^`]+)`|^[- ]*(?:run: )?(pip install [^#\n]+)", re.MULTILINE)
"""In a sentence, where it may go on in the next line, and as a line of a listing or of a workflow."""
TRY_BOTH = """
import importlib, sys
sys.path.insert(0, '.')
stub = importlib.import_module('text_app')
from spacegen_runtime.testing import fake_space
with fake_space(stub) as fake:
    fake.on(stub.echo).returns('Hello')
    assert stub.echo('x') == 'Hello'
"""
TRY_RUNTIME = "import spacegen_runtime as r; assert all(hasattr(r, name) for name in r.__all__)"


@cache
def real_index() -> str:
    """The package index that has all that is not ours: the one that is set, or the one that pip's help names."""
    if given := os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL"):
        return given
    words = [str(Path(sys.base_prefix) / "bin" / "python3"), "-m", "pip", "install", "--help"]
    told = re.search(r"default\s+(https://[^\s)]+)", subprocess.run(words, capture_output=True, text=True).stdout)
    return told[1] if told else sys.exit("release: name the index of other packages: PIP_INDEX_URL=https://...")


def main(words: list[str]) -> None:
    """Do what `sh run release` was given."""
    match words:
        case []:
            release()
        case ["bump", version]:
            bump(version)
        case ["tagged", tag]:
            if (named := {f"v{version}" for version in versions().values()}) != {tag}:
                sys.exit(f"the tag is {tag}, and the files say {', '.join(sorted(named))}")
            if wrong := not_ready():
                sys.exit("not ready for an index, see CONTRIBUTING.md:\n" + "\n".join(wrong))
        case _:
            sys.exit("sh run release [bump VERSION | tagged TAG]")


def release() -> None:
    """Build, look, install, try."""
    shutil.rmtree(OUT, ignore_errors=True)
    built = build()
    look_at(built)
    with index_of(built) as url:
        for name, python in interpreters():
            for resolution in ("highest", "lowest-direct"):
                install(name, python, resolution, url)
        as_strangers(url)
    same_bytes()
    say(f"all of it holds; {OUT.relative_to(ROOT)}/dist is what the workflow would upload")


def versions() -> dict[str, str]:
    """Return the version that each place names."""
    found = {}
    for name, before in PLACES.items():
        named = set(re.findall(before + _NUMBER, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        found[name] = " and ".join(sorted(named)) or "none"
    return found


def not_ready() -> list[str]:
    """Return what must not be in a release: words that there is none, links that lead nowhere on an index."""
    wrong = []
    shown_there = [ROOT / "README.md", ROOT / "runtime" / "README.md"]
    for page in sorted([*shown_there, *(ROOT / "docs").rglob("*.*")]):
        text = page.read_text(encoding="utf-8") if page.suffix in {".md", ".yml"} else ""
        if re.search(r"no release yet|before there is a release|\bADDRESS\b", text):
            wrong.append(f"{page.relative_to(ROOT)}: says that there is no release, or ADDRESS")
        if page in shown_there:
            links = re.findall(r"\]\((?!https?://|#)([^)\s]+)", text)
            wrong += [f"{page.relative_to(ROOT)}: {link} leads nowhere on an index" for link in links]
    for name in ("pyproject.toml", "runtime/pyproject.toml"):
        if "[project.urls]" not in (ROOT / name).read_text(encoding="utf-8"):
            wrong.append(f"{name}: [project.urls] is missing")
    return wrong


def bump(version: str) -> None:
    """Write a version to all its places, and give what is unreleased in the changelog a section of its own."""
    if not re.fullmatch(_NUMBER, version):
        sys.exit(f"{version!r} is no version: 1.2.3, 1.2.3rc1")
    for name, before in PLACES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        text = re.sub(f"({before}){_NUMBER}", rf"\g<1>{version}", text, flags=re.MULTILINE)
        (ROOT / name).write_text(text, encoding="utf-8")
    changes = ROOT / "CHANGELOG.md"
    text = changes.read_text(encoding="utf-8")
    fresh = f"## [Unreleased]\n\n## [{version}] - {datetime.now(timezone.utc).date()}\n"
    changes.write_text(text.replace("## [Unreleased]\n", fresh, 1), encoding="utf-8")
    # Packages name the generator that wrote them; this process has the old version loaded, so another one does it.
    out(sys.executable, str(ROOT / "tests" / "tools" / "regenerate.py"))
    places = ", ".join([*PLACES, "CHANGELOG.md", "generated_examples"])
    say(f"{version} stands in {places}; commit it, and tag it v{version}")


def build() -> Path:
    """Build twice, from two copies of what is committed, and return the folder of what was built."""
    epoch = out("git", "log", "-1", "--format=%ct", cwd=ROOT).strip()
    made = []
    for number, mask in ((1, 0o022), (2, 0o077)):
        tree, folder = OUT / f"tree{number}", OUT / f"dist{number}"
        tree.mkdir(parents=True)
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", str(tree)], input=archive, check=True)
        environment = {"SOURCE_DATE_EPOCH": epoch, "PYTHONHASHSEED": str(number)}
        before = os.umask(mask)
        try:
            out("uv", "build", "--quiet", "--all-packages", "--out-dir", str(folder), cwd=tree, env=environment)
        finally:
            os.umask(before)
        made.append({path.name: digest(path) for path in packages(folder)})
    if made[0] != made[1] or len(made[0]) != 2 * len(NAMES):
        sys.exit(f"two builds differ: {made}")
    say(f"two builds give the same bytes: {', '.join(sorted(made[0]))}")
    (OUT / "dist1").rename(OUT / "dist")
    return OUT / "dist"


def packages(folder: Path) -> list[Path]:
    """Return the wheels and source distributions in a folder."""
    return sorted([*folder.glob("*.whl"), *folder.glob("*.tar.gz")])


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def look_at(folder: Path) -> None:
    """Look at metadata, README, licence and contents."""
    files = [str(path) for path in packages(folder)]
    out(sys.executable, "-m", "twine", "check", "--strict", *files)
    # W009: two folders at the top, which is what the generator's wheel is.
    wheels = [file for file in files if file.endswith(".whl")]
    out(sys.executable, "-m", "check_wheel_contents", "--ignore", "W009", *wheels)
    [version] = set(versions().values())
    for path in packages(folder):
        names = contents(path)
        if not any(name.endswith("LICENSE") for name in names):
            sys.exit(f"{path.name} has no licence")
        stray = [name for name in names if re.search(r"(^|/)(tests|\.git|__pycache__|build)/|\.pyc$", name)]
        if stray or version not in path.name:
            sys.exit(f"{path.name}: {stray or 'another version than the files say'}")
        say(f"{path.name}: {len(names)} files, {path.stat().st_size / 1000:.0f} kB")


def contents(path: Path) -> list[str]:
    """Return the names in a wheel or a source distribution."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return wheel.namelist()
    with tarfile.open(path) as archive:
        return archive.getnames()


@contextmanager
def index_of(folder: Path) -> Iterator[str]:
    """Serve what was built as a package index (PEP 503), which sends on whoever asks for another name."""
    files = {path.name: path for path in packages(folder)}

    class Index(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/").rpartition("/")[2]
            if self.path.startswith("/simple/") and name not in NAMES:
                self.send_response(302)
                self.send_header("location", f"{real_index().rstrip('/')}/{name}/")
                self.end_headers()
                return
            body, kind = (files[name].read_bytes(), "application/octet-stream") if name in files else page(name)
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    def page(name: str) -> tuple[bytes, str]:
        own = [path for path in files.values() if path.name.startswith(f"{name.replace('-', '_')}-")]
        links = "".join(f'<a href="/files/{path.name}#sha256={digest(path)}">{path.name}</a>' for path in own)
        return f"<!doctype html><title>{name}</title>{links}".encode(), "text/html"

    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def interpreters() -> Iterator[tuple[str, str]]:
    """Yield the Pythons that are here, of those that we say to work on."""
    places = [*(Path(one) for one in os.get_exec_path()), *Path.home().glob(".pyenv/versions/*/bin")]
    for version in VERSIONS:
        found = (place / f"python{version}" for place in places)
        works = [
            str(one)
            for one in found
            if one.exists() and not subprocess.run([str(one), "-c", ""], capture_output=True).returncode
        ]
        if works:
            yield version, works[0]
        else:
            say(f"Python {version} is not here")


def install(version: str, python: str, resolution: str, url: str) -> None:
    """Install each distribution alone, and both together, and try what they are for."""
    documents = ROOT / "tests" / "specs" / "text.json"
    for wanted in ("spacegen-runtime", "spacegen", "spacegen[call]"):
        if resolution != "highest" and version == "3.14":
            continue  # the lowest versions of others were made before it
        where = OUT / "environments" / f"{version}-{resolution}-{re.sub(r'[^a-z]', '-', wanted)}"
        folder = where / "work"
        run = functools.partial(out, cwd=folder)
        out("uv", "venv", "--quiet", "--python", python, str(where))
        folder.mkdir()
        options = ["--quiet", "--default-index", url, "--resolution", resolution, "--python", str(where)]
        out("uv", "pip", "install", *options, wanted, *(["pydantic>=2.12"] if version == "3.14" else []))
        if wanted != "spacegen-runtime":
            run(str(where / "bin" / "spacegen"), "--version")
            run(str(where / "bin" / "spacegen"), str(documents), "--name", "text_app")
        if wanted != "spacegen":
            run(str(where / "bin" / "python"), "-c", TRY_BOTH if wanted == "spacegen[call]" else TRY_RUNTIME)
    say(f"Python {version}, {resolution} versions: alone and together")


def install_lines() -> dict[str, str]:
    """Return each line of the documentation that installs something, and the page that has it first."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.*"))]
    found: dict[str, str] = {}
    for page in pages:
        if page.suffix in {".md", ".yml"}:
            for inline, line in _INSTALLS.findall(page.read_text(encoding="utf-8")):
                found.setdefault(" ".join((inline or line).split()), str(page.relative_to(ROOT)))
    return found


def as_strangers(url: str) -> None:
    """Type what the documentation says."""
    folder = OUT / "stranger"
    folder.mkdir()
    environment = {"PIP_INDEX_URL": url, "UV_DEFAULT_INDEX": url, "UV_CACHE_DIR": str(folder / "cache")}
    environment |= {"PIPX_HOME": str(folder / "pipx"), "PIP_EXTRA_INDEX_URL": "", "PIP_NO_INPUT": "1"}
    run = functools.partial(out, cwd=folder, env=environment)
    documents = str(ROOT / "tests" / "specs" / "text.json")
    run("uvx", "spacegen", documents, "--name", "by_uvx")
    say("uvx spacegen")
    run(sys.executable, "-m", "pipx", "run", "spacegen", documents, "--name", "by_pipx")
    say("pipx run spacegen")
    run(sys.executable, "-m", "venv", "venv")
    run("venv/bin/python", "-m", "pip", "install", "--quiet", "spacegen[demo]")
    run("venv/bin/spacegen", "demo")
    say('pip install "spacegen[demo]", and spacegen demo')
    for line, page in install_lines().items():
        # In a checkout, as a page says of its `./runtime .`, and into an environment that has nothing yet.
        run(sys.executable, "-m", "venv", "--clear", "venv")
        shell = environment | {"PATH": f"{folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        out("sh", "-c", line.replace("ADDRESS", ROOT.as_uri()), cwd=OUT / "tree1", env=shell)
        out("pip", "check", cwd=folder, env=shell)
        say(f"{line} ({page})")


def same_bytes() -> None:
    """See that every black that we take writes the same examples."""
    for version in _BLACKS:
        done = out(
            *("uv", "run", "--quiet", "--no-project", "--isolated", "--with-editable", str(ROOT)),
            *("--with-editable", str(ROOT / "runtime"), "--with", f"black=={version}", "--with", "pytest"),
            *("--with", "hypothesis", "python", "-m", "pytest", "-q", "--gradio", "none"),
            *("-p", "no:cacheprovider", "tests/generator/test_golden.py", "-k", "written_today"),
            cwd=ROOT,
        )
        say(f"black {version}: {done.strip().splitlines()[-1]}")


def out(*words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command and return what it printed; end all where it fails."""
    done = subprocess.run(words, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"release: failed: {' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


def say(text: str) -> None:
    """Say how far it is."""
    print(f"release: {text}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
