"""What a request to the fake server holds, and what the server says where that is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from .._json import as_dict, as_list
from ._offer import Offered
from ._wire import Answered, Asked, json_answer, text_answer


class AnswerInstead(Exception):
    """This is what the server answers instead of taking a job."""

    def __init__(self, answered: Answered) -> None:
        super().__init__(answered.status)
        self.answered = answered


def body_of(asked: Asked) -> dict[str, Any]:
    """The JSON object that a request holds."""
    try:
        said = json.loads(asked.body or b"null")
    except ValueError:
        raise AnswerInstead(invalid("json_invalid", ["body", 0], "JSON decode error", {})) from None
    if "json" not in asked.headers.get("content-type", "") or not isinstance(said, dict):
        said_of = "Input should be a valid dictionary or object to extract fields from"
        raise AnswerInstead(invalid("model_attributes_type", ["body"], said_of, None))
    return as_dict(cast(object, said))


def data_of(body: Mapping[str, Any]) -> list[Any]:
    """The list of inputs in a body."""
    if "data" not in body:
        raise AnswerInstead(invalid("missing", ["body", "data"], "Field required", dict(body)))
    if not isinstance(body["data"], list):
        raise AnswerInstead(invalid("list_type", ["body", "data"], "Input should be a valid list", body["data"]))
    return as_list(body["data"])


def inputs_by_name(offered: Offered, body: Mapping[str, Any]) -> list[Any]:
    """The inputs of /call/v2, which come by name and may be left out."""
    names = {parameter.name for parameter in offered.parameters}
    needed = {parameter.name for parameter in offered.parameters if "default" not in parameter.said}
    if not needed <= set(body) <= names:
        raise AnswerInstead(text_answer("Internal Server Error", 500))
    return offered.full_inputs([body.get(one.name, one.said.get("default")) for one in offered.parameters])


def invalid(kind: str, where: list[Any], said: str, given: Any) -> Answered:
    """What FastAPI says of a body that is not as it should be."""
    return json_answer({"detail": [{"type": kind, "loc": where, "msg": said, "input": given}]}, 422)


def not_found() -> Answered:
    """What FastAPI says where no route is."""
    return json_answer({"detail": "Not Found"}, 404)


def page(title: str) -> Answered:
    """A page for who opens the fake in a browser."""
    import html

    text = f"<!doctype html><title>{html.escape(title)}</title><p>A fake of {html.escape(title)}, for tests.</p>"
    return Answered(200, text.encode(), [("content-type", "text/html; charset=utf-8")])
