"""A real app is restarted in fifty variants: `check` against mypy on real calling code, and against real calls."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mypy import api as mypy
from spacegen.drift.check import check_package
from spacegen.drift.results import Checked
from spacegen.fetching.access import Access
from spacegen.pipeline import generate
from support.drifting import restart_as
from support.servers import Servers

APPS = Path(__file__).resolve().parents[2] / "apps"
CALLER = APPS / "drifting_caller.py"

# What is expected of each change: the level, and the kinds of all changes that are found.
EXPECTED: dict[str, tuple[str, set[str]]] = {
    "base": ("same", set()),
    "endpoint_removed": ("breaking", {"endpoint-removed"}),
    "endpoint_renamed": ("breaking", {"endpoint-removed", "endpoint-added"}),
    "endpoint_added": ("compatible", {"endpoint-added"}),
    "endpoint_undocumented": ("breaking", {"endpoint-undocumented"}),
    "parameter_added": ("breaking", {"parameter-added"}),
    "optional_parameter_added": ("compatible", {"parameter-added"}),
    "optional_parameter_put_before": ("compatible", {"parameter-added"}),
    "parameter_removed": ("breaking", {"parameter-removed"}),
    "parameter_renamed": ("breaking", {"parameter-renamed"}),
    "positions_swapped": ("breaking", {"parameter-moved"}),
    "keywords_swapped": ("breaking", {"parameter-moved"}),
    "choice_removed": ("breaking", {"parameter-narrowed"}),
    "choice_added": ("compatible", {"parameter-widened"}),
    "choices_opened": ("compatible", {"parameter-widened"}),
    "range_tightened": ("breaking", {"parameter-narrowed"}),
    "range_widened": ("compatible", {"parameter-widened"}),
    "became_optional": ("compatible", {"parameter-optional"}),
    # What starts blank takes None; what gets a default no longer takes it.
    "became_optional_and_keyword_only": (
        "breaking",
        {"parameter-optional", "parameter-keyword-only", "parameter-narrowed"},
    ),
    "became_required": ("breaking", {"parameter-required", "parameter-widened", "parameter-words"}),
    # Behind a parameter with a default, what starts blank has a default, too.
    "became_blank": ("compatible", {"parameter-default", "parameter-widened"}),
    "default_changed": ("cosmetic", {"parameter-default"}),
    "label_changed": ("cosmetic", {"parameter-words"}),
    "description_changed": ("cosmetic", {"endpoint-words"}),
    "parameter_retyped": ("breaking", {"parameter-narrowed", "parameter-words"}),
    "parameter_took_more": ("compatible", {"parameter-widened", "parameter-words"}),
    "output_added": ("breaking", {"output-added"}),
    "first_output_added": ("breaking", {"output-added"}),
    "output_removed": ("breaking", {"output-removed"}),
    "output_retyped": ("breaking", {"output-retyped", "output-words"}),
    "output_renamed": ("breaking", {"output-renamed", "output-words"}),
    "outputs_swapped": ("breaking", {"output-moved"}),
    "output_label_changed": ("cosmetic", {"output-words"}),
    "result_choice_added": ("compatible", {"output-choices"}),
    "result_choice_removed": ("compatible", {"output-narrowed"}),
    "lambda_put_first": ("breaking", {"endpoint-moved", "endpoint-added"}),
    "lambda_put_last": ("compatible", {"endpoint-added"}),
    "lambda_removed": ("breaking", {"endpoint-moved", "endpoint-removed"}),
    "lambda_put_first_and_another_changed": (
        "breaking",
        {"endpoint-moved", "endpoint-added", "endpoint-doubtful", "parameter-words", "output-words"},
    ),
    "twin_changed": ("breaking", {"result-renamed", "parameter-words"}),
    "argument_field_added": ("breaking", {"model-field-added"}),
    "argument_field_took_more": ("compatible", {"model-field-retyped"}),
    "result_field_added": ("compatible", {"model-field-added"}),
    "result_field_removed": ("breaking", {"model-field-removed"}),
    "result_field_retyped": ("breaking", {"model-field-retyped"}),
    "left_the_queue": ("compatible", {"endpoint-queue"}),
    "streams": ("compatible", {"endpoint-stream"}),
    "keeps_state": ("compatible", {"endpoint-state", "endpoint-hidden"}),
    "file_types_narrowed": ("breaking", {"parameter-narrowed"}),
    "file_types_widened": ("compatible", {"parameter-widened"}),
    "file_became_list": ("breaking", {"parameter-narrowed"}),
    "title_changed": ("cosmetic", {"space-title"}),
}


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What one variant did to those who call it.

    Attributes:
        checked: The verdict about the package that was written before.
        before: What each call of that package does now: its result, or its error.
        after: The same once the package is written again, with the caller's code as it was.
        complaints: What mypy says about the caller's code then.
    """

    checked: Checked
    before: dict[str, Any]
    after: dict[str, Any]
    complaints: list[str]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, server: Servers) -> Iterator[dict[str, Lived]]:
    folder = tmp_path_factory.mktemp("repository")
    (folder / "note.txt").write_text("seven!!")
    running = server("drifting", mount="/app")
    sys.path.insert(0, str(folder))
    found: dict[str, tuple[Checked, dict[str, Any], dict[str, Any]]] = {}
    try:
        for name in EXPECTED:
            restart_as(name, running.url.removesuffix("/app"))
            after = calls(written(folder, running.url, name))
            if name == "base":
                shutil.copytree(folder / "client_base", folder / "client")
                before_caller = caller(folder, "client")
            checked = check_package(folder / "client", Access())
            found[name] = checked, calls(before_caller), after
        complaints = type_checked(folder)
        yield {
            name: Lived(checked=c, before=b, after=a, complaints=complaints[name])
            for name, (c, b, a) in found.items()
        }
    finally:
        sys.path.remove(str(folder))


