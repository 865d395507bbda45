"""What changed in objects with known fields, for code that builds them and for code that reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from spacegen import ir
from spacegen.drift.change import Change, breaking, compatible, short
from spacegen.drift.variance import gives, same, takes
from spacegen.ir.unions import union
from spacegen.rendering.annotations import result_type


def model_changes(old: ir.Space, new: ir.Space) -> Iterator[Change]:
    """Yield what changed in the models that old and new endpoints share by name."""
    before, after = _by_name(old), _by_name(new)
    is_input = _reachable((p.type for e in old.endpoints for p in e.parameters), before)
    is_output = _reachable((o.type for e in old.endpoints for o in e.outputs), before)
    for name, model in before.items():
        # A model that is gone is reported with the endpoints that used it.
        if name in after and model != after[name]:
            found = _fields(model, after[name], is_input=name in is_input, is_output=name in is_output)
            yield from (replace(change, symbol=name) for change in found)


def _by_name(space: ir.Space) -> dict[str, ir.Model]:
    return {str(model.name): model for model in space.models}


def _reachable(types: Iterable[ir.TypeNode], models: Mapping[str, ir.Model]) -> set[str]:
    return {node.name for node in ir.walk(types, models) if isinstance(node, ir.ModelRef) and node.name in models}


def _fields(old: ir.Model, new: ir.Model, *, is_input: bool, is_output: bool) -> Iterator[Change]:
    after = {field.key: field for field in new.fields}
    for field in old.fields:
        if field.key not in after:
            yield breaking("model-field-removed", f"`{old.name}.{field.key}` is gone")
        else:
            yield from _field(
                f"`{old.name}.{field.key}`", field, after[field.key], is_input=is_input, is_output=is_output
            )
    known = {field.key for field in old.fields}
    for field in new.fields:
        if field.key not in known and is_input and _is_required(field):
            yield breaking("model-field-added", f"`{old.name}.{field.key}` is new, and must be given")
        elif field.key not in known:
            yield compatible("model-field-added", f"`{old.name}.{field.key}` is new")


def _field(name: str, old: ir.Field, new: ir.Field, *, is_input: bool, is_output: bool) -> Iterator[Change]:
    before, after = _annotation(old), _annotation(new)
    if old.name != new.name:
        # Another key came before it, and took the name.
        message = f"{name} is the attribute `{new.name}` now, was `{old.name}`"
        yield breaking("model-field-renamed", message, did_you_mean=str(new.name))
    if is_input and _is_required(new) and not _is_required(old):
        yield breaking("model-field-required", f"{name} must be given now")
    if same(before, after):
        return
    message = f"{name} was {short(result_type(before))}, is {short(result_type(after))}"
    if (is_input and not takes(after, before)) or (is_output and not gives(after, before)):
        yield breaking("model-field-retyped", message)
    else:
        yield compatible("model-field-retyped", message)


def _is_required(field: ir.Field) -> bool:
    return field.required and field.default is None


def _annotation(field: ir.Field) -> ir.TypeNode:
    """Return the field's type in the class: a field that may be left out may be None."""
    optional = not field.required and field.default is None
    return union((field.type, ir.Nothing())) if optional else field.type
