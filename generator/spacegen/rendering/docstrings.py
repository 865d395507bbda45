"""Docstrings in the Space's own words: what an endpoint does, takes and returns."""

from __future__ import annotations

import textwrap
from typing import Any

from spacegen.ir import types
from spacegen.ir.conform import conforms
from spacegen.ir.forms import DATA_URL, without_null
from spacegen.ir.space import Endpoint, Inlined, Limits, Output, Parameter, Published
from spacegen.ir.walk import walk
from spacegen.text import as_json, plain, shorten, some_of

_WIDTH = 84
_LONGEST_EXAMPLE = 60
_MOST_CHOICES = 12
_MOST_COLUMNS = 20
_OBVIOUS: dict[str, tuple[type, ...]] = {
    "Api": (object,),
    "Checkbox": (types.Flag,),
    "Checkboxgroup": (types.ListOf,),
    "Dropdown": (types.Choice, types.ListOf),
    "Json": (types.Anything,),
    "Number": (types.Real, types.Whole),
    "Radio": (types.Choice,),
    "Slider": (types.Real, types.Whole),
    "Textbox": (types.Text, types.Choice),
}
"""Components that add nothing to these types."""
_NO_EXAMPLES: tuple[Any, ...] = (None, "", [], "Hello!!", "...")
"""What Gradio publishes if it knows no example."""


def endpoint_docstring(endpoint: Endpoint) -> str:
    """Return the text of a function's docstring, without quotes or indentation."""
    summary = _sentence(endpoint.description) if endpoint.description else f"Call `{plain(str(endpoint.key))}`."
    parts = [textwrap.fill(summary, _WIDTH)]
    if endpoint.generator:
        parts.append("Yields several values: `.stream()` gives each, a call the last.")
    if endpoint.stateful:
        parts.append("Keeps state on the server: `with space.session():` carries it from call to call.")
    if endpoint.oauth:
        parts.append("Hands a Hugging Face token to the app: `.with_options(oauth_token=...)` says which.")
    parts += [_event(parameter) for parameter in endpoint.parameters if parameter.of_event]
    parts += _section("Args", [(p.argument, parameter_line(p)) for p in endpoint.parameters])
    if len(endpoint.outputs) > 1:
        parts += _section("Returns", [(one.field, _output_line(one, one.field)) for one in endpoint.outputs])
    else:
        parts += _section("Returns", [("", _output_line(one, "output")) for one in endpoint.outputs])
    return "\n\n".join(parts)


def _event(parameter: Parameter) -> str:
    kind = f" (`{parameter.component}`)" if parameter.component else ""
    said = f"Answers to an event of the Space's page{kind}: `{parameter.argument}` says what happened there"
    return textwrap.fill(f"{said}." if parameter.default is None else f"{said}; some need none.", _WIDTH)


def parameter_line(parameter: Parameter) -> str:
    """Describe a parameter in one line: what the signature does not say."""
    limits = parameter.limits
    said = [
        _sentence(_what(parameter, parameter.argument)),
        _sentence(parameter.info),
        _columns(parameter.columns),
        _range(limits),
        _choices(parameter),
        f"File types: {', '.join(limits.file_types)}." if limits.file_types else "",
        _default(parameter),
        _example(parameter),
    ]
    return " ".join(part for part in said if part)


def _section(title: str, lines: list[tuple[str, str]]) -> list[str]:
    entries = [f"{name}: {text}" if name else text for name, text in lines if text]
    return ["\n".join([f"{title}:", *map(_wrapped, entries)])] if entries else []


def _wrapped(entry: str) -> str:
    return textwrap.fill(
        entry,
        _WIDTH,
        initial_indent=" " * 4,
        subsequent_indent=" " * 8,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _output_line(output: Output, name: str) -> str:
    said = (_sentence(_what(output, name)), _columns(output.columns))
    return " ".join(part for part in said if part)


def _what(value: Parameter | Output, name: str) -> str:
    """Return the label and the component, unless name and type say the same."""
    label = shorten(value.label.rstrip(":. "), 200)
    kind = "" if _is_obvious(value.component, value.type) else value.component
    if _bare(label) in (_bare(name), _bare(value.component)):
        label = ""
    if not label and _bare(kind) == _bare(name):
        return ""
    return f"{label} ({kind})" if label and kind else label or kind


def _bare(words: str) -> str:
    return "".join(filter(str.isalnum, words)).casefold()


def _is_obvious(component: str, node: types.TypeNode) -> bool:
    """Return whether the type already says what the component is: a `Textbox` is a `str`."""
    if isinstance(node, types.AnyOf):
        return any(_is_obvious(component, option) for option in node.options)
    return isinstance(node, _OBVIOUS.get(component, ()))


def _columns(names: tuple[str, ...]) -> str:
    return f"Columns: {some_of(names, _MOST_COLUMNS)}." if names else ""


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".!?…" else f"{text}."


def _range(limits: Limits) -> str:
    low, high = limits.minimum, limits.maximum
    step = f", in steps of {limits.step:.12g}" if limits.step and limits.step != 1 else ""
    if low is not None and high is not None:
        return f"From {low:.12g} to {high:.12g}{step}."
    if low is not None:
        return f"At least {low:.12g}{step}."
    return f"At most {high:.12g}{step}." if high is not None else ""


def _choices(parameter: Parameter) -> str:
    limits = parameter.limits
    if not limits.choices:
        return ""
    values = [as_json(value, _LONGEST_EXAMPLE) or "…" for value in limits.choices[:_MOST_CHOICES]]
    more = ", …" if len(limits.choices) > _MOST_CHOICES else ""
    if limits.labels:
        pairs = zip(values, limits.labels, strict=False)
        return f"One of {', '.join(f'{value} ({label})' for value, label in pairs)}{more}."
    if limits.custom:
        return f"For example {', '.join(values)}{more}."
    # Choices that the signature lists need no repetition.
    literal = any(isinstance(node, types.Choice) for node in walk([parameter.type]))
    return "" if literal else f"One of {', '.join(values)}{more}."


def _has_a_form(node: types.TypeNode) -> bool:
    if isinstance(node, types.AnyOf):
        return all(option == types.Nothing() or _has_a_form(option) for option in node.options)
    return isinstance(node, types.Text | types.Anything | types.ListOf)


def _default(parameter: Parameter) -> str:
    if parameter.drawn:
        return "No default: the page gets a new value whenever it is opened."
    if not isinstance(parameter.default, Published):
        return ""
    short = as_json(parameter.published, _LONGEST_EXAMPLE)
    return f"Default: {short}." if short else "The default is the Space's own."


def _example(parameter: Parameter) -> str:
    if without_null(parameter.schema) == DATA_URL:
        return 'A data URL: "data:image/png;base64,…".'
    example: Any = parameter.example
    # Only the form of special text is described; old versions give examples in another form.
    told = parameter.default in (None, Inlined(None)) and _has_a_form(parameter.type)
    if not told or example in _NO_EXAMPLES or not conforms(example, parameter.type, models_fit=True):
        return ""
    short = as_json(example, 2 * _LONGEST_EXAMPLE)
    return f"Example: {short}." if short else ""
