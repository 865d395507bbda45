"""Writes `stock_models.json` again: classes of Gradio's own models, from the specs and from documents named here.

What an app defines itself (the spec `awkward`) stays with the generator.

    python tests/tools/stock_models.py [FOLDER_OF_DOCUMENTS ...]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from spacegen import ir
from spacegen.fetching.saved import load_documents
from spacegen.ir.types import PackageName
from spacegen.reading.parse import parse
from spacegen.rendering.models import generated_sources, stock_key
from tools.regenerate import ROOT, SPECS

TABLE = ROOT / "generator" / "spacegen" / "rendering" / "stock_models.json"


def models_of(path: Path) -> tuple[ir.Model, ...]:
    """Return the models of saved documents."""
    return parse(load_documents(path), PackageName("app"))[0].models


def main() -> None:
    """Generate every class once more."""
    folders = [SPECS, *map(Path, sys.argv[1:])]
    table: dict[str, str] = json.loads(TABLE.read_text(encoding="utf-8"))
    for path in sorted(path for folder in folders for path in folder.glob("*.json") if path.stem != "awkward"):
        models = models_of(path)
        sources = generated_sources(models) if models else {}
        table |= {stock_key(model): sources[str(model.name)] for model in models}
    TABLE.write_text(json.dumps(dict(sorted(table.items())), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
