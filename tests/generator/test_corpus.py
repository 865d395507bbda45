"""Every document at hand becomes a package that imports, type-checks strictly and misses no endpoint.

The project's own specs are always there. Documents of real apps are used where `SPACEGEN_DOCUMENTS` names their
folders (separated like PATH), or where they lie in `shared/` beside the checkout.
"""

from __future__ import annotations

import importlib
import inspect
import json
import keyword
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from spacegen import ir
from spacegen.errors import Diagnostic
from spacegen.fetching.documents import Documents, Fetched, Json, Provenance
from spacegen.ir.types import PackageName
from spacegen.naming import IMPORTED
from spacegen.packages.build import build
from spacegen.reading.config import App
from spacegen.reading.parse import parse
from spacegen.reading.selection import Selection
from spacegen.rendering.example import call_of
from spacegen.rendering.signature import positional
from spacegen_runtime import PUBLISHED
from tools.regenerate import ROOT, SPECS


def folders() -> list[Path]:
    given = os.environ.get("SPACEGEN_DOCUMENTS")
    if given:
        return [Path(folder) for folder in given.split(os.pathsep)]
    shared = ROOT.parent / "shared"
    versions = sorted((shared / "protocol").glob("[0-9]*"))
    return [folder for folder in (shared / "corpus", shared / "corpus-wild", *versions) if folder.is_dir()]


def found() -> list[Path]:
    # A folder of documents holds one file an app, or the documents of one app as config.json and info.json.
    return [
        path
        for folder in (SPECS, *folders())
        for path in sorted(folder.glob("info*.json" if (folder / "config.json").exists() else "*.json"))
    ]


CASES = dict(enumerate(found()))


def load(path: Path) -> Fetched:
    given = json.loads(path.read_text(encoding="utf-8"))
    if "config" not in given:
        given = {"config": json.loads((path.parent / "config.json").read_text(encoding="utf-8")), "info": given}
    documents = Documents(config=given["config"], info=given["info"], openapi=given.get("openapi"))
    return Fetched(documents=documents, provenance=Provenance(source=path.name))


