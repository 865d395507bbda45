"""Who makes a call: the token stored on this machine, and a visitor's own quota."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any


def visitor_headers(request: Any) -> dict[str, str]:
    """The headers with which a Space calls another one for its visitor, on the visitor's own ZeroGPU quota.

    Use it in a Gradio app as `f.with_options(headers=visitor_headers(request))(...)`.

    Args:
        request: The `gr.Request` of the visitor.
    """
    headers: Any = getattr(request, "headers", None) or {}
    token = headers.get("x-ip-token")
    if not token and os.environ.get("SPACE_ID"):
        text = "the visitor's request has no x-ip-token header, so the call counts against this Space's own quota"
        warnings.warn(text, stacklevel=2)
    return {"x-ip-token": str(token)} if token else {}


def of_visitor(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers of a call to a Space; inside an event of a Gradio app with the visitor's `x-ip-token`.

    gradio_client adds it without being asked, too (`Client.add_zero_gpu_headers`). Gradio is never imported for
    this: inside an event of a Gradio app it is loaded already. A header that the caller has set stays.
    """
    context = sys.modules.get("gradio.context")
    if context is None or any(name.lower() == "x-ip-token" for name in headers):
        return headers
    token: Any = None
    with suppress(Exception):  # another version of Gradio may keep it elsewhere
        token = context.LocalContext.request.get(None).headers.get("x-ip-token")
    return {**headers, "x-ip-token": token} if isinstance(token, str) and token else headers


def stored_token() -> str | None:
    """The Hugging Face token of this machine, found by the Hub library's own rules."""
    if os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").upper() in {"1", "ON", "YES", "TRUE"}:
        return None
    from_environment = os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN")
    if from_environment:
        return from_environment.strip() or None
    home = os.environ.get("HF_HOME")
    if not home:
        home = str(Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface"))
    path = Path(os.environ.get("HF_TOKEN_PATH") or str(Path(home, "token"))).expanduser()
    try:
        seen = path.stat()
    except (OSError, ValueError):  # there is no token now; there may be one at the next call
        return None
    return _read_token(path, (seen.st_mtime_ns, seen.st_size, seen.st_ino))


@lru_cache(maxsize=8)
def _read_token(path: Path, state: tuple[int, ...]) -> str | None:
    """What the file says; read again when its `state` has changed."""
    try:
        return path.read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
