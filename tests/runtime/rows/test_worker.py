"""What an engine's worker makes of rows, without an engine; `tests/engines` has the engines."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import text_app
from spacegen_runtime import Worker, errors
from spacegen_runtime.testing import fake_space


@pytest.fixture
def fake() -> Iterator[Any]:
    with fake_space(text_app) as one:
        one.on(text_app.order).does(lambda size, count=1, extras=(): f"{count} {size}")
        one.on(text_app.greet).returns(text_app.GreetResult("hi", 1.5))
        yield one


def test_a_row_goes_out_with_what_it_had_and_what_came(fake: Any) -> None:
    worker = pickle.loads(pickle.dumps(Worker(text_app.order, columns={"what": "size"}, constants={"count": 2})))
    rows = [{"id": 1, "what": "small"}, {"id": 2, "what": "large"}]
    told = worker.partition(rows)
    assert [(row["id"], row["what"], row["result"], row["error"]) for row in told] == [
        (1, "small", "2 small", None),
        (2, "large", "2 large", None),
    ]
    assert worker({"id": [1, 2], "what": ["small", "large"]})["key"] == [row["key"] for row in told]
    assert asyncio.run(worker.arow(rows[0])) == told[0]
    skipping = Worker(text_app.order, columns={"what": "size"}, constants={"count": 2}, skip=[told[0]["key"]])
    assert [row["id"] for row in skipping.partition(rows)] == [2]


def test_the_fields_of_a_result_are_columns(fake: Any) -> None:
    told = Worker(text_app.greet).partition([{"name": "Ada"}, {}])
    assert {**told[0], "key": ""} == {"name": "Ada", "greeting": "hi", "fahrenheit": 1.5, "error": None, "key": ""}
    assert told[1]["error"].startswith("InputRefused: not sent: the row")
    assert told[1]["greeting"] is None


def test_what_makes_no_sense_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="no checkpoint"):
        Worker(text_app.order, checkpoint="x")
    with pytest.raises(errors.ConfigurationError, match="concurrency"):
        Worker(text_app.order, concurrency=0)