class Written:
    """The packages of all cases, each read and written once.

    Attributes:
        folder: Where they lie, with a file beside each that calls its functions.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._whole: dict[int, tuple[ir.Space, tuple[Diagnostic, ...]]] = {}
        self._without: dict[Path, ir.Space] = {}

    def whole(self, number: int) -> tuple[ir.Space, tuple[Diagnostic, ...]]:
        """Return a case as it is."""
        if number not in self._whole:
            fetched = load(CASES[number])
            space, diagnostics = parse(fetched, PackageName(f"case_{number}"))
            self._whole[number] = space, diagnostics
            if space.endpoints and listed(fetched):
                self._write(space)
                calls = [f"{space.package}.{call_of(endpoint)}" for endpoint in space.endpoints]
                lines = [f"import {space.package}", "", "def use() -> None:", *(f"    {call}" for call in calls)]
                use = self.folder / f"use_{space.package}.py"
                use.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return self._whole[number]

    def without_info(self, number: int) -> ir.Space:
        """Return a case with its config alone."""
        path = CASES[number]
        config = path.parent / "config.json"
        only = config if config.exists() else path  # one for all the infos of an app
        if only not in self._without:
            fetched = load(path)
            without = replace(fetched, documents=replace(fetched.documents, info=None))
            space, _ = parse(without, PackageName(f"without_info_{number}"), Selection(undocumented=True))
            self._without[only] = space
            if space.endpoints:
                self._write(space)
        return self._without[only]

    def _write(self, space: ir.Space) -> None:
        folder = self.folder / space.package
        folder.mkdir()
        for name, text in build(space, source="app", options={}).items():
            (folder / name).write_text(text, encoding="utf-8")
        importlib.invalidate_caches()


def listed(fetched: Fetched) -> dict[str, Json]:
    """Return the endpoints that info names, by name."""
    info = fetched.documents.info
    assert info is not None
    return {**info["named_endpoints"], **info.get("unnamed_endpoints", {})}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp("packages")
    sys.path.insert(0, str(folder))
    yield Written(folder)
    sys.path.remove(str(folder))


@pytest.mark.parametrize("number", CASES, ids=lambda number: f"{CASES[number].parent.name}-{CASES[number].stem}")
def test_a_document_becomes_a_package(number: int, written: Written) -> None:
    names = listed(load(CASES[number]))
    space, diagnostics = written.whole(number)
    left_out = {d.endpoint: d.message for d in diagnostics if "left out" in d.message}
    callable_ones = {n: raw for n, raw in names.items() if n != "/False" and n not in left_out}  # see `first_pass`

    assert len(space.endpoints) == len(callable_ones) or not names  # emptied: then config alone counts
    known = ("it streams, and Gradio 3", "Gradio before 4.20 mixes up")
    assert all(any(words in message for words in known) for message in left_out.values()), left_out
    if not space.endpoints or not names:
        return
    package = importlib.import_module(space.package)
    app = App(load(CASES[number]).documents.config)
    for endpoint, raw in zip(space.endpoints, callable_ones.values(), strict=True):
        check_signature(getattr(package, endpoint.function), endpoint, raw, untouched(app, endpoint))


@pytest.mark.parametrize("number", CASES, ids=lambda number: f"{CASES[number].parent.name}-{CASES[number].stem}")
def test_without_info_config_gives_the_same_endpoints(number: int, written: Written) -> None:
    """An endpoint that Gradio cannot describe takes info down as a whole, and some authors empty it."""
    fetched = load(CASES[number])
    whole, _ = written.whole(number)
    found = {endpoint.key: endpoint for endpoint in written.without_info(number).endpoints}

    for endpoint in whole.endpoints:
        if shares_its_name(endpoint, fetched):
            continue
        assert len(found[endpoint.key].parameters) == len(endpoint.parameters)
        assert len(found[endpoint.key].outputs) == len(endpoint.outputs)


def shares_its_name(endpoint: ir.Endpoint, fetched: Fetched) -> bool:
    """Whether info describes another event than the first of its name, which config alone would make callable."""
    app = App(fetched.documents.config)
    event = None if endpoint.fn_index is None else app.at(endpoint.fn_index)
    return event is not None and event.api_name is not None and not app.answers_to(event)


def untouched(app: App, endpoint: ir.Endpoint) -> list[Any]:
    """Return for each parameter what the page sends as long as nobody touched it; `...` where it is not known."""
    event = None if endpoint.fn_index is None else app.at(endpoint.fn_index)
    shown = [] if event is None else [one for one in event.inputs if not one.hidden]
    parameters = [one for one in endpoint.parameters if not one.of_event]
    if len(shown) != len(parameters):
        return [None if is_file(one) else ... for one in parameters]
    return [sent_by_page(one.kind, one.props, parameter) for one, parameter in zip(shown, parameters, strict=True)]


def sent_by_page(kind: str, props: Json, parameter: ir.Parameter) -> Any:
    if props.get("value") is not None:
        return ...
    if kind == "number":
        fits = (props.get("minimum") or 0) <= 0 <= (props.get("maximum") or 0)
        return None if props.get("placeholder") else 0 if fits else ...
    return None if kind in BLANK_ON_THE_PAGE or is_file(parameter) else ...


BLANK_ON_THE_PAGE = {
    *("annotatedimage", "browserstate", "dataset", "datetime", "dropdown", "fileexplorer", "highlightedtext"),
    *("image", "json", "nativeplot", "paramviewer", "plot", "radio", "video"),
}
"""Beside all files, whatever shows them."""


def is_file(parameter: ir.Parameter) -> bool:
    options = parameter.type.options if isinstance(parameter.type, ir.AnyOf) else (parameter.type,)
    return ir.File() in options or ir.ListOf(ir.File()) in options


def check_signature(function: Any, endpoint: ir.Endpoint, raw: Json, sent: list[Any]) -> None:
    parameters = list(inspect.signature(function).parameters.values())
    if any(parameter.of_event for parameter in endpoint.parameters):
        assert parameters.pop().name == "event_data"  # which `info` does not tell of
    by_position = positional(endpoint.parameters)

    assert function.api_name == endpoint.key
    assert len(parameters) == len(raw["parameters"])
    drawn = {one.argument for one in endpoint.parameters if one.drawn}  # by the page, whenever it is opened
    for place, (parameter, said) in enumerate(zip(parameters, raw["parameters"], strict=True)):
        assert (parameter.kind is parameter.POSITIONAL_OR_KEYWORD) == (place < by_position)
        if is_plain_name(said.get("parameter_name", "")):
            assert parameter.name == said["parameter_name"]
        if "parameter_has_default" in said:
            behind = any(one.default is not one.empty for one in parameters[:place])
            blank = behind and sent[place] is not ... and not said["parameter_has_default"]
            has_default = (said["parameter_has_default"] or blank) and parameter.name not in drawn
            assert (parameter.default is not parameter.empty) == has_default
            if parameter.default not in (parameter.empty, PUBLISHED):
                shown = sent[place] if blank else said["parameter_default"]
                assert as_json(parameter.default) == shown
    assert len(endpoint.outputs) == len(raw["returns"])


def is_plain_name(name: str) -> bool:
    """Whether Python and the stub leave a name as it is; Gradio makes `param_3` or `in_0` up for none."""
    kept = name.isidentifier() and not keyword.iskeyword(name) and name not in IMPORTED
    return kept and not re.fullmatch(r"(param|in)_\d+|__.*", name)


def as_json(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_all_packages_and_their_examples_type_check_strictly(checker: str, written: Written) -> None:
    folder = written.folder
    for number in CASES:
        written.whole(number)
        written.without_info(number)
    settings = {
        "mypy": ["--strict", "--python-version", "3.10", "--cache-dir", str(folder / ".mypy"), "."],
        "pyright": ["."],
    }
    pyright = {"typeCheckingMode": "strict", "pythonVersion": "3.10", "extraPaths": [str(ROOT / "runtime")]}
    (folder / "pyrightconfig.json").write_text(json.dumps(pyright))
    run = subprocess.run(
        [sys.executable, "-m", checker, *settings[checker]],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT / "runtime")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-5000:]
