"""Apps that others wrote, on real servers: each endpoint answers through its function as over the bare protocol.

PyPI has such apps: those that come with custom components, and the examples of Gradio's own documentation. They
are fetched, which makes this a run of its own; `SPACEGEN_OTHERS` may also name a folder of scripts of apps.

    SPACEGEN_OTHERS=pypi pytest -s tests/generator/test_others.py
    SPACEGEN_OTHERS=~/gradio/demo pytest -s tests/generator/test_others.py
"""

from __future__ import annotations

import json
import os
import re
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from spacegen.pipeline import generate, inspect
from spacegen_runtime import UnexpectedOutputWarning
from support.environments import EnvironmentFailed, uv
from support.outcomes import Outcome, Raw, TooSlow, comparable, example, imported, outcome, sample_files
from support.servers import APPS, GradioServer

GIVEN = os.environ.get("SPACEGEN_OTHERS", "")
DOCUMENTATION = "gradio==6.31.0"
COMPONENTS = (
    *("gradio_calendar==0.0.6", "gradio_htmlinjector==0.0.1", "gradio_image_annotation==0.5.6"),
    *("gradio_leaderboard==0.0.13", "gradio_modal==0.0.4", "gradio_molecule3d==0.0.7"),
    *("gradio_propertysheet==0.0.19", "gradio_rangeslider==0.0.8", "gradio_toggle==2.0.2"),
    *("gradio_tokenizertextbox==0.0.5", "gradio_videoslider==1.0.0"),
)
"""Custom components whose source distribution has an app that needs no model and no other packages."""
PATIENCE = 15.0
"""Seconds until an endpoint counts as one that does not end."""

pytestmark = pytest.mark.skipif(not GIVEN, reason="SPACEGEN_OTHERS says neither `pypi` nor a folder of apps")


def fetched(requirement: str) -> Path:
    """Return where a source distribution is unpacked: for as long as the machine keeps its temporary files."""
    folder = Path(tempfile.gettempdir()) / "spacegen-others"
    folder.mkdir(exist_ok=True)
    unpacked = folder / requirement.replace("==", "-")
    if not unpacked.exists():
        pip = ("run", "--no-project", "--isolated", "--with", "pip", "python", "-m", "pip")
        wanted = ("--no-deps", "--no-binary", requirement.partition("==")[0], "-d", str(folder), requirement)
        uv(*pip, "download", "--quiet", *wanted)
        with tarfile.open(unpacked.with_name(f"{unpacked.name}.tar.gz")) as archive:
            archive.extractall(folder, filter="data")
    return unpacked


def documented(folder: Path) -> Iterator[Path]:
    """Write the examples of Gradio's documentation, each to a script of its own."""
    pages = fetched(DOCUMENTATION) / "js" / "_website" / "src" / "lib" / "templates" / "gradio"
    for page in sorted(pages.rglob("*.svx")):
        blocks = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        for number, block in enumerate(blocks):
            if "launch(" in block:
                (folder / f"{page.stem}_{number}").mkdir()
                script = folder / f"{page.stem}_{number}" / "app.py"
                script.write_text(block, "utf-8")
                yield script


def others(folder: Path) -> dict[str, Any]:
    """Return every app by name: its script, and the folders that it imports from."""
    if GIVEN != "pypi":
        found = (path for path in Path(GIVEN).rglob("*.py") if "launch(" in path.read_text("utf-8"))
        return {
            f"given_{number}": {"script": str(path), "folders": []} for number, path in enumerate(sorted(found))
        }
    components = {requirement.partition("==")[0]: fetched(requirement) for requirement in COMPONENTS}
    folders = [str(path / sub) for path in components.values() for sub in ("backend", "src")]
    return {
        **{
            name: {"script": str(path / "demo" / "app.py"), "folders": folders}
            for name, path in components.items()
        },
        **{path.parent.name: {"script": str(path), "folders": []} for path in documented(folder)},
    }


@pytest.mark.filterwarnings(f"ignore::{UnexpectedOutputWarning.__module__}.{UnexpectedOutputWarning.__name__}")
def test_functions_answer_as_the_protocol_does(gradio_version: str, tmp_path: Path) -> None:
    try:
        apps = others(tmp_path)
    except EnvironmentFailed as error:
        pytest.skip(f"the apps cannot be fetched: {error}")
    seen: Counter[str] = Counter()
    environment = {"OTHERS": json.dumps(apps), "TQDM_DISABLE": "1"}
    with GradioServer(APPS / "_others.py", version=gradio_version, env=environment, timeout=300) as server:
        missing = httpx.get(f"{server.url}/config").json()
        served = [name for name in apps if name not in missing]
        different = [one for name in served for one in differences(f"{server.url}/{name}", tmp_path / name, seen)]
    told = ", ".join(f"{what}: {count}" for what, count in sorted(seen.items()))
    print(f"\nGradio {gradio_version}: apps: {len(served)} of {len(apps)}, {told}")
    print("\n".join(f"  {name} does not run here: {why}" for name, why in missing.items()))

    assert seen["same"]
    assert not different


def differences(url: str, folder: Path, seen: Counter[str]) -> Iterator[str]:
    space = inspect(url)
    if not space.endpoints:
        return
    folder.mkdir(exist_ok=True)
    package, samples = generate(url, output=folder, name="others_app").folder, sample_files(folder)
    with imported(package) as module, httpx.Client(base_url=url, timeout=60) as client:
        raw = Raw(client, space, patience=PATIENCE)
        for endpoint in space.endpoints:
            values = [example(parameter, samples) for parameter in endpoint.parameters]
            try:
                expected = [raw.answer(endpoint, values) for _ in range(2)]
            except TooSlow:
                seen["endless"] += 1
                continue
            said = outcome(getattr(module, endpoint.function), endpoint, values)
            if comparable(said) not in map(comparable, expected):
                expected += [raw.answer(endpoint, values) for _ in range(6)]  # does the app itself vary?
            kind = judged(said, expected)
            seen.update(["endpoints", kind, "failures of the app's own"] if not said[0] else ["endpoints", kind])
            if kind == "different":
                yield f"{url}: {endpoint.key}: {comparable(said)} instead of {comparable(expected[0])}"


def judged(said: Outcome, expected: list[Outcome]) -> str:
    if comparable(said) in map(comparable, expected):
        return "same"
    chance = any(comparable(one) != comparable(expected[0]) for one in expected)  # time, counters, random numbers
    return "same but for chance" if chance and shape(said) == shape(expected[0]) else "different"


def shape(answer: Outcome) -> object:
    kinds = (type(one).__name__ for one in comparable(answer[1]))
    return answer[0], ["number" if kind in ("int", "float") else kind for kind in kinds]
