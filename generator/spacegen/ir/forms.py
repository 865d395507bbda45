"""Canonical schemas that say more than JSON Schema can, and what counts as a number."""

from __future__ import annotations

import sys
from typing import Any


def is_number(value: Any) -> bool:
    """Tell whether a JSON value is a number: not a boolean, and finite."""
    # Not math.isfinite, which raises for integers that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


FILE = {"type": "file"}
"""Canonical form of every spelling of a file that Gradio has had."""
DATA_URL = {"type": "string", "contentEncoding": "base64"}
"""Canonical form of an image before 4.0: a text on the wire, whatever its example says."""
