"""The steps of a generator: an output that a message leaves out keeps its value, as on the Space's page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from .._json import as_dict, as_list

BEFORE_4_20 = "sse_v2 before 4.20"
"""Our name for the protocol of 4.17 to 4.19: `/queue/join` alone, and steps as edits of the step before.

Gradio calls it sse_v2, like that of 4.20, which has `/call` and sends whole steps on request.
"""
NO_CALL = ("sse_v1", BEFORE_4_20)  # 4.5 to 4.19, where a job joins the queue by its number


def protocol_of(said: str, version: str) -> str:
    """The name of the protocol, from what a server reports."""
    return BEFORE_4_20 if said == "sse_v2" and (4, 0) <= version_of(version) < (4, 20) else said


def version_of(text: str) -> tuple[int, int]:
    """The first two numbers of a Gradio version; zeros for anything else."""
    major, minor, *_ = (*text.split("."), "", "")
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else (0, 0)


def is_bare(value: Any) -> bool:
    """Whether an output is a `gr.update` (or `gr.skip`) without a value."""
    return type(value) is dict and as_dict(value).get("__type__") == "update" and "value" not in value


def kept(before: Sequence[Any], now: Sequence[Any]) -> list[Any]:
    """The outputs after a step: an update without a value keeps the value from before."""
    return [
        _kept(before[at], value) if at < len(before) and is_bare(value) else value for at, value in enumerate(now)
    ]


def _kept(before: Any, update: Any) -> Any:
    earlier = as_dict(before)
    return {**earlier, **as_dict(update)} if earlier.get("__type__") == "update" else before


def edited(before: Sequence[Any], edits: Sequence[Any]) -> list[Any]:
    """The outputs after a step that contains only the changes.

    Raises:
        ValueError: The edits do not fit the outputs before.
    """
    if len(before) != len(edits):
        raise ValueError("edits for another number of outputs")
    try:
        return [_edited(value, several) for value, several in zip(before, edits, strict=True)]
    except (LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"edits that do not fit: {error}") from error


def _edited(value: Any, said: Any) -> Any:
    """One output after its edits.

    Gradio deletes at the end of lists, with the numbers from before; so the last one is deleted first.
    """
    if not isinstance(said, list):  # a whole value: this server does not speak as its version says
        raise TypeError(f"no list of edits, but {type(said).__name__}")
    edits = as_list(said)
    holder = [deepcopy(value)] if edits else [value]
    deletes = [edit for edit in edits if edit[0] == "delete"]
    for action, path, new in [edit for edit in edits if edit[0] != "delete"] + deletes[::-1]:
        way: list[Any] = [0, *path]
        place: Any = holder
        for key in way[:-1]:
            place = place[key]
        last = way[-1]
        if action == "replace" or (action == "add" and isinstance(place, dict)):
            place[last] = new
        elif action == "append":
            place[last] += new
        elif action == "add":
            place.insert(last, new)
        elif action == "delete":
            del place[last]
        else:
            raise ValueError(f"an edit of an unknown kind: {action!r}")
    return holder[0]
