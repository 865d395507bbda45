"""Turn a Hugging Face Space into a typed Python package."""

from __future__ import annotations

__version__ = "0.1.0"
