"""What is known about a parameter's values besides its type: its default, its choices, its range."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from spacegen.fetching.documents import Json
from spacegen.ir import types
from spacegen.ir.conform import conforms
from spacegen.ir.forms import DATA_URL, FILE, is_number, or_null, without_null
from spacegen.ir.space import Default, Inlined, Limits, Parameter, Published
from spacegen.ir.unions import options_of
from spacegen.quoting import literal
from spacegen.reading.budget import Budget
from spacegen.reading.canonical import canonical
from spacegen.reading.config import Component
from spacegen.text import is_encodable, plain

_LONGEST_DEFAULT = 72
_MOST_LABELS = 64
_LONGEST_INFO = 300
_LONGEST_COLUMN = 40
_MOST_COLUMNS = 50
_MOST_FILE_TYPES = 20
_NULL = frozenset(
    [
        *("annotatedimage", "audio", "browserstate", "dataset", "datetime", "dropdown", "file", "fileexplorer"),
        *("highlightedtext", "image", "json", "nativeplot", "paramviewer", "plot", "radio", "video"),
    ]
)
"""Components that the page sends as null while they have no value, as seen in the pages of 4.0 to 6.31.

A text is sent as "", a slider as a number.
"""
_BLANK = _NULL | {"colorpicker", "number"}
"""Components that may stay blank: the server takes null for them."""
_CHOOSERS = frozenset({"checkboxgroup", "dropdown", "radio"})
_ANY_TEXT = {"type": "string"}
_SKETCH = {
    "title": "SketchData",
    "type": "object",
    "properties": {"image": DATA_URL, "mask": DATA_URL},
    "required": ["image", "mask"],
}
_FILES = (FILE, {"type": "array", "items": FILE})
"""What may stay empty wherever it stands, see `accepted_type`."""


def input_schema(schema: Any, component: Component | None, budget: Budget | None = None) -> Any:
    """Return a parameter's canonical schema, extended by what only `config` knows.

    These are the choices before 4.0, whose info calls them text whatever they are, and that a component may stay
    blank: the page sends null for one that has no value and that nobody touched. A drawing may always stay empty.
    """
    if component is None:
        return schema
    if _is_sketch(component):
        return or_null(_SKETCH) if schema == DATA_URL else schema
    schema = shown_schema(schema, component)
    if component.kind in _CHOOSERS and isinstance(component.props.get("choices"), list):
        schema = _with_choices(schema, component.props["choices"], budget)
    drawing = component.kind == "imageeditor" and "properties" in schema
    blank = component.kind in _BLANK and component.props.get("value") is None
    return or_null(schema) if drawing or (blank and schema not in _FILES) else schema


def shown_schema(schema: Any, component: Component | None) -> Any:
    """Return a canonical schema as Gradio 3 really behaves: its galleries contain pairs, or single images.

    An image is a pair only where it has a caption (`Gallery.postprocess` of 3.50.2), whatever info says.
    """
    pairs = schema.get("items") if component and component.kind == "gallery" else None
    if not isinstance(pairs, dict) or pairs.get("prefixItems", [None])[0] != FILE:
        return schema
    return {"type": "array", "items": {"anyOf": [pairs, FILE]}}


def _is_sketch(component: Component) -> bool:
    """Return whether this is a Gradio 3 image to draw on, which its server requires together with the mask."""
    props = component.props
    return component.kind == "image" and props.get("tool") == "sketch" and props.get("source") != "canvas"


def _with_choices(schema: Any, choices: list[Any], budget: Budget | None) -> Any:
    if schema == _ANY_TEXT:
        # Pairs of label and value came with 3.41.
        values = [one[1] if isinstance(one, list) and len(one) == 2 else one for one in choices]
        return canonical({**_ANY_TEXT, "enum": values}, budget)
    if schema == {"type": "array", "items": _ANY_TEXT}:
        return {**schema, "items": _with_choices(_ANY_TEXT, choices, budget)}
    return schema


def default_of(raw: Json, component: Component | None, node: types.TypeNode) -> tuple[Default, Any]:
    """Return how a parameter's default is written, and the default itself as JSON.

    A value that the page asks the app for is not a default, since it would be different after each restart.
    Neither is the first image of a sketch, which has no mask.
    """
    if component and (component.drawn or _is_sketch(component)):
        return None, None
    if "parameter_has_default" in raw:
        if raw["parameter_has_default"] is not True:
            return None, None
        value = raw.get("parameter_default")
    else:
        # Before 4.44, info does not contain defaults; later versions publish what the page shows first.
        value = component.props.get("value") if component else None
        if value is None or isinstance(value, dict):
            return None, None
    return _written(value, node), value


def with_blanks(parameters: Iterable[tuple[Parameter, Json, Component | None]]) -> tuple[Parameter, ...]:
    """Give what starts blank what the page sends for it, as a default, where a parameter before it has a default.

    Callers name those by keyword anyway. The first parameters stay required: they are what the endpoint is about
    (`flip(image)`), and a call without them would say nothing.

    Args:
        parameters: The parameters of one endpoint, each with its entry of `info` and the component behind it.
    """
    made: list[Parameter] = []
    behind = False
    for parameter, raw, component in parameters:
        untouched = _untouched(parameter, raw, component) if behind and parameter.default is None else None
        if untouched is not None:
            parameter = replace(parameter, default=untouched, published=untouched.value)
        behind = behind or parameter.default is not None
        made.append(parameter)
    return tuple(made)


def _untouched(parameter: Parameter, raw: Json, component: Component | None) -> Inlined | None:
    """Return what the page sends for a blank component that nobody touched; None where it is not known."""
    options = options_of(parameter.type)
    is_file = not {types.File(), types.ListOf(types.File())}.isdisjoint(options)
    if component is None:  # info says of a value since 4.44
        return Inlined(None) if is_file and raw.get("parameter_has_default") is False else None
    if component.drawn or component.props.get("value") is not None:
        return None
    if component.kind == "number" and not component.props.get("placeholder"):
        low, high = parameter.limits.minimum, parameter.limits.maximum
        return Inlined(0) if (low is None or low <= 0) and (high is None or high >= 0) else None
    takes_null = types.Nothing() in options or types.Anything() in options
    null = is_file or component.kind in _NULL or component.kind == "number"
    return Inlined(None) if null and takes_null else None


def _written(value: Any, node: types.TypeNode) -> Default:
    if value is None:
        return Inlined(None)
    plain_list = isinstance(value, list) and len(value) <= _LONGEST_DEFAULT and all(map(_is_short, value))
    if not (plain_list or _is_short(value)) or not conforms(value, node):
        return Published()
    if plain_list:
        return Inlined(tuple(value)) if len(literal(tuple(value))) <= _LONGEST_DEFAULT else Published()
    return Inlined(value)


def _is_short(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return len(value) <= _LONGEST_DEFAULT and is_encodable(value) and len(literal(value)) <= _LONGEST_DEFAULT
    return value is None or (isinstance(value, int) and abs(value) < 2**63)


def limits_of(component: Component | None, schema: Any) -> Limits:
    """Return the limits of a parameter that are not part of its type."""
    props = component.props if component else {}
    choices = _choices(schema)
    labels = _labels(props.get("choices"), choices)
    return Limits(
        choices=choices,
        labels=labels,
        custom=props.get("allow_custom_value") is True,
        minimum=_number(props.get("minimum", schema.get("minimum"))),
        maximum=_number(props.get("maximum", schema.get("maximum"))),
        step=_number(props.get("step")),
        file_types=_words(props.get("file_types")),
    )


def info_of(component: Component | None) -> str:
    """Return the explanation that a page shows next to a component."""
    return plain(component.props.get("info"), _LONGEST_INFO) if component else ""


def columns_of(component: Component | None) -> tuple[str, ...]:
    """Return the names of a table's columns; names that Gradio makes by numbering do not count."""
    names = component.props.get("headers") if component and component.kind == "dataframe" else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names[:_MOST_COLUMNS]):
        return ()
    columns = tuple(plain(name, _LONGEST_COLUMN) for name in names[:_MOST_COLUMNS])
    return () if all(name == str(place) for place, name in enumerate(columns, 1)) else columns


def _choices(schema: Any) -> tuple[Any, ...] | None:
    schema = without_null(schema)
    values = schema.get("enum") or schema.get("items", {}).get("enum")
    return tuple(values) if values else None


def _labels(pairs: Any, choices: tuple[Any, ...] | None) -> tuple[str, ...] | None:
    # Since 4.0 a choice is a pair of label and value; a label is shown only if it says more than the value.
    if not choices or not isinstance(pairs, list) or len(pairs) != len(choices) or len(choices) > _MOST_LABELS:
        return None
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        return None
    labels = tuple(plain(_spoken(pair[0]), 100) for pair in pairs)
    return labels if labels != tuple(str(choice) for choice in choices) else None


def _spoken(label: Any) -> Any:
    return label if isinstance(label, str | dict | list) else str(label)


def _number(value: Any) -> float | None:
    return value if is_number(value) else None


def _words(value: Any) -> tuple[str, ...] | None:
    words = value[:_MOST_FILE_TYPES] if isinstance(value, list) else []
    if not words or not all(isinstance(one, str) for one in words):
        return None
    return tuple(plain(one, _LONGEST_COLUMN) for one in words)
