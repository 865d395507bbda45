"""Heavy modules load in a thread, and never in two at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from spacegen.commands.main import main

# black's compiled modules crash when two threads import them together: this did, within a few runs.
RUN = """
import sys
from spacegen.commands.preload import ThreadedPreload

modules = ThreadedPreload()
modules.wait(models={models})
assert "black" in sys.modules and "jinja2" in sys.modules
from spacegen.rendering.format import format_source

assert format_source("x = 'y'") == 'x = "y"\\n'
assert not {models} or "datamodel_code_generator.parser.jsonschema" in sys.modules
"""


@pytest.mark.parametrize("models", [True, False])
def test_what_is_waited_for_is_there(models: bool) -> None:
    for _ in range(3):
        subprocess.run([sys.executable, "-c", RUN.format(models=models)], check=True)


def test_a_generation_that_fails_leaves_no_thread(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, [str(tmp_path / "nothing.json"), "-o", str(tmp_path)]).exit_code == 1
    assert "spacegen-preload" not in {thread.name for thread in threading.enumerate()}
