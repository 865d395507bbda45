"""Marks text that came from a server: it is never read as a local path and never fetched for an upload. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .._json import as_dict


class ServerText(str):
    """A text from an answer or from a published default: an ordinary str that is marked as the server's.

    `str(text)` gives an unmarked one, for libraries that do not accept a subclass, and for callers who do want the
    text to be read as a path. Strings made from it (`text.strip()`, `text + "x"`) are the caller's own text.
    """

    __slots__ = ()


def marked(value: Any, made: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """A value from a server, in which each text becomes a `ServerText`, and each object what `made` makes of it.

    Containers and models are changed in place. Where `made` returns None, the object stays.

    It walks without recursion: JSON may be deeper than Python's stack.
    """
    return _Marker(None, made).walk(value)


def censored(value: Any, secrets: Iterable[str]) -> Any:
    """The same, without some texts of the caller that a server may repeat in what it says."""
    return _Censor(secrets).walk(value)


def restored(model: Any, given: Any) -> Any:
    """A model with the marks of the texts that it was made of, which pydantic drops when it copies a text."""
    texts = _texts_of(given)
    return _Marker(texts).walk(model) if texts else model


class _Marker:
    """Marks texts: all of them, or only the given ones."""

    def __init__(self, only: set[str] | None, made: Callable[[dict[str, Any]], Any] | None = None) -> None:
        self.only = only
        self.made = made
        self.left: list[Any] = []

    def walk(self, value: Any) -> Any:
        value = self.item(value)
        while self.left:
            self.inside(self.left.pop())
        return value

    def item(self, value: Any) -> Any:
        """The value, marked if it is a text; the contents of a container are visited later."""
        kind = value.__class__
        if kind is str:
            return ServerText(value) if self.only is None or value in self.only else value
        if kind in _PLAIN:
            return value
        if kind is dict and self.made is not None and (made := self.made(value)) is not None:
            return made
        if issubclass(kind, (list, dict)) or hasattr(kind, "model_fields"):
            self.left.append(value)
        elif issubclass(kind, tuple):  # of a declared type, so never deeply nested
            make: Any = getattr(value, "_make", tuple)
            return make([self.item(one) for one in value])
        return value

    def inside(self, container: Any) -> None:
        kind: type = container.__class__
        if issubclass(kind, list):
            container[:] = map(self.item, container)
        elif issubclass(kind, dict):
            pairs = [(self.item(key), self.item(value)) for key, value in as_dict(container).items()]
            container.clear()
            container.update(pairs)
        else:  # a model; set like this, a field still counts as given or left out as before
            fields: dict[str, Any] = container.__dict__
            fields.update([(name, self.item(value)) for name, value in fields.items()])
            if container.__pydantic_extra__:
                self.left.append(container.__pydantic_extra__)


class _Censor(_Marker):
    """Marks all texts, and takes secrets out of them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(None)
        self._secrets = [secret for secret in secrets if secret]

    def item(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, "...") if secret in value else value
        return super().item(value)


_PLAIN = frozenset({int, float, bool, type(None), ServerText})


def _texts_of(value: Any) -> set[str]:
    """The server texts in the arguments of a caller."""
    found: set[str] = set()
    left = [value]
    while left:
        item = left.pop()
        kind: type = item.__class__
        if kind is ServerText:
            found.add(item)
        elif issubclass(kind, dict):
            left.extend(item.values())
        elif issubclass(kind, (list, tuple, set, frozenset)):
            left.extend(item)
    return found
