"""All shapes moved over once, with the packages that they call."""

from __future__ import annotations

from pathlib import Path

import pytest
from adopt import shaped
from spacegen.adopt.found import AdoptReport


@pytest.fixture(scope="session")
def moved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AdoptReport]:
    """A folder with every shape as it becomes, packages in its folder `spaces`; and what was reported."""
    folder = tmp_path_factory.mktemp("moved")
    return folder, shaped.adopted(folder, *shaped.names())
