"""Settings of programs that use tools, to start `spacegen mcp`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

HOSTS = ("claude", "cursor", "vscode")
_WHERE = {
    "claude": "Claude Desktop: claude_desktop_config.json (Settings, Developer, Edit Config)",
    "cursor": "Cursor: .cursor/mcp.json in the project, or ~/.cursor/mcp.json",
    "vscode": "VS Code: .vscode/mcp.json in the project",
}


def where(host: str) -> str:
    """Return the file into which the block belongs."""
    return _WHERE[host]


def config_text(host: str, sources: Sequence[str], words: Sequence[str]) -> str:
    """Return the block for a host. It has no token: the server reads HF_TOKEN from its environment.

    Args:
        host: One of `HOSTS`.
        sources: Packages, or any SOURCE.
        words: The other words of the command line.
    """
    places = [str(Path(one).resolve()) if Path(one).exists() else one for one in sources]
    command = {"command": sys.executable, "args": ["-m", "spacegen", "mcp", *places, *words]}
    name = "spacegen" if len(sources) > 1 else Path(sources[0]).name
    if host == "vscode":
        return json.dumps({"servers": {name: {"type": "stdio", **command}}}, indent=2)
    return json.dumps({"mcpServers": {name: command}}, indent=2)
