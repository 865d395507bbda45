"""Documents and manifests, some parts of which are something else, become a package or an error of ours.

`HYPOTHESIS_PROFILE=long` tries twenty times as many.
"""

from __future__ import annotations

import copy
import json
import socket
import time
from collections.abc import Iterator
from random import Random
from types import ModuleType
from typing import Any

import awkward_app
import chat_app
import files_app
import pages_app
import pytest
import text_app
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from spacegen.drift.compare import compare
from spacegen.errors import IntegrityError, SpacegenError
from spacegen.fetching.documents import Documents, Fetched, Provenance
from spacegen.fetching.saved import load_documents
from spacegen.ir.types import PackageName
from spacegen.packages import build as package_build
from spacegen.packages.build import build
from spacegen.packages.read_manifest import read_manifest, snapshot
from spacegen.reading.parse import parse
from spacegen_runtime import Endpoint, SpaceError
from spacegen_runtime.testing import _documents
from spacegen_runtime.testing._offer import Offer
from spacegen_runtime.tools import _known, tool
from spacegen_runtime.values import published
from spacegen_runtime.values.manifest_shape import is_manifest
from support.drawn import examples
from tools.regenerate import EXAMPLES, SPECS, package_of

MOST_SECONDS = 10.0
"""Of processor time, for one document; hundreds of times what it takes."""
PACKAGES: dict[str, ModuleType] = {
    "text": text_app,
    "files": files_app,
    "chat": chat_app,
    "awkward": awkward_app,
    "pages": pages_app,
}


def deep(levels: int, key: str) -> Any:
    made: Any = {}
    for _ in range(levels):
        made = {key: made} if key else [made]
    return made


JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 0.5, 1e308, 10**18, "", "x", "\ud800", "9" * 5000, [], {}, [[]], [None], {"": 0}),
    *("http://127.0.0.1:9/x", "file:///etc/passwd", "/etc/passwd", "../x", {"type": ["string", {}, 3]}),
    *({"$ref": "#"}, {"$ref": "#/"}, {"$ref": 3}, {"$ref": "http://127.0.0.1:9/schema.json#/x"}),
    *({"$ref": "file:///etc/passwd"}, {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}),
    *({"anyOf": [{"$ref": "#"}] * 9}, {"properties": {"x": {"$ref": "#"}}}, {"enum": [{}, [], 0, "0"]}),
    *({"enum": list(range(3000))}, deep(150, "items"), deep(150, "properties"), deep(150, "")),
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value that can hold another one."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield value, key
        yield from places(one)


