"""Which endpoint of the Space now is which endpoint of the package.

Gradio numbers endpoints that share a name (`/lambda`, `/lambda_1`) in the order in which the app makes them, and
those without a name by their place in the app. With one more event, every name after it belongs to another
handler. `ir.Endpoint.identity` distinguishes them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from spacegen import ir

Pairs = list[tuple[ir.Endpoint, ir.Endpoint]]
_CLOSE = 0.6


def match_endpoints(old: Sequence[ir.Endpoint], new: Sequence[ir.Endpoint]) -> tuple[Pairs, list[ir.Endpoint]]:
    """Return pairs of old and new, and what is left over of the new ones.

    An endpoint with the same name and identity is the same. Otherwise it is the endpoint that has its identity
    now. If no endpoint has its identity, it has changed, and is matched by its name.
    """
    waiting = {endpoint.key: endpoint for endpoint in new}
    found: dict[str | int, ir.Endpoint] = {}
    for endpoint in old:
        there = waiting.get(endpoint.key)
        if there is not None and there.identity == endpoint.identity:
            found[endpoint.key] = waiting.pop(endpoint.key)
    for endpoint in old:
        there = next((e for e in waiting.values() if _is_same(e, endpoint)), None)
        if endpoint.key not in found and there is not None:
            found[endpoint.key] = waiting.pop(there.key)
    for endpoint in old:
        if endpoint.key not in found and endpoint.key in waiting:
            found[endpoint.key] = waiting.pop(endpoint.key)
    return [(e, found[e.key]) for e in old if e.key in found], list(waiting.values())


def doubtful(pairs: Iterable[tuple[ir.Endpoint, ir.Endpoint]]) -> set[str | int]:
    """Return the old endpoints that are matched only by a name which now belongs to another endpoint.

    If one of several endpoints of a name has moved, another one that changed may have moved as well.
    """
    pairs = list(pairs)
    moved = {_base(old) for old, new in pairs if old.key != new.key}
    return {old.key for old, new in pairs if old.key == new.key and not _is_same(new, old) and _base(old) in moved}


def suggestion(gone: ir.Endpoint, candidates: Sequence[ir.Endpoint]) -> str | None:
    """Return the name of the endpoint that most likely replaced one that is gone."""
    alike = [endpoint for endpoint in candidates if _shape(endpoint) == _shape(gone)]
    names = {str(endpoint.key): endpoint for endpoint in candidates}
    close = difflib.get_close_matches(str(gone.key), [str(endpoint.key) for endpoint in alike], n=1, cutoff=0)
    close = close or difflib.get_close_matches(str(gone.key), names, n=1, cutoff=_CLOSE)
    return close[0] if close else None


def _is_same(new: ir.Endpoint, old: ir.Endpoint) -> bool:
    return bool(old.identity) and new.identity == old.identity


def _base(endpoint: ir.Endpoint) -> str:
    """Return the name that numbers are added to; endpoints without a name have none."""
    return "" if isinstance(endpoint.key, int) else re.sub(r"_\d+$", "", endpoint.key)


def _shape(endpoint: ir.Endpoint) -> object:
    return (
        [(p.argument, p.type) for p in endpoint.parameters],
        [(o.field, o.type) for o in endpoint.outputs],
    )
