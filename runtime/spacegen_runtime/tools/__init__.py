"""Endpoints as tools of a language model: their description for each vendor, and calls with a model's arguments.

    from spacegen_runtime.tools import Files, call_tool, tool

    tool(translate, format="openai")            # what the model is told
    call_tool(translate, '{"text": "Hello"}')   # what it asked for, run; `.text` is what to give back

Everything is made from the package's own spacegen.json, so no request is needed for a description. What a model
writes is checked before anything is sent, and a mistake comes back as text that tells the model what to correct.
"""

from __future__ import annotations

from ._calls import acall_tool, call_tool
from ._describe import tool, tools
from ._files import Files
from ._process import process_of
from ._results import ToolResult
from ._smolagents import smolagents_tool
from ._text import TextRules, one_line

__all__ = [
    "Files",
    "TextRules",
    "ToolResult",
    "acall_tool",
    "call_tool",
    "one_line",
    "process_of",
    "smolagents_tool",
    "tool",
    "tools",
]
