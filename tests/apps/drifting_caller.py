"""Code that calls the package of `apps/drifting.py` in every way that a user might; PACKAGE is replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PACKAGE import (
    CutResult,
    DescribePerson,
    cut_1,
    describe,
    forget,
    greet,
    lambda_,
    lambda_1,
    measure,
    order,
    vote,
)

Answer = Literal["yes", "no"]


def greets() -> object:
    greeting, length = greet("Ada", excited=True, tone="formal", times=5)
    text: str = greeting
    size: float = length
    return text, size


def greets_plainly() -> object:
    return greet("Ada").greeting, greet("Ada").length


def orders() -> object:
    ticket: str = order("small", 2)
    return ticket


def orders_by_name() -> object:
    ticket: str = order(size="small", count=2)
    return ticket


def votes() -> object:
    answer: Answer = vote("Tea?")
    return answer


def follows_votes() -> object:
    answers: list[Answer] = list(vote.stream(question="Tea?"))
    return answers[-1]


def measures() -> object:
    return measure(Path(__file__).with_name("note.txt"))


def forgets() -> object:
    job = forget.submit("all")
    result: None = job.result()
    return result


def changes_case() -> object:
    upper: str = lambda_("Ada")
    lower: str = lambda_1("Ada")
    return upper, lower


def describes() -> object:
    card = describe(DescribePerson(name="Ada"))
    name: str = card.name
    age: int = card.age
    return name, age


def cuts() -> object:
    parts: CutResult = cut_1("one two")
    return parts.head, parts.tail


CALLS = (
    greets,
    greets_plainly,
    orders,
    orders_by_name,
    votes,
    follows_votes,
    measures,
    forgets,
    changes_case,
    describes,
    cuts,
)
