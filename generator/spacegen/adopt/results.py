"""Converts a result of a package to what gradio_client returned.

The type decides what has to be done. `Text` and the like are the same on both sides; a file was downloaded at once
and is a `FileData` now; an object was a dict and is a model now.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable

from spacegen import ir
from spacegen.adopt.marks import ANY, FILE_DATA, TEMPFILE, of_package

_OF_PYDANTIC = frozenset(
    {"construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "schema"}
    | {"schema_json", "update_forward_refs", "validate"}
)
_LONG = 80
HERE = "\1"
"""The placeholder for the value in the code around it."""


class Converter:
    """Writes conversions for one Space.

    Args:
        space: The Space, for its models.
        asyncio: Whether files are awaited.
        line: A line end and the white space of the statement, for what is too long for one line.
    """

    def __init__(self, space: ir.Space, *, asyncio: bool = False, line: str = "\n") -> None:
        self._space = space
        self._line = line
        self._models = {str(model.name): model for model in space.models}
        self._asyncio = asyncio

    def same(self, node: ir.TypeNode) -> bool:
        """Tell whether a value is the same in both."""
        return not any(isinstance(one, (ir.File, ir.ModelRef)) for one in ir.walk([node]))

    def convert(self, node: ir.TypeNode, code: str, depth: int = 0) -> str:
        """Return code that converts a value to what gradio_client returned.

        Args:
            node: The value's type.
            code: The code of the value; a name, or attributes of one, wherever `simple(node)` is False.
            depth: How many loops stand around it.
        """
        if self.same(node):
            return code
        item = f"item{depth or ''}"
        match node:
            case ir.File():
                # What gradio_client did by itself: the file in a folder of its own, as a path string.
                folder = f"{TEMPFILE}.mkdtemp()"
                return f"str(await {code}.asave({folder}))" if self._asyncio else f"str({code}.save({folder}))"
            case ir.ListOf(inner):
                made, loop = self.convert(inner, item, depth + 1), f"for {item} in {code}"
                if len(made) > _LONG:
                    deeper = f"{self._line}    "
                    return f"[{deeper}{made}{deeper}{loop}{self._line}]"
                return f"[{made} {loop}]"
            case ir.DictOf(inner):
                return f"{{key: {self.convert(inner, item, depth + 1)} for key, {item} in {code}.items()}}"
            case ir.TupleOf(items):
                return _tuple(self.convert(one, f"{code}[{n}]", depth) for n, one in enumerate(items))
            case ir.AnyOf(options):
                return self._either(options, code, depth)
            case ir.ModelRef(name):
                return self._object(self._models[str(name)], code, depth)
        raise AssertionError(node)

    def can(self, node: ir.TypeNode, above: tuple[str, ...] = ()) -> bool:
        """Return whether `convert` is possible: not for recursive objects and indistinguishable types."""
        match node:
            case ir.ModelRef(name):
                fields = self._models[str(name)].fields
                return (
                    str(name) not in above
                    and all(_is_attribute(one.key) for one in fields)
                    and all(self.can(one.type, (*above, str(name))) for one in fields)
                ) or self._plain(node)
            case ir.ListOf(item) | ir.DictOf(item):
                return self.can(item, above)
            case ir.TupleOf(items):
                return all(self.can(item, above) for item in items)
            case ir.AnyOf(options):
                unlike = [option for option in options if not self.same(option)]
                return all(self.can(option, above) for option in options) and all(
                    isinstance(option, (ir.File, ir.ModelRef)) for option in unlike
                )
            case _:
                return True

    def around(self, node: ir.TypeNode) -> tuple[str, str] | None:
        """Return the code around a value that converts it, or None if the value is needed several times."""
        before, *after = self.convert(node, HERE).split(HERE)
        return (before, after[0]) if len(after) == 1 else None

    def field(self, node: ir.TypeNode, key: object) -> ir.Field | None:
        """Return the field that a dict's key has become, where it is an attribute."""
        if not isinstance(node, ir.ModelRef) or not isinstance(key, str) or not _is_attribute(key):
            return None
        return next((one for one in self._models[str(node.name)].fields if one.key == key), None)

    def _plain(self, node: ir.ModelRef) -> bool:
        """Tell whether an object holds no files, so that `model_dump` gives the dict back as it came."""
        return ir.File() not in ir.walk([node], self._models)

    def _object(self, model: ir.Model, code: str, depth: int) -> str:
        if self._plain(ir.ModelRef(model.name)):
            return f"{code}.model_dump(exclude_unset=True)"
        pairs = (f"{one.key}={self.convert(one.type, f'{code}.{one.key}', depth)}" for one in model.fields)
        return f"dict[str, {ANY}]({', '.join(pairs)})"  # a display would have the type of its values

    def _either(self, options: tuple[ir.TypeNode, ...], code: str, depth: int) -> str:
        unlike = [option for option in options if not self.same(option)]
        has_more = len(unlike) < len(options)
        parts = []
        for number, option in enumerate(unlike):
            converted = self.convert(option, code, depth)
            last = number == len(unlike) - 1 and not has_more
            parts += [converted] if last else [converted, f"if {self._test(option, code)}", "else"]
        if has_more:
            parts.append(code)
        one_line = f"({' '.join(parts)})"
        if len(one_line) <= _LONG:
            return one_line
        deeper = f"{self._line}        "
        lines = [f"{deeper}{part}" if part.startswith("if ") else part for part in parts]
        return f"({' '.join(lines).replace(f' {deeper}', deeper).replace(' else ', f'{deeper}else ')})"

    def _test(self, option: ir.TypeNode, code: str) -> str:
        wanted = of_package(self._space, str(option.name)) if isinstance(option, ir.ModelRef) else FILE_DATA
        return f"isinstance({code}, {wanted})"


def _tuple(parts: Iterable[str]) -> str:
    listed = list(parts)
    return f"({', '.join(listed)}{',' if len(listed) == 1 else ''})"


def whole(converter: Converter, endpoint: ir.Endpoint, code: str) -> str:
    """Return code that makes of a whole result, which a name holds, what gradio_client gave."""
    if endpoint.result is None:
        return converter.convert(endpoint.outputs[0].type, code) if endpoint.outputs else "()"
    return _tuple(converter.convert(output.type, f"{code}.{output.field}") for output in endpoint.outputs)


def _is_attribute(key: str) -> bool:
    """Tell whether a model has a field under the very name that the wire uses."""
    plain = key.isascii() and key.isidentifier() and not keyword.iskeyword(key)
    return plain and not key.startswith(("_", "model_")) and key not in _OF_PYDANTIC
