"""What a page tells of its event (`gr.SelectData` and its kin), given from code."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from runtime.conftest import Shell, needs, space_at
from spacegen import generate
from spacegen_runtime import FileData, errors
from spacegen_runtime._plan import NO_EVENT
from spacegen_runtime.rows.digest import key_of
from spacegen_runtime.testing import fake_space
from support.outcomes import imported
from support.servers import Servers

SELECTED = {"index": [0, 5], "value": "Hello", "selected": True}


@pytest.fixture
def visitors(server: Servers, gradio_version: str, tmp_path: Path) -> Iterator[Any]:
    """A package of the app whose endpoints answer to events."""
    url = server("visitors", version=gradio_version).url
    with imported(generate(url, output=tmp_path / "written", name="visitors_app").folder) as package:
        yield package


def in_each_way(shell: Shell, endpoint: Any, *values: Any) -> list[Any]:
    """The results of one call in every mode of a shell."""
    return [shell.call(endpoint, *values), shell.stream(endpoint, *values)[-1], shell.job(endpoint, *values)[1]]


def test_an_endpoint_hears_of_the_event_that_it_answers_to(shell: Shell, visitors: ModuleType) -> None:
    """The component that triggers it among them, as on the page."""
    said = "Hello at [0, 5] of Hello World, selected: True, in Words"

    assert in_each_way(shell, visitors.picked, "Hello World", SELECTED) == [said] * 3
    assert shell.call(visitors.picked_at_once, "Hello World", SELECTED) == said
    assert shell.stream(visitors.picks, "Said", SELECTED)[-1] == "Said: Hello"
    assert shell.map(visitors.picked, ["Hello World"], SELECTED) == [said]


def test_each_kind_of_event_has_its_own_form(shell: Shell, visitors: ModuleType) -> None:
    liked = visitors.LikeData(index=[0, 1], value="Hi", liked=False)

    assert shell.call(visitors.liked, liked) == "Hi at [0, 1]: False"
    assert shell.call(visitors.liked, {"index": 0, "value": "Hi"}) == "Hi at 0: True"
    assert shell.call(visitors.pressed, {"shift": True}) == "press {'shift': True}"
    assert shell.call(visitors.pressed) == "press None"


def test_a_file_of_an_event_is_sent_first(
    shell: Shell, visitors: ModuleType, gradio_version: str, tmp_path: Path
) -> None:
    needs("4.44", gradio_version, "there is no such event")
    path = tmp_path / "gone.txt"
    path.write_text("four", encoding="utf-8")

    assert shell.call(visitors.removed, path) == shell.call(visitors.removed, FileData.of(b"four")) == 4


def test_the_function_says_what_it_needs(visitors: ModuleType) -> None:
    picked, liked, pressed = (
        inspect.signature(one).parameters["event_data"]
        for one in (visitors.picked, visitors.liked, visitors.pressed)
    )

    assert picked.default is liked.default is inspect.Parameter.empty
    assert pressed.default is None
    assert liked.annotation == visitors.LikeData | Mapping[str, Any]
    assert "Answers to an event of the Space's page (`select`)" in visitors.picked.__doc__


def test_what_cannot_be_sent_names_the_argument(shell: Shell, visitors: ModuleType) -> None:
    with pytest.raises(errors.InputRefused, match=r"`event_data\.value`"):
        shell.call(visitors.liked, {"index": 0, "value": object()})


def test_a_fake_hears_of_the_event(shell: Shell, visitors: ModuleType) -> None:
    with fake_space(visitors) as fake:
        answer: Any = fake.on(visitors.picked)
        answer.does(lambda text, event_data: f"{event_data['value']} of {text}")

        assert shell.call(visitors.picked, "Hello World", SELECTED) == "Hello of Hello World"
        assert fake.calls(visitors.picked)[0]["event_data"] == SELECTED


def test_rows_that_differ_in_their_event_alone_are_two_rows() -> None:
    """A run that goes on does not take the answer to one for the answer to the other."""
    space = space_at("http://127.0.0.1:9")

    def keys(event_data: Any) -> Any:
        plan = space.call("/picked", {"text": "a"}, event_data=event_data).plan
        return key_of(plan)

    assert len({keys({"index": 0}), keys({"index": 1}), keys(None), keys(NO_EVENT)}) == 4
