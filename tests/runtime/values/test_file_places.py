"""Which strings of a call are files: those that stand where the type has a file, and can have no text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacegen import ir
from spacegen.ir.unions import union
from spacegen.naming import argument_name, class_name
from spacegen.rendering.container_places import container_places
from spacegen.rendering.file_places import file_places
from spacegen_runtime import FileData
from spacegen_runtime._options import Options
from spacegen_runtime.protocol.server import Server
from spacegen_runtime.values.cannot_send import CannotSend
from spacegen_runtime.values.encode import NOWHERE, Encoder, places
from support.drawn import examples, one_of

WORDS = __file__  # a text that is the path of a file, too
FILE = FileData.of(b"what was given as a file")
HOME = Server("http://127.0.0.1:9", prefix="", protocol="sse_v3")
numbers = count(1)
KEYS = ["image", "caption", "file", "a.b"]


class Typed(NamedTuple):
    """A type, with the objects in it, and a way to make values of it, in which files are `picture`."""

    node: ir.TypeNode
    models: dict[str, ir.Model]
    values: st.SearchStrategy[Any]
    unions: bool = False


def plain(node: ir.TypeNode, value: Any) -> Typed:
    return Typed(node, {}, st.just(value))


def sequence(item: Typed) -> Typed:
    return item._replace(node=ir.ListOf(item.node), values=st.lists(item.values, max_size=3))


def keyed(item: Typed) -> Typed:
    values = st.dictionaries(st.sampled_from(KEYS), item.values, max_size=2)
    return item._replace(node=ir.DictOf(item.node), values=values)


def merged(
    parts: Sequence[Typed], node: ir.TypeNode, values: st.SearchStrategy[Any], unions: bool = False
) -> Typed:
    models = {name: model for part in parts for name, model in part.models.items()}
    return Typed(node, models, values, unions or any(part.unions for part in parts))


def pair(parts: Sequence[Typed]) -> Typed:
    return merged(
        parts, ir.TupleOf(tuple(part.node for part in parts)), st.tuples(*(part.values for part in parts))
    )


def either(parts: Sequence[Typed]) -> Typed:
    node = union(tuple(part.node for part in parts))
    return merged(parts, node, one_of([part.values for part in parts]), isinstance(node, ir.AnyOf))


def record(parts: Sequence[Typed]) -> Typed:
    name = class_name(f"Record{next(numbers)}", ())
    given = list(zip(KEYS, parts, strict=False))
    fields = tuple(
        ir.Field(key=key, name=argument_name(key, ()), type=part.node, required=True) for key, part in given
    )
    made = merged(parts, ir.ModelRef(name), st.fixed_dictionaries({key: part.values for key, part in given}))
    return made._replace(models={**made.models, name: ir.Model(name=name, fields=fields)})


def types(file: Any) -> st.SearchStrategy[Typed]:
    simple = st.sampled_from(
        [
            plain(ir.File(), file),
            plain(ir.File(), file),
            plain(ir.Text(), WORDS),
            plain(ir.Choice((WORDS, 1)), WORDS),
            plain(ir.Whole(), 3),
            plain(ir.Flag(), True),
            plain(ir.Nothing(), None),
        ]
    )

    def larger(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
        parts = st.lists(inner, min_size=1, max_size=3)
        several = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            inner.map(sequence), inner.map(keyed), parts.map(pair), several.map(either), parts.map(record)
        )

    return st.recursive(simple, larger, max_leaves=8)


def encoded(typed: Typed, value: Any) -> list[Any]:
    """What would be read on this machine to send the value."""
    parameter = ir.Parameter(
        name="x", argument=argument_name("x", ()), label="", component="", type=typed.node, schema={}
    )
    files = file_places([parameter], typed.models)
    tree = places(files, *container_places([parameter]))
    encoder = Encoder(HOME, Options())
    encoder.argument("x", value, tree.get("x", NOWHERE))
    return [pending.source for pending in encoder.pending]


def times(value: Any, wanted: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return (value is wanted) + sum(times(one, wanted) for one in inside)


@settings(max_examples=examples(300))
@given(st.data())
def test_no_text_beside_a_file_or_in_its_place_is_read(data: st.DataObject) -> None:
    typed = data.draw(types(FILE))
    value = data.draw(typed.values)

    assert encoded(typed, value) == [b"what was given as a file"] * times(value, FILE)


@pytest.mark.parametrize("value", [3, True])
def test_what_a_union_takes_beside_a_list_of_files_is_sent(value: Any) -> None:
    beside = ir.Flag() if value is True else ir.Whole()

    assert encoded(plain(union((beside, ir.ListOf(ir.File()))), value), value) == []


@settings(max_examples=examples(300))
@given(st.data(), st.sampled_from([WORDS, "http://127.0.0.1:1/a"]))
def test_a_string_in_a_files_own_place_is_that_file(data: st.DataObject, picture: str) -> None:
    picture = "".join([*picture])  # another object than the words
    typed = data.draw(types(picture).filter(lambda typed: not typed.unions))
    value = data.draw(typed.values)

    assert encoded(typed, value) == [picture] * times(value, picture)


@settings(max_examples=examples(100))
@given(st.data())
def test_a_plain_value_is_refused_where_its_type_takes_lists_and_objects_alone(
    data: st.DataObject,
) -> None:
    typed = data.draw(types(FILE))
    wrong = data.draw(st.sampled_from(["abc", 5, True, 2.5]))
    options = typed.node.options if isinstance(typed.node, ir.AnyOf) else (typed.node,)
    taken = [option for option in options if option != ir.Nothing()]
    containers = (ir.ListOf, ir.TupleOf, ir.DictOf, ir.ModelRef)

    if taken and all(isinstance(option, containers) for option in taken):
        with pytest.raises(CannotSend):
            encoded(typed, wrong)
    elif ir.Text() in taken:
        assert encoded(typed, wrong) == []
