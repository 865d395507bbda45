"""Turns what the server sent into the types that the package promises. Pure."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from .._caller import warn_caller
from .._json import as_dict, as_list, copied
from ..errors import UnexpectedOutput, UnexpectedOutputWarning
from ..protocol.provenance import marked
from ..protocol.steps import is_bare
from ..protocol.wire import Access, is_marked
from .file_data import FileData

IS_FILE = frozenset({"orig_name", "is_file"})  # keys that only the description of a file has
DEEPEST = 32  # levels of nesting at which files are searched for
Check = Callable[[Any, Access], Any]
LONGEST = 300  # characters of a server's value in a warning
SCALARS = frozenset({str, int, float, bool, type(None)})


class Decoder:
    """Turns an endpoint's output list into its promised result; made once for each promised type."""

    def __init__(self, returns: Any) -> None:
        self.returns = returns
        named = isinstance(returns, type) and hasattr(returns, "_fields")
        hints: dict[str, Any]
        if returns is type(None):
            hints = {}
        elif named:
            hints = get_type_hints(returns, include_extras=True)
        else:
            hints = {"result": returns}
        self.build = returns if named else None
        if named and not hasattr(returns, "_repr_html_"):
            shown = cast(Any, returns)
            shown.__str__, shown.__repr__, shown._repr_html_ = returns.__repr__, _fields_repr, _fields_html
        self.outputs = [(name, hint, _check(hint)) for name, hint in hints.items()]

    def decode(self, data: Sequence[Any], context: Context) -> Any:
        """The result; a value that does not fit is returned as the server sent it (see `Context.mismatch`)."""
        if not self.outputs:
            return None
        values = [
            self._one(name, hint, check, data[at] if at < len(data) else None, context)
            for at, (name, hint, check) in enumerate(self.outputs)
        ]
        return values[0] if self.build is None else self.build(*values)

    def _one(self, name: str, hint: Any, check: Check, value: Any, context: Context) -> Any:
        if is_bare(value):  # gr.update(...) of something other than the value: the result's type is not violated
            return context.changed(name, value)
        if type(value) is dict and as_dict(value).get("__type__") == "update":
            value = as_dict(value).get("value")
        try:
            return self._with_files(check, value, context)
        except (ValueError, OverflowError, RecursionError) as error:
            return marked(context.mismatch(name, hint, value, error))

    def _with_files(self, check: Check, value: Any, context: Context) -> Any:
        """The result, with files also where its type tells of none.

        The answer itself stays JSON, for recordings and checkpoints keep it; few answers have to be copied for it.
        """
        try:
            return marked(check(value, context.access), _tell_of_file)
        except _HoldsFiles:
            return marked(check(copied([value])[0], context.access), context.file)


class _HoldsFiles(Exception):
    """An answer holds a file where the declared type does not tell of one."""


def _tell_of_file(value: dict[str, Any]) -> None:
    if is_marked(value):
        raise _HoldsFiles


def _fields_repr(result: Any) -> str:
    from .notebook import short_fields

    return short_fields(type(result).__name__, result._asdict())


def _fields_html(result: Any) -> str | None:
    from .notebook import fields_of

    return fields_of(result)


class Context:
    """The call whose results are decoded, and what happens to values that do not fit."""

    def __init__(self, endpoint: str, access: Access) -> None:
        self.endpoint = endpoint
        self.access = access
        self.strict = access.options.strict

    def file(self, value: dict[str, Any]) -> FileData | None:
        """The file that an object inside of JSON is by Gradio's own mark, or None."""
        if is_marked(value):
            with suppress(ValueError):
                return FileData.from_wire(value, self.access)
        return None

    def changed(self, name: str, update: Any) -> None:
        """Warn once about an update without a value, whose result is None."""
        changes = {key: value for key, value in as_dict(update).items() if key != "__type__"}
        if changes:
            said = ", ".join(f"{key}={_short(value)}" for key, value in changes.items())
            self._warn(name, f"output {name!r} has no new value; the Space changed its {said}")

    def _warn(self, name: str, problem: str) -> None:
        seen = self.access.server.warned
        if (self.endpoint, name) not in seen:
            seen.add((self.endpoint, name))
            warn_caller(f"{self.endpoint}: {problem}", UnexpectedOutputWarning)

    def mismatch(self, name: str, hint: Any, value: Any, error: Exception) -> Any:
        """Raise under `strict`; otherwise warn once for each endpoint and output, and return the value."""
        problem = f"output {name!r} is not {_shown(hint)} but {type(value).__name__}"
        if self.strict:
            raise UnexpectedOutput(problem, raw=value, body=value, endpoint=self.endpoint) from error
        self._warn(name, f"{problem}; it is returned as the server sent it")
        return _with_files(value, self.access)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _with_files(value: Any, access: Access, depth: int = 0) -> Any:
    """JSON in which files can be fetched.

    One file may come although several are promised, or the other way round.
    """
    if depth == DEEPEST:
        return value
    if isinstance(value, list):
        return [_with_files(item, access, depth + 1) for item in as_list(value)]
    if not isinstance(value, dict):
        return value
    inner = as_dict(value)
    if not IS_FILE.isdisjoint(inner):
        with suppress(ValueError):
            return FileData.from_wire(inner, access)
    return {key: _with_files(item, access, depth + 1) for key, item in inner.items()}


_decoders: dict[Any, Decoder] = {}


def decoder_for(returns: Any) -> Decoder:
    """The decoder of a promised type; cached, because making one takes longer than the rest of a call."""
    try:
        found = _decoders.get(returns)
        if found is None:
            found = _decoders[returns] = Decoder(returns)
    except TypeError:  # an Annotated type with an unhashable argument
        return Decoder(returns)
    return found


def _shown(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "")


def _check(hint: Any) -> Check:
    """A check for one type. Common types need no pydantic, which takes 100 ms to import."""
    if hint is Any:
        return lambda value, access: value
    if hint is FileData:
        return FileData.from_wire
    if get_origin(hint) is Literal:
        return _literal(get_args(hint))
    members = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if SCALARS.issuperset(members):
        return _scalar(frozenset(members))
    if len(members) == 2 and type(None) in members:
        inner = _check(next(member for member in members if member is not type(None)))
        return lambda value, access: None if value is None else inner(value, access)
    return _by_pydantic(hint)


def _scalar(accepted: frozenset[type]) -> Check:
    def check(value: Any, access: Access) -> Any:
        kind = value.__class__
        if kind in accepted:
            return value
        if kind is int and float in accepted:
            return float(value)
        if kind is float and int in accepted and value.is_integer():
            return int(value)
        raise ValueError(f"{kind.__name__} instead of {sorted(t.__name__ for t in accepted)}")

    return check


def _literal(members: tuple[Any, ...]) -> Check:
    def check(value: Any, access: Access) -> Any:
        for member in members:
            if value == member and isinstance(value, bool) == isinstance(member, bool):
                return member
        raise ValueError(f"{value!r} is not one of {members!r}")

    return check


def _by_pydantic(hint: Any) -> Check:
    from pydantic import TypeAdapter

    validate = TypeAdapter(hint).validate_python
    if get_origin(hint) is not list:
        return lambda value, access: validate(value, context={"access": access})
    from .notebook import Shown

    def check(value: Any, access: Access) -> Any:
        # If an app returns one file although it promised several, it means a list of one.
        one = isinstance(value, dict) and not IS_FILE.isdisjoint(as_dict(value))
        return Shown(validate([value] if one else value, context={"access": access}))

    return check
