"""Documents in a file: written by `spacegen fetch`, read again as a SOURCE."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spacegen.errors import DocumentError, NotGradio, SourceNotFound, TargetError
from spacegen.fetching.body import LARGEST
from spacegen.fetching.bounded_json import parse_json
from spacegen.fetching.documents import Documents, Fetched, Json, Provenance

_NO_VALUE = "It should hold what `spacegen fetch` saves: config, info and openapi."


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
        saved = {"config": saved}  # the file contains only /config
    if not isinstance(saved, dict) or not isinstance(saved.get("config"), dict):
        raise DocumentError(f"{path} does not contain the documents of a Gradio app.", _NO_VALUE)
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
        notes=() if documents.info else (f"{path.name} does not contain an API description (info).",),
    )


def _is_hub_address(url: str | None) -> bool:
    # Anyone may have written the file. If it could declare another host to be a Space, that host would get the
    # user's token.
    parts = urlsplit(url or "")
    return parts.scheme == "https" and (parts.hostname or "").endswith(".hf.space")


def save_documents(fetched: Fetched, path: Path) -> None:
    """Save documents so that the file is itself a SOURCE: same documents, same bytes, no credentials.

    Raises:
        TargetError: The file cannot be written; an older one is unchanged.
    """
    try:
        _replace(path, document_text(fetched))
    except OSError as error:
        raise TargetError(f"Cannot write {path}: {error.strerror or error}.") from error


def document_text(fetched: Fetched) -> str:
    """Return the text in which documents are saved."""
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
    return json.dumps(saved, indent=1) + "\n"


def _replace(path: Path, text: str) -> None:
    if path.exists() and not path.is_file():  # a device or a pipe takes the text, and stays what it is
        path.write_text(text, encoding="ascii")
        return
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        # mkstemp makes private files; this one gets the same permissions as the user's other files.
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


def _text(saved: Json, key: str) -> str | None:
    value = saved.get(key)
    return value if isinstance(value, str) else None
