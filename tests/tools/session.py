"""Draws `docs/demo.svg`: a terminal after `spacegen demo`, as it was shown there.

python tests/tools/session.py
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from support.terminals import shown_on  # noqa: E402  a script of its own has no path to the tests

PICTURE = ROOT / "docs" / "demo.svg"
COLUMNS, ROWS = 92, 200
COMMAND = "spacegen demo"
# Black, red, green, yellow, blue, magenta, cyan, white: readable on the background, whatever the page around it.
_NORMAL = [(139, 148, 158), (255, 123, 114), (63, 185, 80), (210, 153, 34)]
_NORMAL += [(88, 166, 255), (188, 140, 255), (57, 197, 207), (201, 209, 217)]
_THEME = TerminalTheme((13, 17, 23), (230, 237, 243), _NORMAL)
_SENT = re.compile(r"((?:\x1b\[[\d;]*m|[^\x1b\r\n])+)|\x1b\[(\d+)A|(\r?\n|\r|\x1b\[2K|\x1b\[\?\d+[hl])")
"""Text with its colours, lines up, or what else moves the cursor or hides it."""
_FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>spacegen demo in a terminal</title>
<style>
text {{ font: {char_height}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }}
text {{ white-space: pre }} {styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def recorded() -> bytes:
    """Run the demo on a terminal of its own, and return all that it sent there."""
    main, other = pty.openpty()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": str(ROWS)}
        for name in ("NO_COLOR", "CI", "COLORTERM"):
            environment.pop(name, None)
        words = [sys.executable, "-m", "spacegen", *COMMAND.split()[1:]]
        with subprocess.Popen(words, cwd=folder, env=environment, stdin=other, stdout=other, stderr=other) as demo:
            os.close(other)
            shown = shown_on(main)
    if demo.returncode:
        sys.exit(shown.decode(errors="replace"))
    return shown


def on_the_screen(sent: str) -> list[str]:
    """Return the lines that are there in the end: what is drawn again takes the place of what was there."""
    lines, row = [""], 0
    for text, up, control in _SENT.findall(sent):
        if text:
            lines[row] += text
        elif up:
            row -= int(up)
        elif control.endswith("\n"):
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif control == "\x1b[2K":
            lines[row] = ""
    return lines


def tidy(lines: list[str]) -> Iterator[Text]:
    """Yield the prompt and the lines; a port that is another each time is the one that Gradio prefers."""
    yield Text.assemble(("$ ", "bold green"), COMMAND)
    for line in "\n".join(lines).strip("\n").split("\n"):
        yield Text.from_ansi(re.sub(r"(127\.0\.0\.1:)(\d+)", r"\g<1>7860", line))


def draw() -> str:
    """Run the demo, and return the picture as SVG."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    for line in tidy(on_the_screen(recorded().decode())):
        console.print(line, soft_wrap=True)
    return console.export_svg(title="", theme=_THEME, code_format=_FORMAT, unique_id="demo", font_aspect_ratio=0.6)


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8", newline="\n")
