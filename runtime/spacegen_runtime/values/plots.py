"""Plots that a notebook can draw: data for the notebook's own renderers, never HTML or scripts of a Space.

Gradio gives a plot as JSON in a text. Plotly and Vega-Lite (Altair) are data. Bokeh's JSON may hold scripts, so it
stays text. A plot that would make the browser fetch something stays text, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .._json import as_dict, as_list
from .notebook import LARGEST, PICTURE

PLOTLY = "application/vnd.plotly.v1+json"
VEGA_LITE = re.compile(r"https://vega\.github\.io/schema/vega-lite/v(\d{1,2})(?:\.\d+)*\.json")
OFTEN_KNOWN = 5
"""The Vega-Lite that JupyterLab (4.6) draws. Altair 6 writes version 6, of which it draws what it knows."""
FETCHED = frozenset({"url", "href"})  # Vega loads or links the addresses that it finds there
PERHAPS_FETCHED = frozenset({"source", "geojson", "style", "tiles"})  # of Plotly: an address, or something else


def mimebundle(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a notebook draws for a model that is a plot; None if it is not a plot, or is not safe to draw.

    Args:
        values: The model's fields: `type` says which library made it, `plot` is its JSON.
    """
    kind, text = values.get("type"), values.get("plot")
    if kind not in ("plotly", "altair") or not isinstance(text, str) or len(text) > LARGEST:
        return None
    try:
        figure = as_dict(json.loads(text))
        if not figure or _fetches(figure):
            return None
    except (ValueError, RecursionError):
        return None
    if kind == "plotly":
        return {PLOTLY: {name: figure[name] for name in ("data", "layout") if name in figure}}
    version = VEGA_LITE.fullmatch(str(figure.get("$schema")))
    # `usermeta` is no part of the picture: it sets options of the page that shows it.
    drawn = {name: value for name, value in figure.items() if name != "usermeta"}
    if version is None:
        return None
    known = {int(version[1]), min(int(version[1]), OFTEN_KNOWN)}
    return {f"application/vnd.vegalite.v{number}+json": drawn for number in sorted(known, reverse=True)}


def _fetches(value: Any, key: str = "") -> bool:
    if isinstance(value, dict):
        inner = as_dict(value)
        return not FETCHED.isdisjoint(inner) or any(_fetches(one, str(name)) for name, one in inner.items())
    if isinstance(value, list):
        return any(_fetches(one, key) for one in as_list(value))
    return isinstance(value, str) and key in PERHAPS_FETCHED and "/" in value and not PICTURE.fullmatch(value)
