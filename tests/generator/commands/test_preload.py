"""Heavy modules load in a thread, and never in two at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from spacegen.commands.main import main

# black's compiled modules crash when two threads import them together; here a second one wants it meanwhile.
RUN = """
import sys
from spacegen.commands import preload

preload._GRACE = 0  # the network takes longer, so that the thread begins with all
modules = preload.ThreadedPreload()
modules.wait(models={models})
assert "jinja2" in sys.modules
from spacegen.rendering.format import by_black

assert by_black("x = 'y'") == 'x = "y"\\n'
assert not {models} or "datamodel_code_generator.parser.jsonschema" in sys.modules
"""


@pytest.mark.parametrize("models", [True, False])
def test_what_is_waited_for_is_there(models: bool) -> None:
    for _ in range(3):
        subprocess.run([sys.executable, "-c", RUN.format(models=models)], check=True)


def test_a_generation_that_fails_leaves_no_thread(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, [str(tmp_path / "nothing.json"), "-o", str(tmp_path)]).exit_code == 1
    assert "spacegen-preload" not in {thread.name for thread in threading.enumerate()}
