"""Finding Spaces by meaning: the Hub's semantic search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spacegen.errors import DocumentError
from spacegen.fetching import hub
from spacegen.text import plain

_ROUTE = "/api/spaces/semantic-search"
TIMEOUT = 30.0
"""Seconds that the Hub may take."""
_LONGEST_TITLE, _LONGEST_DESCRIPTION = 80, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A Space that was found.

    Attributes:
        id: `owner/name`, which is a SOURCE.
        title: What its page calls it.
        description: The Hub's own short description; may be empty.
        likes: How many people like it.
        stage: The state of its runtime (`RUNNING`).
        hardware: What it runs on (`zero-a10g`); empty where the Hub does not say.
        score: How well it fits the words, from 0 to 1; None where the Hub does not say.
    """

    id: str
    title: str
    description: str
    likes: int
    stage: str
    hardware: str
    score: float | None


def search(text: str, *, limit: int, token: str | None = None, timeout: float = TIMEOUT) -> list[Hit]:
    """Ask the Hub for Gradio Spaces that run and fit some words, the best first.

    Args:
        text: What the Space should do, in words.
        limit: How many to return at most.
        token: The user's token; None for the one that the Hub's library finds.
        timeout: Seconds that the Hub may take.

    Raises:
        SourceForbidden: The Hub refuses the token.
        SourceUnavailable: The Hub cannot be reached.
        DocumentError: Its answer makes no sense.
    """
    found = hub.ask(_ROUTE, token=token, timeout=timeout, what="the search", query={"q": text, "sdk": "gradio"})
    if not isinstance(found, list):
        raise DocumentError(f"{hub.endpoint()}{_ROUTE} did not answer with a list.")
    return [hit for hit in map(_hit, found) if hit is not None][:limit]


def _hit(raw: Any) -> Hit | None:
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
        return None
    runtime = raw["runtime"] if isinstance(raw.get("runtime"), dict) else {}
    hardware = runtime["hardware"] if isinstance(runtime.get("hardware"), dict) else {}
    return Hit(
        id=raw["id"],
        title=plain(raw.get("title"), _LONGEST_TITLE),
        description=plain(raw.get("ai_short_description") or raw.get("shortDescription"), _LONGEST_DESCRIPTION),
        likes=raw["likes"] if isinstance(raw.get("likes"), int) else 0,
        stage=plain(runtime.get("stage"), 40),
        hardware=plain(hardware.get("current"), 40),
        score=raw["semanticRelevancyScore"] if isinstance(raw.get("semanticRelevancyScore"), float) else None,
    )
