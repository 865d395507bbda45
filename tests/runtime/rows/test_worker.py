"""What an engine's worker makes of rows, without an engine; `tests/engines` has the engines."""

from __future__ import annotations

import asyncio
import gc
import pickle
import weakref
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


def test_a_worker_keeps_no_event_loop_alive() -> None:
    worker = Worker(text_app.order, concurrency=1)

    async def calls() -> weakref.ref[Any]:
        rows = [{"size": "small"}, {"size": "large"}]  # the second one waits for the first
        assert [told["error"] for told in await asyncio.gather(*map(worker.arow, rows))] == [None, None]
        return weakref.ref(asyncio.get_running_loop())

    with fake_space(text_app):
        loop = asyncio.run(calls())
    gc.collect()
    assert loop() is None


def test_the_fields_of_a_result_are_columns(fake: Any) -> None:
    told = Worker(text_app.greet).partition([{"name": "Ada"}, {}])
    assert {**told[0], "key": ""} == {"name": "Ada", "greeting": "hi", "fahrenheit": 1.5, "error": None, "key": ""}
    assert told[1]["error"].startswith("InputRefused: not sent: the row")
    assert told[1]["greeting"] is None


def test_the_columns_of_a_row_stay_as_they_are(fake: Any) -> None:
    pandas = pytest.importorskip("pandas")
    row = {"id": 1, "size": "small", "result": "mine", "error": "mine", "key": "mine"}
    worker = Worker(text_app.order, save_to=None)
    [told] = worker.partition([row])
    assert {name: told[name] for name in row} == row
    assert (told["result_result"], told["result_error"]) == ("1 small", None)
    assert told["result_key"] == worker.key(row)
    columns = worker({name: [value] for name, value in row.items()})
    assert columns == {name: [value] for name, value in told.items()}
    assert list(worker.frame(pandas.DataFrame([row])).columns) == list(told)


def test_what_pandas_calls_missing_is_none_in_a_call(fake: Any) -> None:
    pandas = pytest.importorskip("pandas")
    fake.on(text_app.order).does(lambda size, count=1, extras=(): f"{size} {count}")
    sizes = ["small", None, float("nan"), pandas.NaT, pandas.NA]
    frame = pandas.DataFrame({"size": pandas.Series(sizes, dtype=object), "count": [1.0, 2.0, 3.0, None, 3.0]})
    wanted = ["small 1", "None 2", "None 3", "None None", "None 3"]
    assert list(text_app.order.records().map(frame)) == wanted
    assert [row["result"] for row in Worker(text_app.order).rows(frame.to_dict("records"))] == wanted
    with pytest.raises(ValueError, match="two columns named 'size'"):
        text_app.order.records().map(pandas.DataFrame([["a", "b"]], columns=["size", "size"]))


def test_what_makes_no_sense_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="not keep a checkpoint"):
        Worker(text_app.order, checkpoint="x")
    with pytest.raises(errors.ConfigurationError, match="concurrency"):
        Worker(text_app.order, concurrency=0)
