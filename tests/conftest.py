"""Fixtures that start real servers, each once per test run."""

from __future__ import annotations

import os
import random
import signal
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest
from hypothesis import settings
from support import drawn
from support.environments import CURRENT
from support.hub import Hub
from support.servers import Servers

# A run in the background of a shell ignores Ctrl-C, and so would every process that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Gradio asks PyPI for news in each process that builds an app.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

# Apps are spared what no test sees; see `tests/apps/_light.py`.
os.environ["LIGHT_APPS"] = "1"

# An example that takes longer than usual says that the machine is busy, and nothing else. The examples are those
# of the run before: who changes nothing sees nothing new. `HYPOTHESIS_PROFILE=long` looks for new ones.
EXAMPLES = {"derandomize": not drawn.DICE, "max_examples": drawn.examples(100)}
settings.register_profile("steady", settings(), deadline=None, **EXAMPLES)
settings.load_profile("steady")


LONG = (
    *("adopt/test_shapes.py", "docs/test_pages.py", "docs/test_recipes.py"),
    *("generator/commands/test_call.py", "generator/demo/test_demo.py", "generator/drift/test_for_real.py"),
    *("generator/packages/test_killed.py", "generator/packages/test_write.py"),
    *("generator/test_corpus.py", "generator/test_live.py"),
    *("packaging/test_hook.py", "packaging/test_vendored.py", "packaging/test_wheels.py"),
    *(
        "runtime/rows/test_troubles.py",
        "runtime/test_calls.py",
        "runtime/test_files.py",
        "runtime/test_hostile.py",
    ),
    *("runtime/test_identity.py", "runtime/test_peer.py", "runtime/test_processes.py"),
    *("runtime/test_pytest_plugin.py",),
)
"""Files that take long: a run begins with them, so that no process is left alone with one at its end."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--gradio",
        default=f"{CURRENT},5.50.0",
        help="Gradio versions that tests with the fixture `gradio_version` run on, separated by commas",
    )
    parser.addoption(
        "--every-gradio", action="store_true", help="tests marked `first_gradio` run on each version, too"
    )
    parser.addoption("--seed", type=int, help="order of the files, and of the tests of each; 0 is as written")


def pytest_configure(config: pytest.Config) -> None:
    """Draw a seed where none is given, once for all processes of a run, which take the files in our order."""
    config.option.loadscopereorder = False  # xdist would begin with files of many tests, not with long ones
    if config.option.seed is None:
        ours = random.SystemRandom().randrange(1, 1_000_000)
        config.option.seed = getattr(config, "workerinput", {}).get("seed", ours)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the seed to a process that xdist starts."""
    node.workerinput["seed"] = node.config.option.seed


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.option.seed}; --seed {config.option.seed} runs the tests in this order again"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "gradio_version" in metafunc.fixturenames:
        versions = metafunc.config.getoption("--gradio").split(",")
        if metafunc.definition.get_closest_marker("first_gradio") and not metafunc.config.option.every_gradio:
            del versions[1:]
        marks = [pytest.param(v, marks=() if v == CURRENT else pytest.mark.servers) for v in versions]
        metafunc.parametrize("gradio_version", marks, scope="session")


def shuffled(items: list[pytest.Item], dice: random.Random) -> list[pytest.Item]:
    """Return tests in an order by lot, long files first; those of a file stay together: they share fixtures."""
    files = [[*tests] for _, tests in groupby(items, lambda item: item.path)]
    dice.shuffle(files)
    files.sort(key=lambda tests: not tests[0].path.as_posix().endswith(LONG))
    for tests in files:
        dice.shuffle(tests)
    return [item for tests in files for item in tests]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """An environment without Gradio, such as the one with the lowest versions, runs what needs no server."""
    if config.option.seed:
        items[:] = shuffled(items, random.Random(config.option.seed))
    if CURRENT:
        return
    for item in items:
        if {"server", "gradio_version"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.skip(reason="no Gradio here"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many cases came from documents of real apps: a run without them proves less than it seems."""
    passed = [report.nodeid for report in terminalreporter.stats.get("passed", [])]
    cases = [name for name in passed if "corpus" in name or "golden" in name]
    terminalreporter.write_line(pytest_report_header(terminalreporter.config))  # a quiet run prints no header
    terminalreporter.write_line(f"corpus cases: {len(cases)} of {len(passed)} tests that passed")
    took: defaultdict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                took[report.nodeid.partition("::")[0]] += report.duration
    for name, seconds in sorted(took.items(), key=lambda one: -one[1])[:_LONGEST]:
        terminalreporter.write_line(f"{seconds:7.1f} s  {name}")


_LONGEST = 15  # files whose time is told
_servers = Servers()


@pytest.fixture(scope="session")
def server() -> Iterator[Servers]:
    """Call it as `GradioServer`; the same arguments give the same running server, until the run ends."""
    with _servers:
        yield _servers


@pytest.fixture(scope="module", autouse=True)
def _sleep_between_modules() -> Iterator[None]:
    """Servers that the next module may not need cost nothing meanwhile."""
    yield
    _servers.pause()


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A stand-in for the Hub, to which huggingface_hub in this process speaks."""
    with Hub() as hub, hub.in_this_process():
        yield hub
