"""The pytest plugin: fixtures, `--spacegen-record`, and a guard against calls of real Spaces."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from ._guard import closed

if TYPE_CHECKING:
    from ..calls.space import Space
    from ._fake import FakeSpace
    from ._recorded import Mode, RecordedSpace

WHY = "this test is not marked with @pytest.mark.real_space"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--spacegen-record`."""
    parser.getgroup("spacegen").addoption(
        "--spacegen-record",
        choices=["once", "none", "new", "all"],
        help="what the fixture `recorded` does: record what is missing (once, new), everything again (all), or "
        "nothing (none); by default what the test says, or once",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Adds the marker `real_space`."""
    config.addinivalue_line("markers", "real_space: the test may call real Spaces through spacegen's packages")


@pytest.fixture(name="fake_space")
def fixture_fake_space() -> Iterator[Callable[..., FakeSpace]]:
    """`spacegen_runtime.testing.fake_space`; the fake is there until the test ends."""
    from ._fake import fake_space

    with ExitStack() as stack:

        def start(package: ModuleType | Space, **options: Any) -> FakeSpace:
            return stack.enter_context(fake_space(package, **options))

        yield start


@pytest.fixture(name="recorded")
def fixture_recorded(request: pytest.FixtureRequest) -> Iterator[Callable[..., RecordedSpace]]:
    """`spacegen_runtime.testing.recorded` until the test ends; by default in a file named after the test."""
    from ._recorded import recorded

    wanted = request.config.getoption("--spacegen-record")
    places: dict[str, Path] = {}
    with ExitStack() as stack:

        def start(
            package: ModuleType | Space, path: str | Path | None = None, *, mode: Mode = "once"
        ) -> RecordedSpace:
            place = _beside(request.node, package, places) if path is None else Path(path)
            return stack.enter_context(recorded(package, place, mode=wanted or mode))

        yield start


def _beside(test: pytest.Item, package: ModuleType | Space, places: dict[str, Path]) -> Path:
    """Where the recording of a package lies; the first of a test does not carry its package's name."""
    from ._endpoints import space_of

    space = space_of(package)
    named = space.package or space.id
    if named not in places:
        classes = [_plain(node.name) for node in test.listchain() if isinstance(node, pytest.Class)]
        name = f"{_plain(test.name)}.{_plain(named)}" if places else _plain(test.name)
        places[named] = test.path.parent.joinpath("recordings", test.path.stem, *classes, f"{name}.json")
    return places[named]


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name)[:100]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, None]:
    """Guards the fixtures of a test."""
    yield from _guarded(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    """Guards a test."""
    yield from _guarded(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, None]:
    """Guards what the fixtures of a test do at its end."""
    yield from _guarded(item)


def _guarded(item: pytest.Item) -> Generator[None, Any, None]:
    """Let no real Space be called; a call that was made fails the test, even where its error was caught."""
    if item.get_closest_marker("real_space"):
        with nullcontext():
            yield
        return
    with closed(WHY, loopback=True) as closing:
        outcome = yield
    if closing.refused and outcome.excinfo is None:
        outcome.force_exception(closing.refused[0])
