"""What a page reports about an event, as `gr.SelectData` reads it: an endpoint's last parameter.

An endpoint whose function asks for it (`collects_event_data` in config) gets it in addition to its inputs. `info`
does not describe it, so its form is that of Gradio's own class for the kind of event (gradio/events.py, the same
from 3.50 to 6.31). If an event has no class of its own, the data is what the app's own page sends.
"""

from __future__ import annotations

from typing import Any

from spacegen.fetching.documents import Json

NAME = "event_data"
_ANYTHING: Json = {}
_FLAG: Json = {"type": "boolean"}
_TEXT: Json = {"type": "string"}
_PLACE: Json = {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}
"""The number of a message; in a history of pairs, the numbers of the pair and of the message in it."""


def _object(title: str, needed: dict[str, Json], **more: Json) -> Json:
    return {"type": "object", "title": title, "properties": {**needed, **more}, "required": [*needed]}


_SELECTED = _object(
    "SelectData",
    {"index": _ANYTHING, "value": _ANYTHING},
    row_value=_ANYTHING,
    col_value=_ANYTHING,
    selected=_FLAG,
)
_MESSAGE = _object("MessageData", {"index": _PLACE, "value": _ANYTHING})
_KINDS: dict[str, Json] = {
    "copy": _object("CopyData", {"value": _ANYTHING}),
    "delete": {"type": "filepath"},
    "download": {"type": "filepath"},
    "edit": _object("EditData", {"index": _PLACE, "previous_value": _ANYTHING, "value": _ANYTHING}),
    "example_select": _SELECTED,
    "key_up": _object("KeyUpData", {"key": _TEXT, "input_value": _TEXT}),
    "like": _object("LikeData", {"index": _PLACE, "value": _ANYTHING}, liked={"anyOf": [_FLAG, _TEXT]}),
    "option_select": _SELECTED,
    "retry": _MESSAGE,
    "select": _SELECTED,
    "undo": _MESSAGE,
}


def event_data(kind: str) -> Json:
    """Describe the event data of an endpoint as `info` describes a parameter.

    Args:
        kind: The kind of event that the endpoint answers to (`select`), or an empty text if there are several.
    """
    known = kind in _KINDS
    said: dict[str, Any] = {
        "parameter_name": NAME,
        "label": "What a page tells of the event",
        "component": kind,
        "type": _KINDS.get(kind, _ANYTHING),
        "parameter_has_default": not known,
    }
    return said if known else {**said, "parameter_default": None}
