"""Choosing endpoints and naming functions."""

from __future__ import annotations

import pytest
from spacegen.errors import TargetError
from spacegen.fetching.documents import Documents, Fetched, Json, Provenance
from spacegen.ir.types import PackageName
from spacegen.reading.parse import parse, published
from spacegen.reading.selection import Selection
from support.documents import documents, endpoint, value

APP = documents(
    endpoint("predict", [value("x")]),
    endpoint("predict_1", [value("y")]),
    endpoint("lambda_3"),
    endpoint("quiet", [value("z", label="Zed")], api_visibility="undocumented"),
    endpoint("secret", [value("z", label="Zed")], api_visibility="private"),
)
assert APP.info
del APP.info["named_endpoints"]["/quiet"], APP.info["named_endpoints"]["/secret"]


def fetched(given: Documents = APP) -> Fetched:
    return Fetched(documents=given, provenance=Provenance(source="app"))


def written(selection: Selection, given: Documents = APP) -> list[str]:
    return [endpoint.function for endpoint in parse(fetched(given), PackageName("app"), selection)[0].endpoints]


@pytest.mark.parametrize(
    ("selection", "functions"),
    [
        (Selection(), ["predict", "predict_1", "lambda_3"]),
        (Selection(include=("/predict*",)), ["predict", "predict_1"]),
        (Selection(exclude=("/lambda*",)), ["predict", "predict_1"]),
        (Selection(include=("/predict*",), exclude=("/predict",)), ["predict_1"]),
        (Selection(rename={"/lambda_3": "summarise"}), ["predict", "predict_1", "summarise"]),
        (Selection(undocumented=True), ["predict", "predict_1", "lambda_3", "quiet"]),
    ],
)
def test_what_is_written(selection: Selection, functions: list[str]) -> None:
    assert written(selection) == functions
    assert Selection.of(selection.options()) == selection


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (Selection(include=("/predct",)), "did you mean /predict?"),
        (Selection(rename={"/lambda": "x"}), "did you mean /lambda_3?"),
        (Selection(rename={"/predict": "not a name"}), "cannot be a function's name"),
        (Selection(rename={"/predict": "list"}), "cannot be a function's name"),
        (Selection(rename={"/predict": "lambda_3"}), "that is the function of /lambda_3. Choose another name"),
        (Selection(rename={"/predict": "one", "/predict_1": "one"}), "that is the function of /predict_1."),
    ],
)
def test_what_makes_no_sense_is_said(selection: Selection, said: str) -> None:
    with pytest.raises(TargetError) as caught:
        selection.check(published(fetched(), selection))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(rename={"/predict": "predict_1", "/predict_1": "predict"}),
        Selection(rename={"/predict": "predict_1"}, exclude=("/predict_1",)),
        Selection(rename={"/predict": "quiet"}),
    ],
)
def test_a_name_that_nothing_else_has_is_free(selection: Selection) -> None:
    selection.check(published(fetched(), selection))
    assert written(selection)[0] == selection.rename["/predict"]


def test_a_chosen_name_stays_when_an_endpoint_of_that_name_comes() -> None:
    assert written(Selection(rename={"/lambda_3": "predict"})) == ["predict_2", "predict_1", "predict"]


@pytest.mark.parametrize("info", [{}, {"named_endpoints": {}, "unnamed_endpoints": {}}])
def test_an_info_that_its_author_emptied_is_made_up_for_by_config(info: Json) -> None:
    emptied = Documents(config=APP.config, info=info)

    assert written(Selection(), emptied) == ["predict", "predict_1", "lambda_3"]
