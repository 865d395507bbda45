"""Writes `generated_examples` again from `tests/specs`; `--capture` takes the specs anew from the apps.

python tests/tools/regenerate.py
python tests/tools/regenerate.py --capture text files
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from spacegen.fetching.fetch import fetch
from spacegen.pipeline import generate
from support.servers import GradioServer

ROOT = Path(__file__).resolve().parent.parent.parent
SPECS = ROOT / "tests" / "specs"
EXAMPLES = ROOT / "generated_examples"
APPS = {
    "text": ("text", None),
    "files": ("files", None),
    "chat": ("chat", None),
    "streaming": ("streaming", None),
    "kitchen": ("kitchen", None),
    "awkward": ("awkward", None),
    "text_on_4": ("text", "4.44.1"),
    "files_on_3": ("files", "3.50.2"),
    "pages": ("pages", None),
    "french": ("french", None),
    "studio": ("studio", None),
}
"""Spec by name: the app of `tests/apps` that it was taken from, and the Gradio version if not the newest."""

# What the generator reads; layout, style and the like would only make the specs long.
_CONFIG = ("version", "api_prefix", "protocol", "title", "mode", "space_id", "enable_queue")
_PROPS = ("label", "value", "choices", "minimum", "maximum", "step", "allow_custom_value", "file_types")
_EVENT = (
    *("id", "targets", "inputs", "outputs", "backend_fn", "queue", "api_name", "api_description", "types"),
    *("show_api", "api_visibility", "collects_event_data"),
)


def package_of(spec: str) -> str:
    """Return the name of the example package that is written from a spec."""
    return f"{spec}_app"


def capture(spec: str) -> None:
    """Take a spec from its app, running for real."""
    app, version = APPS[spec]
    with GradioServer(app, version=version) as server:
        documents = fetch(server.url).documents
    info = json.loads(json.dumps(documents.info))
    for endpoint in info["named_endpoints"].values():
        endpoint.pop("code_snippets", None)  # names the port, which differs from run to run
    slim = {"source": f"{app}.py", "config": _slim(documents.config), "info": info, "openapi": None}
    text = json.dumps(slim, indent=1, sort_keys=False, ensure_ascii=False)
    (SPECS / f"{spec}.json").write_text(f"{text}\n", encoding="utf-8")


def regenerate(spec: str, root: Path = ROOT) -> Path:
    """Write the example package of a spec, below the folder that holds `tests/specs`."""
    source = root / SPECS.relative_to(ROOT) / f"{spec}.json"
    return generate(str(source), output=root / EXAMPLES.name, name=package_of(spec), force=True).folder


def _slim(config: dict[str, Any]) -> dict[str, Any]:
    components = [
        {
            **_only(component, ("id", "type", "skip_api", "api_info")),
            "props": _only(component.get("props", {}), _PROPS),
        }
        for component in config["components"]
    ]
    events = [_only(event, _EVENT) for event in config["dependencies"]]
    return {**_only(config, _CONFIG), "components": components, "dependencies": events}


def _only(mapping: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: mapping[key] for key in keys if key in mapping}


if __name__ == "__main__":
    capturing = "--capture" in sys.argv
    for name in [argument for argument in sys.argv[1:] if argument in APPS] or APPS:
        if capturing:
            capture(name)
        regenerate(name)
        print(f"generated_examples/{package_of(name)}")
