"""Rounds, ratios and how they are printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

Contestant = Callable[[], object]
OURS, PEER, RAW = "spacegen", "gradio_client", "httpx"


def measure(contestants: Mapping[str, Contestant], *, rounds: int, warm: int = 2) -> dict[str, list[float]]:
    """Seconds of every contestant in every round; the order changes from round to round.

    Args:
        contestants: What to run, by name.
        rounds: How often.
        warm: Rounds before that, which do not count.
    """
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(-warm, rounds):
        for place in range(len(names)):
            name = names[(number + place) % len(names)]
            seconds = timed(contestants[name])
            if number >= 0:
                taken[name].append(seconds)
    return taken


def timed(run: Contestant) -> float:
    """Seconds that one run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def compare(question: str, contestants: Mapping[str, Contestant], *, rounds: int, warm: int = 2) -> None:
    """Measure and report each contestant in turns with plain httpx alone.

    A third one in the same process would leave threads, open connections and a cold cache to whoever is next.
    """
    ratios: dict[str, float] = {}
    for name in contestants:
        if name != RAW:
            pair = {name: contestants[name], RAW: contestants[RAW]}
            ratios |= _ratios(measure(pair, rounds=rounds, warm=warm), RAW)
    _tell(question, ratios, RAW, "the time")


def report(
    question: str, taken: Mapping[str, Sequence[float]], *, base: str = RAW, unit: str = "the time"
) -> dict[str, float]:
    """Print and return the median of each contestant's ratios to the base, round by round."""
    ratios = _ratios(taken, base)
    _tell(question, ratios, base, unit)
    return ratios


def _ratios(taken: Mapping[str, Sequence[float]], base: str) -> dict[str, float]:
    return {
        name: statistics.median(one / other for one, other in zip(values, taken[base], strict=True))
        for name, values in taken.items()
        if name != base
    }


def _tell(question: str, ratios: Mapping[str, float], base: str, unit: str) -> None:
    told = ", ".join(f"{name} {ratio:.2f}x" for name, ratio in ratios.items())
    if OURS in ratios and PEER in ratios:
        told += f"; {PEER} / {OURS} {ratios[PEER] / ratios[OURS]:.1f}x"
    say(question, f"{told} ({unit} of {base})")


def say(question: str, answer: str) -> None:
    """One line of the report."""
    print(f"{question:<42} {answer}", flush=True)
