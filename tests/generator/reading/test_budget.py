"""What a document asks for is in proportion to its size, or refused; calls and bytes are counted, not seconds."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from spacegen import ir
from spacegen.errors import TooLarge
from spacegen.fetching.bounded_json import parse_json
from spacegen.fetching.documents import Documents, Fetched, Provenance
from spacegen.naming import class_name, package_name
from spacegen.packages.build import build
from spacegen.packages.manifest import manifest_text
from spacegen.packages.read_manifest import snapshot
from spacegen.reading.budget import Budget, pieces_of
from spacegen.reading.parse import parse
from support.documents import STRING, documents, endpoint, read, state, value

FREE = 10_000
CALLS, BYTES = 600, 400  # for each piece that a document allows for; a parameter costs four
Amplifier = Callable[[int], Documents]


def fields(count: int, kind: str = "string") -> Any:
    return {"type": "object", "title": "M", "properties": {f"f{n}": {"type": kind} for n in range(count)}}


def one_component(props: Any, size: int, schema: Any = None, **config: Any) -> Documents:
    """One component that stands behind all inputs, of which `info` says nothing."""
    component = {"id": 1, "type": "textbox", "props": props, "api_info": schema or {"type": "string"}}
    shared = documents(**config)
    event = {"inputs": [1] * 100, "outputs": [], "targets": [], "backend_fn": True}
    shared.config["components"] = [component]
    shared.config["dependencies"] = [{**event, "id": n, "api_name": f"run{n}"} for n in range(size)]
    return Documents(config=shared.config)


def doubling(size: int) -> Documents:
    twice = {
        f"a{n}": {"type": "object", "properties": {key: {"$ref": f"#/$defs/a{n + 1}"} for key in "xy"}}
        for n in range(size)
    }
    return documents(endpoint("run", [value("x", {"$ref": "#/$defs/a0", "$defs": twice})] * 9))


def one_reference(size: int) -> Documents:
    schema = {"prefixItems": [{"$ref": "#/$defs/a"}] * 300, "$defs": {"a": fields(size)}}
    return documents(endpoint("run", [value("x", schema)] * 4))


def shapes_by_reference(size: int) -> Documents:
    """Fields of a type each: lists and mappings in each other, as the digits of a number say."""

    def nested(number: int) -> Any:
        inner = {"$ref": f"#/$defs/{number // 2}"}
        outer = {"type": "array", "items": inner} if number % 2 else {"additionalProperties": inner}
        return {"type": "object", **outer} if number > 1 else STRING

    def schema(first: int) -> Any:
        numbers = range(first, first + 60)
        used = {number >> digits for number in numbers for digits in range(number.bit_length())}
        properties = {f"f{number}": {"$ref": f"#/$defs/{number}"} for number in numbers}
        return {"properties": properties, "$defs": {f"{number}": nested(number) for number in used}}

    return documents(*[endpoint(f"run{n}", [value("x", schema(60 * n + 2))]) for n in range(size)])


def numbered(count: int) -> Any:
    return {f"k{n}": 0 for n in range(count)}


AMPLIFIERS: dict[str, Amplifier] = {
    "references that double": doubling,
    "one reference for many": one_reference,
    "one schema for many inputs": lambda size: one_component({}, size, fields(size)),
    "one default for many inputs": lambda size: one_component({"value": ["x" * 99] * size}, size),
    "one label for many inputs": lambda size: one_component({"label": "[" * 100 * size}, size),
    "one list of choices for many inputs": lambda size: one_component({"choices": ["x"] * size}, size),
    "files in one object for many inputs": lambda size: one_component({}, size, fields(size, "filepath")),
    "required names of one object": lambda size: one_component({}, size, {**fields(1), "required": ["x"] * size}),
    "keys of one object": lambda size: one_component({}, size, {"properties": {**numbered(99 * size), "\n": {}}}),
    "types of one object": lambda size: one_component({}, size, {**numbered(9 * size), "type": ["string"] * size}),
    "options of one union": lambda size: one_component(
        {}, size, {"anyOf": [{"enum": [f"{n}"]} for n in range(size)]}
    ),
    "one long text for many inputs": lambda size: one_component({"value": "x" * 99 * size}, size),
    "fields of other types by reference": shapes_by_reference,
    "words beside many inputs": lambda size: one_component(
        {"info": "x" * 300, "file_types": ["x" * 40] * 20}, size
    ),
}
HONEST: dict[str, Amplifier] = {
    "events of one handler": lambda size: documents(*[endpoint(f"run_{n}", [value("x")]) for n in range(size)]),
    "hidden inputs": lambda size: documents(endpoint("run", [state()] * size)),
    "triggers": lambda size: documents(endpoint("run", targets=[[1, "click"]] * size)),
    "objects of one title": lambda size: documents(
        *[endpoint(f"run{n}", [value("x", fields(n % 7 + 1))]) for n in range(size)]
    ),
    "choices": lambda size: documents(endpoint("run", [value("x", {"enum": ["x" * 99] * size})] * 9)),
    "objects that say as little as they can": lambda size: documents(
        endpoint("run", [value("x", {"prefixItems": [{"properties": {f"f{n}": {}}} for n in range(3 * size)]})])
    ),
    "fields of objects": lambda size: documents(
        endpoint(
            "run",
            [value(f"x{n}", {"properties": {f"f{n}_{at}": STRING for at in range(30)}}) for n in range(size)],
        )
    ),
}


def cost(given: Documents) -> tuple[int, int]:
    """How many calls reading and writing take, and how many bytes are written."""
    calls = 0

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1

    fetched = Fetched(documents=given, provenance=Provenance(source="app"))
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        space, _ = parse(fetched, package_name("app"))
        text = manifest_text(space, {}, source="", options={}, version="")
    finally:
        sys.setprofile(before)
    return calls, len(text)


def assert_in_proportion(given: Documents) -> None:
    pieces = FREE + pieces_of([given.config, given.info, given.openapi], 10**9)
    calls, size = cost(given)
    assert calls < CALLS * pieces
    assert size < BYTES * pieces


@pytest.mark.parametrize("kind", AMPLIFIERS)
def test_what_repeats_itself_is_in_proportion_until_it_is_refused(kind: str) -> None:
    for size in (3, 10, 30, 100, 300):
        try:
            assert_in_proportion(AMPLIFIERS[kind](size))
        except TooLarge:
            return
    assert "label" in kind  # is read once, and cut


@pytest.mark.parametrize("kind", HONEST)
@pytest.mark.parametrize("size", [10, 300])
def test_what_is_written_out_is_never_refused(kind: str, size: int) -> None:
    assert_in_proportion(HONEST[kind](size))


def test_fields_of_many_types_are_bounded_for_each_takes_milliseconds_to_write() -> None:
    few, many = (
        Fetched(documents=shapes_by_reference(size), provenance=Provenance(source="app")) for size in (2, 8)
    )

    assert sum(len(model.fields) for model in parse(few, package_name("app"))[0].models) == 120
    with pytest.raises(TooLarge):
        parse(many, package_name("app"))


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/" + "/" * 500_000},
        {"anyOf": [{"type": "filepath"}, {"type": "string", "description": [0] * 500_000}]},
        {"type": "object", "title": " " * 500_000 + "x", "properties": {"x": {"type": "string"}}},
    ],
    ids=["reference", "description", "title"],
)
def test_what_stands_behind_many_inputs_is_not_gone_through_for_each(schema: Any) -> None:
    start = time.process_time()
    parse(
        Fetched(documents=one_component({}, 8, schema), provenance=Provenance(source="app")), package_name("app")
    )

    assert time.process_time() - start < 5  # a tenth of a second; half a minute, where each input costs it all


@pytest.mark.parametrize("key", ["enum", "id"])
def test_numbers_of_one_hash_are_read_in_proportion(key: str) -> None:
    """Python puts integers under their remainder by 2**61 - 1, and each of those is compared with all others."""
    numbers = [(2**61 - 1) * n for n in range(1, 10_000)]
    given = documents(endpoint("run", [value("x", {"enum": numbers} if key == "enum" else STRING)]))
    if key == "id":
        given.config["components"] += [{"id": n, "type": "t", "props": {}} for n in numbers]
    read_back = Documents(config=parse_json(json.dumps(given.config).encode(), "config"), info=given.info)
    start = time.process_time()
    info = parse_json(json.dumps(read_back.info).encode(), "info")
    parse(
        Fetched(documents=replace(read_back, info=info), provenance=Provenance(source="app")), package_name("app")
    )

    assert time.process_time() - start < 5


def test_a_union_of_many_is_anything() -> None:
    """Python nests the options of a union in each other, and follows only so many."""
    options = [{"type": "array", "prefixItems": [{"enum": [f"{n}"]}]} for n in range(900)]
    given = read(endpoint("run", [value("x", {"anyOf": options})], [value(schema={"anyOf": options[:60]})]))

    assert given.endpoints[0].parameters[0].type == ir.Anything()
    compile(build(given, source="", options={})["endpoints.py"], "endpoints.py", "exec")


def test_a_package_of_many_objects_is_read_back() -> None:
    """What was written can be compared with its Space later, however much it holds."""
    many = [endpoint(f"run{n}", [value("x", fields(n % 30 + 1) | {"title": f"M{n}"})]) for n in range(300)]
    given = read(*many)

    assert len(snapshot(given).models) == len(given.models)


def test_there_is_an_end_to_what_one_package_holds() -> None:
    with pytest.raises(TooLarge, match="--include"):
        read(endpoint("run", targets=[[0, "click"]] * 100_001))


def test_documents_are_looked_at_only_when_the_free_pieces_are_used_up() -> None:
    budget = Budget(Documents(config={"components": ["x"] * 500}))

    budget.take(FREE)
    budget.take(500)
    with pytest.raises(TooLarge):
        budget.take(500)


def test_all_places_of_files_are_written_within_bounds() -> None:
    given = read(endpoint("run", [value(f"x{n}", fields(20, "filepath")) for n in range(20)]))

    assert build(given, source="", options={})["endpoints.py"].count(".f19") == 20


class Counting(set[str]):
    """Names in use, and how often somebody asked for one."""

    asked = 0

    def __contains__(self, name: object) -> bool:
        self.asked += 1
        return super().__contains__(name)


def test_the_next_free_number_of_a_name_is_not_found_by_trying_all() -> None:
    taken = Counting(["M", *(f"M{number}" for number in range(2, 5000))])

    assert class_name("m", taken) == "M5000"
    assert taken.asked < 40
