"""Small programs of the shapes that public code has, and what `spacegen adopt` makes of each.

`shapes/NAME.py` is a program as people write it, `adopted/NAME.py` the same moved over, and `adopted/NAME.py.txt`
what is reported. `http://text.test` stands for the app `text` of `tests/apps`; its documents lie in `tests/specs`.

    python tests/adopt/shaped.py     writes `adopted` again; read the diff
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from spacegen.adopt.found import AdoptReport
from spacegen.adopt.run import adopt

HERE = Path(__file__).resolve().parent
SHAPES = HERE / "shapes"
ADOPTED = HERE / "adopted"
SPECS = HERE.parent / "specs"
APPS = ("text", "files", "chat", "streaming", "kitchen", "studio", "french")
ADDRESS = re.compile(r"http://(\w+)\.test")


def sources() -> dict[str, str]:
    """Return where the documents of each app are read from, without a server."""
    return {f"http://{app}.test": str(SPECS / f"{app}.json") for app in APPS}


def adopted(folder: Path, *names: str) -> AdoptReport:
    """Copy shapes into a folder and move them over there, each as a program of its own."""
    for name in names:
        shutil.copy(SHAPES / name, folder)
    spaces = folder / "spaces"
    reports = [adopt([folder / name], output=spaces, sources=sources(), write=True) for name in names]
    return AdoptReport(files=[file for report in reports for file in report.files])


def told(report: AdoptReport, name: str) -> str:
    """Return what a report says of one file."""
    lines = []
    for file in report.files:
        if file.path.name == name:
            lines += [file.problem] if file.problem else []
            for use in file.uses:
                where = use.line if use.cell is None else f"{use.cell}.{use.line}"
                about = f"{use.space} {use.endpoint}"
                lines.append(f"{where}: {use.outcome} {use.kind} {about}")
                lines += [
                    f"    {kind}: {text}" for kind in ("wrong", "reasons", "notes") for text in getattr(use, kind)
                ]
    return "\n".join(lines) + "\n"


def names() -> list[str]:
    """Return the file names of all shapes."""
    return sorted(path.name for path in SHAPES.iterdir() if path.suffix in (".py", ".ipynb"))


def write_again() -> None:
    """Write what is expected of every shape."""
    shutil.rmtree(ADOPTED, ignore_errors=True)
    ADOPTED.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        report = adopted(folder, *names())
        for name in names():
            shutil.copy(folder / name, ADOPTED / name)
            (ADOPTED / f"{name}.txt").write_text(told(report, name), encoding="utf-8")


if __name__ == "__main__":
    write_again()