def written(folder: Path, url: str, name: str) -> str:
    """Write the package of today and the caller's code beside it; return the caller's module."""
    package = generate(url, output=folder, name=f"client_{name}").package
    return caller(folder, package)


def caller(folder: Path, package: str) -> str:
    module = f"calls_{package}"
    (folder / f"{module}.py").write_text(CALLER.read_text().replace("PACKAGE", package))
    return module


def calls(module: str) -> dict[str, Any]:
    """Make every call, each on its own, with what the package learned about the server forgotten."""
    importlib.invalidate_caches()
    try:
        code = importlib.import_module(module)
    except ImportError as error:  # a function that is gone
        return {"import": error}
    sys.modules[code.greet.__module__].space.configure()
    outcomes = {}
    for call in code.CALLS:
        try:
            outcomes[call.__name__] = call()
        except Exception as error:
            outcomes[call.__name__] = error
    return outcomes


def type_checked(folder: Path) -> dict[str, list[str]]:
    """Run mypy once over all callers; return what it says about each."""
    modules = [f"calls_client_{name}.py" for name in EXPECTED]
    options = [
        "--strict",
        "--no-error-summary",
        "--hide-error-context",
        "--cache-dir",
        str(folder / ".mypy_cache"),
    ]
    out, err, _ = mypy.run([*options, *(str(folder / module) for module in modules)])
    assert not err
    return {
        name: [line for line in out.splitlines() if Path(line.partition(":")[0]).name == module]
        for name, module in zip(EXPECTED, modules, strict=True)
    }


def is_error(outcome: object) -> bool:
    return isinstance(outcome, Exception)


def test_every_variant_is_expected_to_be_something() -> None:
    text = (APPS / "drifting.py").read_text()
    listed = text[text.index("VARIANTS = {") : text.index("\n}\nCASES")]

    assert [line.split('"')[1] for line in listed.splitlines()[1:]] == list(EXPECTED)
    assert len(EXPECTED) > 30


@pytest.mark.parametrize("variant", EXPECTED)
def test_the_verdict(lived: dict[str, Lived], variant: str) -> None:
    level, kinds = EXPECTED[variant]
    checked = lived[variant].checked

    assert checked.problem is None
    assert (checked.state, {change.kind for change in checked.changes}) == (level, kinds)


@pytest.mark.parametrize("variant", EXPECTED)
def test_the_verdict_is_what_callers_live_through(lived: dict[str, Lived], variant: str) -> None:
    """Breaking exactly where code stops type-checking, or calls fail, or reach something else unnoticed."""
    now, base = lived[variant], lived["base"]
    # Only who must know every value of a result notices that there is one more: a warning, not a break.
    wrong_types = bool(now.complaints) and variant != "result_choice_added"
    other_after = any(now.after.get(name) != outcome for name, outcome in base.after.items())
    # Who leaves a default to the Space wants the Space's.
    wrong_after = other_after and variant not in ("default_changed", "became_blank")
    wrong_before = any(outcome != base.before[name] for name, outcome in now.before.items())

    assert (now.checked.state == "breaking") == (wrong_types or wrong_after or wrong_before)


def test_without_a_change_nothing_is_said(lived: dict[str, Lived]) -> None:
    base = lived["base"]

    assert not base.complaints
    assert base.before == base.after
    assert base.after["greets_plainly"] == ("casual Ada.", 11)
    assert base.after["measures"] == 7
    assert not any(map(is_error, base.after.values()))
