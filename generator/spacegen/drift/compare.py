"""What changed between the Space that a package was written from and the Space of today. Pure.

A change is breaking where code that calls the package stops type-checking once the package is written again, or
where its calls fail or reach something else. Types are compared, not documents: if a parameter accepts more or a
result promises more, callers are not affected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from spacegen import ir
from spacegen.drift.change import LEVELS, Change, Level, breaking, compatible, cosmetic, of_endpoint
from spacegen.drift.matching import doubtful, match_endpoints, suggestion
from spacegen.drift.models import model_changes
from spacegen.drift.values import output_changes, parameter_changes


def compare(old: ir.Space, new: ir.Space, *, unlisted: Collection[str] = ()) -> tuple[Change, ...]:
    """Return the changes, the worst first.

    Args:
        old: The Space as `spacegen.json` remembers it.
        new: The Space of today, as `read_manifest.snapshot` gives it.
        unlisted: Names of endpoints that the Space has, but does not show on its API page.
    """
    pairs, added = match_endpoints(old.endpoints, new.endpoints)
    kept, doubts = {before.key for before, _ in pairs}, doubtful(pairs)
    changes = [
        *_gone([endpoint for endpoint in old.endpoints if endpoint.key not in kept], added, unlisted),
        *(change for before, _ in pairs if before.key in doubts for change in of_endpoint(before, [_doubt()])),
        *(change for before, after in pairs for change in of_endpoint(before, _endpoint(before, after, new))),
        *(change for one in added for change in of_endpoint(one, [compatible("endpoint-added", "is new")])),
        *model_changes(old, new),
        *_space(old, new),
    ] or [*_unexplained(old, new)]
    return tuple(sorted(changes, key=lambda change: LEVELS.index(change.level)))


def worst(changes: Iterable[Change]) -> Level | Literal["same"]:
    """Return the worst level among changes, or `same` if there are none."""
    return min((change.level for change in changes), key=LEVELS.index, default="same")


def _gone(
    endpoints: Sequence[ir.Endpoint], candidates: Sequence[ir.Endpoint], unlisted: Collection[str]
) -> Iterator[Change]:
    for endpoint in endpoints:
        if endpoint.key in unlisted:
            message = "is no longer shown on the Space's API page; a package written with --undocumented has it"
            change = breaking("endpoint-undocumented", message)
        else:
            change = breaking("endpoint-removed", "is gone", did_you_mean=suggestion(endpoint, candidates))
        yield from of_endpoint(endpoint, [change])


def _doubt() -> Change:
    message = (
        "has changed, and endpoints with similar names have moved: its name may now belong to another endpoint"
    )
    return breaking("endpoint-doubtful", message)


def _endpoint(old: ir.Endpoint, new: ir.Endpoint, space: ir.Space) -> Iterator[Change]:
    if old.key != new.key:
        taken = any(endpoint.key == old.key for endpoint in space.endpoints)
        state = "its old name now belongs to another endpoint" if taken else "no endpoint has its old name"
        message = f"is called {new.key} now; {state}"
        yield breaking("endpoint-moved", message, did_you_mean=str(new.key))
    elif old.function != new.function:
        message = f"the function is called `{new.function}` now"
        yield breaking("function-renamed", message, did_you_mean=str(new.function))
    elif old.result and new.result and old.result != new.result:
        # It is no longer a twin, or another endpoint needs the name; callers import the class.
        message = f"the result's class was `{old.result}`, is `{new.result}`"
        yield breaking("result-renamed", message, did_you_mean=str(new.result))
    yield from parameter_changes(old, new)
    yield from output_changes(old, new)
    yield from _ways(old, new)
    if old.description != new.description:
        yield cosmetic("endpoint-words", "has a different description")


def _ways(old: ir.Endpoint, new: ir.Endpoint) -> Iterator[Change]:
    """Yield changes that callers do not see, but the package must know."""
    if old.stateful != new.stateful:
        yield compatible("endpoint-state", _state(new.stateful), outdated=True)
    if old.queued != new.queued:
        way = "goes through the queue" if new.queued else "answers outside the queue"
        yield compatible("endpoint-queue", f"{way} now", outdated=True)
    if old.generator != new.generator:
        yield compatible("endpoint-stream", f"yields {'several values' if new.generator else 'one value'} now")
    if old.oauth != new.oauth:
        yield compatible(
            "endpoint-token", f"asks for {'the' if new.oauth else 'no'} caller's token", outdated=True
        )
    if old.hidden_inputs != new.hidden_inputs or old.hidden_outputs != new.hidden_outputs:
        yield compatible("endpoint-hidden", "has different hidden inputs or outputs", outdated=True)


def _state(stateful: bool) -> str:
    return "keeps state on the server now" if stateful else "no longer keeps state on the server"


def _space(old: ir.Space, new: ir.Space) -> Iterator[Change]:
    for what, name in (("url", "address"), ("prefix", "prefix of its routes"), ("protocol", "protocol")):
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield compatible(
                f"space-{what}", f"the {name} was {before or 'none'}, is {after or 'none'}", outdated=True
            )
    if old.gradio != new.gradio:
        yield cosmetic("space-gradio", f"Gradio was {old.gradio or 'unknown'}, is {new.gradio or 'unknown'}")
    if old.title != new.title:
        yield cosmetic("space-title", "has a different title")


def _unexplained(old: ir.Space, new: ir.Space) -> Iterator[Change]:
    """Yield what is remembered differently where no rule tells a change.

    The text of the package then differs, too: by the order of choices or fields, by 1 instead of 1.0, by a name on
    the wire. Whoever compares files must know that it was the Space that changed.
    """
    there = {endpoint.key: endpoint for endpoint in new.endpoints}
    different = [one for one in old.endpoints if _told(one) != _told(there[one.key], one)]
    for endpoint in different:
        # A name on the wire may be part of it.
        change = cosmetic("endpoint-form", "is described in another order or form", outdated=True)
        yield from of_endpoint(endpoint, [change])
    if not different and [*there] != [endpoint.key for endpoint in old.endpoints]:
        yield cosmetic("space-order", "the endpoints are in another order")


def _told(endpoint: ir.Endpoint, like: ir.Endpoint | None = None) -> str:
    """Return all that the text of a package shows of an endpoint; unlike `==`, it tells 1 from 1.0 and True."""
    # Manifests of earlier versions do not name the class.
    result = endpoint.result if like is None or like.result else None
    return repr(replace(endpoint, fn_index=None, identity="", result=result))
