"""Jobs, lists of files and results of several values show themselves in a notebook; a repr is never long."""

from __future__ import annotations

import pickle
import sys
from contextvars import ContextVar
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import text_app
from spacegen_runtime import Detail, FileData, Log, Model, Outcome, ProgressUnit, Status, Times, errors
from spacegen_runtime._live import drawn
from spacegen_runtime._options import Options
from spacegen_runtime.protocol.server import Server
from spacegen_runtime.protocol.wire import Access
from spacegen_runtime.testing import fake_space
from spacegen_runtime.values.decode import Context, Decoder, decoder_for
from spacegen_runtime.values.notebook import LONGEST_REPR, Shown, pictures
from text_app import echo

ACCESS = Access(Server("http://127.0.0.1", prefix="", protocol="sse_v3"), Options())
PIXEL = "data:image/png;base64,iVBORw0KGgo="


class Photo(Model):
    image: FileData
    caption: str | None = None


class Pair(NamedTuple):
    photo: FileData
    words: str


def picture() -> FileData:
    return FileData.from_wire(PIXEL)


def test_a_list_shows_its_pictures_and_is_a_list_all_the_same() -> None:
    shown = Shown([picture(), Photo(image=picture(), caption="<b>a cat</b>")])
    html = shown._repr_html_() or ""

    assert html.count("<img") == 2
    assert "&lt;b&gt;a cat" in html
    assert shown == [*shown]
    assert pickle.loads(pickle.dumps(Shown([1]))) == [1]
    assert Shown(["a", 1])._repr_html_() is None


def test_a_long_list_shows_its_first_pictures() -> None:
    html = pictures([picture()] * 30) or ""

    assert html.count("<img") == 24
    assert "30 in all; the first 24 are shown" in html


def test_a_result_of_several_values_shows_its_pictures() -> None:
    Decoder(Pair)
    result: Any = Pair(picture(), "<i>words</i>")
    plain: Any = Pair("a", "b")  # type: ignore[arg-type]

    assert "<img" in result._repr_html_()
    assert "&lt;i&gt;words" in result._repr_html_()
    assert plain._repr_html_() is None


def test_only_a_picture_in_a_text_is_shown_as_one() -> None:
    class Plot(Model):
        plot: str

    assert "<img" in (Plot(plot=PIXEL)._repr_html_() or "")
    assert "<img" not in (Plot(plot=f'{PIXEL}" onerror="alert(1)')._repr_html_() or "")


TEXT = "y" * 9_000


@pytest.mark.parametrize(
    "value",
    [
        FileData(TEXT),
        Photo(image=FileData("x" * 150), caption=TEXT),
        decoder_for(Pair).decode([PIXEL, TEXT], Context("/x", ACCESS)),
        decoder_for(list[FileData]).decode([[PIXEL] * 9_000], Context("/x", ACCESS)),
        decoder_for(list[str]).decode([[TEXT, TEXT]], Context("/x", ACCESS)),
        Detail(value=TEXT, raw=[TEXT], event_id="0123", times=Times(), logs=(Log(TEXT),)),
        Outcome(number=3, row={"prompt": TEXT}, value=TEXT, raw=[TEXT]),
        Outcome(number=3, row=TEXT, error=errors.AppError(TEXT)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_repr_is_never_long(value: Any) -> None:
    assert len(repr(value)) <= LONGEST_REPR + 30
    assert all(f"{name}=" in repr(value) for name in getattr(value, "_fields", ()))


def test_print_writes_all_of_a_result() -> None:
    result = decoder_for(Pair).decode([PIXEL, TEXT], Context("/x", ACCESS))

    assert TEXT in str(result)
    assert str(Shown([TEXT, 1])) == str([TEXT, 1])
    assert repr(Shown(["a", 1])) == "['a', 1]"


def test_what_an_app_says_of_a_job_is_text() -> None:
    status = Status("running", progress=(ProgressUnit("<b>half</b>", 0.5), ProgressUnit(index=3, length=4)))
    html = drawn("/paint", status, [Log("<script>")])

    assert '<progress value="0.500"></progress> &lt;b&gt;half' in html
    assert '<progress value="0.750">' in html
    assert "<script>" not in html


cell: ContextVar[str] = ContextVar("cell", default="the one that runs")


class _Page:
    """What a notebook shows, and of which cell that counts as output."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.cells: list[str] = []

    def update(self, html: str) -> None:
        self.shown.append(html)
        self.cells.append(cell.get())

    def display(self, html: str, **_: Any) -> _Page:
        self.update(html)
        return self


@pytest.mark.parametrize("fails", [False, True])
def test_a_job_shows_itself_to_its_end(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    page, module = _Page(), ModuleType("IPython.display")
    module.__dict__.update(HTML=str, display=page.display)
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    with fake_space(text_app) as fake:
        if fails:
            fake.on(echo).raises(errors.AppError("boom"))
        before = cell.set("the one that made the job")
        job = echo.submit("a")
        cell.reset(before)
        job._ipython_display_()
        job.exception()
        job._ipython_display_()

    assert "/echo" in page.shown[0]
    assert page.shown[-1].endswith("failed" if fails else "done")
    assert set(page.cells) == {"the one that runs"}
    assert repr(job) == f"<Job /echo {'failed' if fails else 'done'}>"