def mutate(value: Any, random: Random) -> None:
    """Change a place or some of a JSON object, in the object itself."""
    for _ in range(random.randint(1, 6)):
        found = list(places(value))
        if not found:  # nothing is left of it
            return
        holder, key = random.choice(found)
        match random.randrange(6):
            case 0 | 1:
                holder[key] = copy.deepcopy(random.choice(JUNK))
            case 2:
                elsewhere, other = random.choice(found)
                holder[key] = copy.deepcopy(elsewhere[other])
            case 3 if isinstance(holder, dict):
                holder[random.choice(["", "x", "$ref", "\ud800", "9" * 5000, "type", "enum"])] = holder.pop(key)
            case 4 if isinstance(holder, list):
                holder += [holder[key]] * 30
            case _:
                del holder[key]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No word of a document is an address; and formatting, which takes most of the time, changes no meaning."""

    def refuse(*_: Any) -> Any:
        raise AssertionError("a document was followed")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(package_build, "format_source", str)


def documents_of(app: str) -> dict[str, Any]:
    given = load_documents(SPECS / f"{app}.json").documents
    manifest = json.loads((EXAMPLES / package_of(app) / "spacegen.json").read_text())
    return {"config": given.config, "info": given.info, "openapi": _documents.openapi(Offer(manifest))}


ORIGINAL = {app: json.dumps(documents_of(app)) for app in PACKAGES}


@settings(max_examples=examples(60), phases=[Phase.generate])
@given(app=st.sampled_from([*PACKAGES]), seed=st.integers(0, 2**64), has_info=st.booleans())
def test_documents_with_strange_parts_become_a_package_or_an_error(app: str, seed: int, has_info: bool) -> None:
    random = Random(seed)
    given = json.loads(ORIGINAL[app])
    if not has_info:  # its place is taken by openapi.json and config
        given["info"] = None
    part = given[random.choice([name for name in given if given[name]])]
    mutate(part, random)
    fetched = Fetched(documents=Documents(**given), provenance=Provenance(source="someone/app"))
    start = time.process_time()
    try:
        space, _ = parse(fetched, PackageName("app"))
        files = build(space, source="someone/app", options={})
        assert snapshot(space).models == space.models
    except IntegrityError:
        raise  # the last line of defence is not to be needed
    except SpacegenError:
        pass
    else:
        assert files["spacegen.json"]
    assert time.process_time() - start < MOST_SECONDS


@settings(max_examples=examples(60), phases=[Phase.generate])
@given(app=st.sampled_from([*PACKAGES]), seed=st.integers(0, 2**64))
def test_manifests_with_strange_parts_are_read_or_refused(app: str, seed: int) -> None:
    text = (EXAMPLES / package_of(app) / "spacegen.json").read_text()
    manifest = json.loads(text)
    mutate(manifest, Random(seed))
    start = time.process_time()
    try:
        there, before = read_manifest(json.dumps(manifest)), read_manifest(text)
        compare(there.space, before.space)
        compare(before.space, there.space)
    except SpacegenError:
        pass
    look(PACKAGES[app], manifest if is_manifest(manifest) else {})
    assert time.process_time() - start < MOST_SECONDS


def look(package: ModuleType, manifest: dict[str, Any]) -> None:
    """Look at all that the runtime makes of a manifest."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (_known, published):
            patch.setattr(module, "load", lambda _: manifest)
        for one in vars(package).values():
            if isinstance(one, Endpoint):
                try:
                    tool(one, "openai")
                except SpaceError:
                    continue
        try:
            offer = Offer(manifest, "app")
        except SpaceError:
            return
        for made in (_documents.config(offer, ""), _documents.info(offer), _documents.openapi(offer)):
            json.dumps(made)


@pytest.mark.parametrize("places", [[99], [0, 0], [-1]])
@pytest.mark.parametrize("part", ["hidden_inputs", "hidden_outputs"])
def test_hidden_places_that_are_not_there_are_named(part: str, places: list[int]) -> None:
    manifest = json.loads((EXAMPLES / "text_app" / "spacegen.json").read_text())
    manifest["endpoints"]["/order"][part] = places
    with pytest.raises(SpaceError, match=rf"spacegen.json of 'app' is damaged: {part} are \[.* places; run"):
        Offer(manifest, "app")


KINDS: list[Any] = [None, True, 7, 0.5, "text", [], [1], [[]], [{}], {}, {"a": 1}]


@pytest.mark.parametrize("app", [*PACKAGES])
def test_each_part_of_a_manifest_may_be_of_any_kind(app: str) -> None:
    """Read or refused, and compared with what it was."""
    text = (EXAMPLES / package_of(app) / "spacegen.json").read_text()
    before = read_manifest(text)
    manifest = json.loads(text)
    seen: set[tuple[Any, ...]] = set()
    for way, holder, key in shapes(manifest, ()):
        if way in seen:
            continue
        seen.add(way)
        for kind in KINDS:
            holder[key], kept = kind, holder[key]
            try:
                there = read_manifest(json.dumps(manifest))
                compare(there.space, before.space)
                compare(before.space, there.space)
            except SpacegenError:
                pass
            finally:
                holder[key] = kept
    assert json.dumps(manifest) == json.dumps(json.loads(text))


def shapes(value: Any, way: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Every place in a JSON value, with its way there, in which all endpoints and all items are alike."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        here = (*way, 0 if isinstance(value, list) or way in (("endpoints",), ("files",)) else key)
        yield here, value, key
        if isinstance(inner, dict | list):
            yield from shapes(inner, here)
