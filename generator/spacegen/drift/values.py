"""What changed in the parameters and outputs of one endpoint, from the caller's point of view."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from mimetypes import MimeTypes
from typing import Any

from spacegen import ir
from spacegen.drift.change import Change, breaking, compatible, cosmetic, listed, short
from spacegen.drift.variance import gives, more_choices, same, takes
from spacegen.ir.types import Identifier
from spacegen.rendering.annotations import Annotation, parameter_type, result_type
from spacegen.rendering.signature import positional

_SAID = {"info": "explanation", "columns": "list of columns", "labels": "labels for its choices"}
_MEDIA = {ending: media for known in MimeTypes().types_map for ending, media in known.items()}
"""What Python itself knows about endings, not this machine."""
_UNTIL = "calls pass wrong values until you run `spacegen update`"


def parameter_changes(old: ir.Endpoint, new: ir.Endpoint) -> Iterator[Change]:
    """Yield the changes that matter to callers who pass values."""
    before = {p.argument: p for p in old.parameters}
    after = {p.argument: p for p in new.parameters}
    renamed = dict(_renamed(old.parameters, new.parameters))
    for name, parameter in before.items():
        if name in renamed:
            there = renamed[name]
            yield breaking("parameter-renamed", f"`{name}` is called `{there}` now", did_you_mean=str(there))
            yield from _parameter(parameter, after[there])
        elif name not in after:
            yield breaking("parameter-removed", f"`{name}` is gone")
        else:
            yield from _parameter(parameter, after[name])
    for name, parameter in after.items():
        if name not in before and name not in renamed.values():
            yield _added(parameter)
    if set(before) <= set(after):
        yield from _places(old.parameters, new.parameters)


def _renamed(old: Sequence[ir.Parameter], new: Sequence[ir.Parameter]) -> Iterator[tuple[Identifier, Identifier]]:
    """Pair parameters that have the same position and the same kind, but different names."""
    before, after = {p.argument for p in old}, {p.argument for p in new}
    for one, other in zip(old, new, strict=False):
        alike = one.component == other.component and one.schema == other.schema
        if one.argument not in after and other.argument not in before and alike:
            yield one.argument, other.argument


def _added(parameter: ir.Parameter) -> Change:
    if parameter.default is None:
        return breaking("parameter-added", f"`{parameter.argument}` is new, and has no default")
    return compatible("parameter-added", f"`{parameter.argument}` is new, and optional", outdated=True)


def _parameter(old: ir.Parameter, new: ir.Parameter) -> Iterator[Change]:
    name = f"`{new.argument}`"
    yield from _accepted(name, old, new)
    yield from _range(name, old.limits, new.limits)
    yield from _file_types(name, old.limits.file_types, new.limits.file_types)
    if old.default is not None and new.default is None:
        yield breaking("parameter-required", f"{name} no longer has a default")
    elif old.default is None and new.default is not None:
        yield compatible("parameter-optional", f"{name} has a default now")
    elif old.published != new.published:
        yield cosmetic("parameter-default", f"{name} has a different default")
    # If the type is different, the example is different anyway
    example = ("example",) if old.type == new.type else ()
    words = _other_words(old, new, ("label", "component", "info", "columns", *example))
    words += _other_words(old.limits, new.limits, ("labels", "step"))
    if words:
        yield cosmetic("parameter-words", f"{name} has a different {' and '.join(words)}")


def _accepted(name: str, old: ir.Parameter, new: ir.Parameter) -> Iterator[Change]:
    lost, gained = _difference(old.limits, new.limits), _difference(new.limits, old.limits)
    if lost:
        yield breaking("parameter-narrowed", f"{name} no longer takes {listed(lost)}")
    elif _closed(new.limits) and not _closed(old.limits) and takes(new.type, old.type):
        # There are too many values for a Literal, so the signature does not list them; the server refuses all
        # others.
        yield breaking("parameter-narrowed", f"{name} takes {len(new.limits.choices or ())} values only now")
    elif not takes(new.type, old.type):
        yield breaking("parameter-narrowed", f"{name} {_was(parameter_type(old.type), parameter_type(new.type))}")
    elif gained:
        yield compatible("parameter-widened", f"{name} takes {listed(gained)} too")
    elif not takes(old.type, new.type) or (_closed(old.limits) and not _closed(new.limits)):
        yield compatible("parameter-widened", f"{name} {_was(parameter_type(old.type), parameter_type(new.type))}")


def _closed(limits: ir.Limits) -> bool:
    return bool(limits.choices) and not limits.custom


def _difference(first: ir.Limits, second: ir.Limits) -> list[Any]:
    """Return the choices that only the first one has, where both have nothing but choices."""
    if not (_closed(first) and _closed(second)):
        return []
    known = {(type(value), value) for value in second.choices or ()}
    return [value for value in first.choices or () if (type(value), value) not in known]


def _range(name: str, old: ir.Limits, new: ir.Limits) -> Iterator[Change]:
    before = _or(old.minimum, -math.inf), _or(old.maximum, math.inf)
    after = _or(new.minimum, -math.inf), _or(new.maximum, math.inf)
    if before == after:
        return
    message = f"{name} was {_span(*before)}, is {_span(*after)}"
    if after[0] > before[0] or after[1] < before[1]:
        yield breaking("parameter-narrowed", message)
    else:
        yield compatible("parameter-widened", message)


def _or(number: float | None, otherwise: float) -> float:
    return otherwise if number is None else number


def _span(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "any number"
    if math.isinf(high):
        return f"at least {low:g}"
    return f"at most {high:g}" if math.isinf(low) else f"{low:g} to {high:g}"


def _file_types(name: str, old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> Iterator[Change]:
    if set(old or ()) == set(new or ()):
        return
    kinds = {kind.lower() for kind in new or ("file",)}
    if all(_is_among(kind.lower(), kinds) for kind in old or ("file",)):
        yield compatible("parameter-widened", f"{name} takes more kinds of files")
    else:
        yield breaking("parameter-narrowed", f"{name} takes only files of {listed(new or ())} now")


def _is_among(kind: str, kinds: Collection[str]) -> bool:
    """Tell whether files of a kind are taken: by ending (`.png`), as `image` or the like, or as any `file`."""
    return not {kind, _MEDIA.get(kind, "").partition("/")[0], "file"}.isdisjoint(kinds)


def _places(old: Sequence[ir.Parameter], new: Sequence[ir.Parameter]) -> Iterator[Change]:
    """Yield which parameters moved; nothing was removed or renamed."""
    by_position = positional(tuple(new))
    order = [p.argument for p in new]
    moved = False
    for place, parameter in enumerate(old[: positional(tuple(old))]):
        name, now = parameter.argument, order.index(parameter.argument)
        if now >= by_position:
            yield breaking("parameter-keyword-only", f"`{name}` can no longer be passed by position")
        elif now != place:
            moved = True
            yield breaking("parameter-moved", f"`{name}` was value {place + 1} by position, is value {now + 1}")
    kept = {p.argument for p in old}
    if not moved and [p.argument for p in old] != [name for name in order if name in kept]:
        # Callers pass these by name; the package sends them in the order that it knows.
        yield breaking("parameter-moved", f"parameters changed their order; {_UNTIL}")


def output_changes(old: ir.Endpoint, new: ir.Endpoint) -> Iterator[Change]:
    """Yield the changes that matter to callers who use the result."""
    before, after = len(old.outputs), len(new.outputs)
    if before > 1 and after > 1:
        yield from _fields(old.outputs, new.outputs)
    elif before == after == 1:
        yield from _result("the result", old.outputs[0], new.outputs[0])
    elif before != after:
        kind = "output-added" if after > before else "output-removed"
        yield breaking(kind, f"the result was {_shape(before)}, is {_shape(after)}")


def _shape(count: int) -> str:
    return ("nothing", "one value")[count] if count < 2 else f"a tuple of {count}"


def _fields(old: Sequence[ir.Output], new: Sequence[ir.Output]) -> Iterator[Change]:
    before, after = [o.field for o in old], [o.field for o in new]
    renamed = {
        one.field: other.field
        for one, other in zip(old, new, strict=False)
        if one.field not in after and other.field not in before and one.schema == other.schema
    }
    there = {output.field: output for output in new}
    for output in old:
        name = renamed.get(output.field, output.field)
        if output.field in renamed:
            message = f"`{output.field}` of the result is called `{name}` now"
            yield breaking("output-renamed", message, did_you_mean=str(name))
        if name in there:
            yield from _result(f"`{name}` of the result", output, there[name])
        else:
            yield breaking("output-removed", f"`{name}` of the result is gone")
    added = [name for name in after if name not in before and name not in renamed.values()]
    for name in added:
        yield breaking("output-added", f"`{name}` of the result is new, which makes the tuple longer")
    if sorted(before) == sorted(after) and before != after:
        yield breaking("output-moved", f"the result's order is {', '.join(after)} now")


def _result(name: str, old: ir.Output, new: ir.Output) -> Iterator[Change]:
    if not same(old.type, new.type):
        message = f"{name} {_was(result_type(old.type), result_type(new.type))}"
        if gives(new.type, old.type):
            yield compatible("output-narrowed", message)
        elif more := more_choices(old.type, new.type):
            # Only code that must know every value (`match` with assert_never) notices: a warning, no break.
            yield compatible("output-choices", f"{name} may be {listed(more)} too", outdated=True)
        else:
            yield breaking("output-retyped", message)
    words = _other_words(old, new, ("label", "component", "columns"))
    if words:
        yield cosmetic("output-words", f"{name} has a different {' and '.join(words)}")


def _other_words(old: object, new: object, names: Sequence[str]) -> list[str]:
    """Return which of the texts in a docstring have changed."""
    return [_SAID.get(name, name) for name in names if getattr(old, name) != getattr(new, name)]


def _was(old: Annotation, new: Annotation) -> str:
    return f"was {short(old)}, is {short(new)}"
