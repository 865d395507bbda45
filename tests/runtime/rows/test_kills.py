"""A run that is killed at any moment, on a real server."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from bench.kills import kill, starts
from support.servers import Servers


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_a_run_that_is_killed_goes_on_where_it_was(server: Servers, tmp_path: Path) -> None:
    app = server("streaming")
    hit, seen, told = kill(app.url, tmp_path, 90, 3, random.Random(7))
    counted = starts(tmp_path)
    assert hit == 3
    assert seen == list(range(90)), "one outcome for each row"
    assert sorted(counted) == seen
    assert {row for row, times in counted.items() if times > 1} <= set(told), "no row ran twice unsaid"
