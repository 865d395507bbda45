"""Documents in a file: written by `spacegen fetch`, read again as a SOURCE."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spacegen.errors import DocumentError, NotGradio, SourceNotFound, TargetError
from spacegen.fetching.documents import Documents, Fetched, Json, Provenance

LARGEST = 64 * 1024 * 1024
"""Bytes that one document may have; the largest seen on a real Space is 7.5 MB."""

_DEEPEST = 200
_MOST_VALUES = 6_000_000
"""Commas and brackets, counted before anything is made of them: each may become a hundred bytes of memory."""
_NO_VALUE = "It should hold what `spacegen fetch` saves: config, info and openapi."


def parse_json(text: bytes, what: str) -> Any:
    """Read JSON that a stranger wrote.

    Args:
        text: The bytes.
        what: What they are, for the error: "https://host/config", "docs.json".

    Raises:
        DocumentError: It is no JSON, or too deep.
    """
    if sum(map(text.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise DocumentError(f"{what} has too many values to be a Gradio document.")
    try:
        # Gradio itself writes null for NaN and Infinity; a document of another origin shall mean the same.
        value = json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        raise DocumentError(f"{what} is nested too deeply to be a Gradio document.") from None
    except ValueError as error:  # also UnicodeDecodeError, and an integer of too many digits
        raise DocumentError(f"{what} is not valid JSON: {error}.") from None
    if _is_deep(value):
        raise DocumentError(f"{what} is nested too deeply to be a Gradio document.")
    return value


def check_config(config: Any, what: str) -> Json:
    """Return a config that looks like Gradio's.

    Raises:
        NotGradio: It is something else.
    """
    if isinstance(config, dict) and all(
        isinstance(config.get(key), list) for key in ("components", "dependencies")
    ):
        return config
    raise NotGradio(f"{what} is JSON, but not the config of a Gradio app.")


def load_documents(path: Path) -> Fetched:
    """Read documents that were saved to a file.

    Raises:
        SourceNotFound: The file cannot be read.
        DocumentError: It holds something else.
    """
    saved = _read(path)
    if isinstance(saved, dict) and "config" not in saved and "dependencies" in saved:
        saved = {"config": saved}  # somebody saved /config alone
    if not isinstance(saved, dict) or not isinstance(saved.get("config"), dict):
        raise DocumentError(f"{path} holds no documents of a Gradio app.", _NO_VALUE)
    for key in ("info", "openapi"):
        if not isinstance(saved.get(key), dict | None):
            raise DocumentError(f"{key!r} in {path} is not an object.", _NO_VALUE)
    documents = Documents(
        config=check_config(saved["config"], f"'config' in {path}"),
        info=saved.get("info"),
        openapi=saved.get("openapi"),
    )
    url = _text(saved, "url")
    return Fetched(
        documents=documents,
        provenance=Provenance(
            source=path.name,
            space_id=_text(saved, "space_id") if _is_hub_address(url) else None,
            url=url if url and url.startswith(("http://", "https://")) else None,
            sha=_text(saved, "sha"),
        ),
        notes=() if documents.info else (f"{path.name} holds no API description (info).",),
    )


def _is_hub_address(url: str | None) -> bool:
    # A file is whoever's word. To say of another host that it is a Space would send it the user's token.
    parts = urlsplit(url or "")
    return parts.scheme == "https" and (parts.hostname or "").endswith(".hf.space")


def save_documents(fetched: Fetched, path: Path) -> None:
    """Save documents so that the file is itself a SOURCE: same documents, same bytes, no credentials.

    Raises:
        TargetError: The file cannot be written; an older one is left as it was.
    """
    documents, origin = fetched.documents, fetched.provenance
    saved: dict[str, Any] = {
        "source": origin.source,
        "gradio_version": documents.config.get("version"),
        **{key: getattr(origin, key) for key in ("space_id", "url", "sha") if getattr(origin, key)},
        "config": documents.config,
        "info": documents.info,
        "openapi": documents.openapi,
    }
    # ASCII, so that no control or bidirectional character of a Space hides in a file that people review.
    text = json.dumps(saved, indent=1) + "\n"
    try:
        _replace(path, text)
    except OSError as error:
        raise TargetError(f"Cannot write {path}: {error.strerror or error}.") from error


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        # mkstemp makes private files; this one is as public as any other that the user writes.
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        with os.fdopen(handle, "w", encoding="ascii", newline="\n") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            text = file.read(3 * LARGEST + 1)
    except OSError as error:
        raise SourceNotFound(f"Cannot read {path}: {error.strerror or error}.") from error
    if len(text) > 3 * LARGEST:
        raise DocumentError(f"{path} is too large ({3 * LARGEST >> 20} MB at most).")
    return parse_json(text, str(path))


def _is_deep(value: Any) -> bool:
    level: list[Any] = [[value]]
    for _ in range(_DEEPEST + 1):
        # Exact types, which are all that json makes: a large app has a million values.
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _text(saved: Json, key: str) -> str | None:
    value = saved.get(key)
    return value if isinstance(value, str) else None
