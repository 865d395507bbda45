"""Suggests words to a shell: from packages on disk, never from a network.

A shell puts what is suggested into its command line, where `$(...)` would run once Enter is pressed, and these
words were written by strangers. So only words without special characters are suggested.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from spacegen.errors import DocumentError
from spacegen.packages.layout import MANIFEST_NAME
from spacegen.packages.plainfile import read_plain

_HARMLESS = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")
_MOST_FOLDERS = 2000


def complete_package(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Suggest the packages below this folder; the shell itself completes other folders."""
    found = [path.as_posix() for path in _packages(Path())]
    return [*_items(found, incomplete), CompletionItem(incomplete, type="dir")]


def complete_endpoint(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Suggest the endpoints of the package that was named."""
    endpoints = _endpoints(ctx)
    slashed = incomplete if incomplete.startswith("/") else f"/{incomplete}"
    return [
        CompletionItem(key, help=_words(entry.get("description")))
        for key, entry in endpoints.items()
        if key.startswith(slashed) and _HARMLESS.fullmatch(key)
    ]


def complete_value(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Suggest names of parameters, and values where they are known."""
    endpoints = _endpoints(ctx)
    key = str(ctx.params.get("endpoint") or "")
    entry = endpoints.get(key) or endpoints.get(f"/{key}") or {}
    listed = (*entry.get("parameters", ()), entry.get("event"))
    parameters = {str(p.get("argument")): p for p in listed if isinstance(p, dict)}
    given = [str(word) for word in ctx.params.get("values") or ()]
    name, equals = incomplete.partition("=")[:2]
    if equals:  # zsh and fish give, and take, the whole word
        return _items([f"{name}={value}" for value in _values(parameters.get(name, {}))], incomplete)
    # bash splits `name=value` into three words, and click drops the `=` if nothing follows it.
    before = given[-2] if given[-1:] == ["="] and len(given) > 1 else given[-1] if given else ""
    if before in parameters:
        return _items(_values(parameters[before]), incomplete)
    used = {word.partition("=")[0] for word in given}
    names = [name for name, p in parameters.items() if name not in used or _takes_many(p)]
    return [
        # With a description, so that zsh handles all of them in the same way.
        CompletionItem(f"{name}=", help=_words(parameters[name].get("label")) or name)
        for name in names
        if name.startswith(incomplete) and _HARMLESS.fullmatch(name)
    ]


def _endpoints(ctx: click.Context) -> dict[str, dict[str, Any]]:
    from spacegen.fetching.body import LARGEST  # only for completion, not for each command
    from spacegen.fetching.bounded_json import parse_json

    source = Path(str(ctx.params.get("source") or ""))
    folder = source.parent if source.name == MANIFEST_NAME else source
    try:
        endpoints = parse_json(read_plain(folder / MANIFEST_NAME, LARGEST), MANIFEST_NAME)["endpoints"]
        return {str(key): entry for key, entry in endpoints.items() if isinstance(entry, dict)}
    except (OSError, ValueError, DocumentError, KeyError, TypeError, AttributeError):
        return {}  # a SOURCE that is no package, or a damaged one


def _values(parameter: dict[str, Any]) -> list[str]:
    kind = parameter.get("type")
    if isinstance(kind, dict) and kind.get("type") == "boolean":
        return ["true", "false"]
    choices = parameter.get("choices")
    if not isinstance(choices, list):
        return []
    return [choice if isinstance(choice, str) else json.dumps(choice) for choice in choices]


def _takes_many(parameter: dict[str, Any]) -> bool:
    kind = parameter.get("type")
    return isinstance(kind, dict) and kind.get("type") == "array"


def _items(values: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [
        CompletionItem(value) for value in values if value.startswith(incomplete) and _HARMLESS.fullmatch(value)
    ]


def _words(text: object) -> str | None:
    words = " ".join(text.split()) if isinstance(text, str) else ""
    return "".join(letter for letter in words if letter.isprintable())[:80] or None


def _packages(top: Path) -> Iterator[Path]:
    from spacegen.packages.find import is_ours

    folders = [top]
    for _ in range(_MOST_FOLDERS):
        if not folders:
            return
        folder = folders.pop(0)
        try:
            inside = sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
        except OSError:
            continue
        if (folder / MANIFEST_NAME).is_file():
            yield folder
        elif not (folder / "pyvenv.cfg").exists():
            folders += [path for path in inside if is_ours(path.name)]
