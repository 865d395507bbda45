"""A notebook draws plots of Plotly and Altair from their data, and nothing of a Space's that runs or fetches."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kitchen_app import PlotData
from spacegen_runtime.values.plots import PLOTLY

VEGA = "https://vega.github.io/schema/vega-lite/v5.20.1.json"
POINTS = {"values": [{"a": 1, "b": 2}]}
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def plot(kind: Any, figure: Any) -> PlotData:
    return PlotData(type=kind, plot=figure if isinstance(figure, str) else json.dumps(figure))


def chart(**changes: Any) -> dict[str, Any]:
    return {"$schema": VEGA, "data": POINTS, "mark": "point", "encoding": {"x": {"field": "a"}}, **changes}


def test_a_plot_of_plotly_is_drawn_from_its_data_and_layout() -> None:
    layout = {"images": [{"source": PIXEL}], "xaxis": {"title": {"text": "seconds/call"}}}
    made = plot("plotly", {"data": [{"y": [1, 2]}], "layout": layout, "config": {"plotlyServerURL": "x"}})

    assert made._repr_mimebundle_() == {PLOTLY: {"data": [{"y": [1, 2]}], "layout": layout}}
    assert made._repr_html_() is None


def test_a_plot_of_altair_is_drawn_by_its_version_of_vega_lite() -> None:
    made = plot("altair", chart(usermeta={"embedOptions": {"loader": {}}}))

    assert made._repr_mimebundle_() == {"application/vnd.vegalite.v5+json": chart()}


@pytest.mark.parametrize(("version", "drawn_as"), [("4.8.1", [4]), ("5.20.1", [5]), ("6.4.1", [6, 5])])
def test_a_plot_of_a_later_vega_lite_is_drawn_by_the_one_that_is_there(version: str, drawn_as: list[int]) -> None:
    figure = {**chart(), "$schema": f"https://vega.github.io/schema/vega-lite/v{version}.json"}
    made = plot("altair", figure)._repr_mimebundle_()
    assert made == {f"application/vnd.vegalite.v{number}+json": figure for number in drawn_as}


@pytest.mark.parametrize(
    ("kind", "figure"),
    [
        ("altair", chart(data={"url": "/api/contents/secret.csv"})),
        ("altair", chart(encoding={"url": {"field": "a"}})),
        ("altair", chart(layer=[{"encoding": {"href": {"value": "javascript:alert(1)"}}}])),
        ("altair", {**chart(), "$schema": "https://vega.github.io/schema/vega/v5.json"}),
        ("altair", {**chart(), "$schema": None}),
        ("plotly", {"data": [], "layout": {"images": [{"source": "https://elsewhere.example/seen.png"}]}}),
        ("plotly", {"data": [{"type": "choropleth", "geojson": "//elsewhere.example/x"}]}),
        ("plotly", {"data": [], "layout": {"mapbox": {"style": "https://elsewhere.example/style"}}}),
        ("plotly", {"data": [], "layout": {"mapbox": {"layers": [{"source": ["https://elsewhere.example/x"]}]}}}),
        ("plotly", "no JSON"),
        ("plotly", "[" * 100_000),
        ("plotly", "[1]"),
        ("bokeh", {"doc": {"roots": []}}),
        ("matplotlib", PIXEL),
    ],
)
def test_what_would_fetch_or_run_or_is_no_figure_is_not_drawn(kind: Any, figure: Any) -> None:
    made = plot(kind, figure)

    assert made._repr_mimebundle_() is None
    assert (made._repr_html_() or "").count("<img") == (kind == "matplotlib")
