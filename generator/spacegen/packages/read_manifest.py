"""Reads `spacegen.json`: where a package came from, what was written, and its endpoints as they were.

The counterpart of `manifest`. The result is the IR that the package was written from, without what only rendering
needs (long examples, which defaults are in the signature).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spacegen import ir
from spacegen.errors import DocumentError, ManifestError, TooLarge
from spacegen.fetching.body import LARGEST
from spacegen.fetching.bounded_json import parse_json
from spacegen.fetching.prefix import read_prefix
from spacegen.ir.forms import is_number, is_scalar
from spacegen.ir.types import ClassName, Identifier, PackageName
from spacegen.ir.unions import accepted_type, widened
from spacegen.packages.layout import MANIFEST_NAME
from spacegen.packages.manifest import FORMAT, manifest_text
from spacegen.packages.plainfile import is_inside_name, read_plain
from spacegen.reading.budget import MOST, Budget
from spacegen.reading.catalogue import Catalogue

_MOST_WORDS, _LONGEST_WORD = 2000, 100
"""The number of names in the options, and their average length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The contents of a `spacegen.json`.

    Attributes:
        source: What the package is written from: a Space id, an address, or a file's path relative to the package.
        generator: The version of spacegen that wrote it.
        options: How it was written, in the words of `spacegen generate`.
        files: Digest by path inside the package.
        runtime: Version of the runtime that the package carries in `_runtime`, or None.
        space: The Space as it was when the package was written.
    """

    source: str
    generator: str
    options: Mapping[str, Any]
    files: Mapping[str, str]
    runtime: str | None
    space: ir.Space


def read_manifest(text: bytes | str) -> Manifest:
    """Read a `spacegen.json`.

    Raises:
        ManifestError: It is damaged, or of a later format.
    """
    if len(text) > LARGEST:
        raise ManifestError("spacegen.json is too large.")
    try:
        raw = parse_json(text.encode() if isinstance(text, str) else text, MANIFEST_NAME)
        if raw["format"] != FORMAT:
            raise ManifestError(
                f"spacegen.json has format {str(raw['format'])[:20]}, and this spacegen reads {FORMAT}.",
                "Update spacegen.",
            )
        return _manifest(raw)
    except TooLarge as error:
        raise ManifestError(
            "spacegen.json has more objects than a package can have.",
            "spacegen never writes that; find out who changed the file.",
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, DocumentError) as error:
        raise ManifestError(
            "spacegen.json is damaged (a merge conflict?).", "Write the package again: spacegen SOURCE --force."
        ) from error


def unwritten(source: str, options: Mapping[str, Any]) -> Manifest:
    """Return a manifest for a package that is not written yet."""
    nothing = ir.Space(
        id="",
        hub=False,
        url=None,
        title="",
        prefix="",
        protocol="",
        gradio="",
        sha=None,
        package=PackageName(""),
        endpoints=(),
        models=(),
    )
    return Manifest(source=source, generator="", options=options, files={}, runtime=None, space=nothing)


def snapshot(space: ir.Space) -> ir.Space:
    """Return a Space as it would be read back from a package written today."""
    return read_manifest(manifest_text(space, {}, source="", options={}, version="")).space


def _manifest(raw: Mapping[str, Any]) -> Manifest:
    return Manifest(
        source=_text(raw["source"]),
        generator=_text(raw["generator"]),
        options=_options(dict(raw["options"])),
        files={_text(name): _text(digest) for name, digest in raw["files"].items()},
        runtime=_text(raw["runtime"]) if "runtime" in raw else None,
        space=_space(raw["space"], raw["endpoints"]),
    )


def _options(options: dict[str, Any]) -> dict[str, Any]:
    """Return the recorded options, with limits, because their patterns are compared with every endpoint."""
    lists = [options.get(name, []) for name in ("include", "exclude", "headers")]
    rename = options.get("rename", {})
    if not isinstance(rename, dict) or not all(isinstance(one, list) for one in lists):
        raise TypeError("an option has the wrong type")
    words = [_text(word) for one in (*lists, rename, rename.values()) for word in one]
    if len(words) > _MOST_WORDS or sum(map(len, words)) > _MOST_WORDS * _LONGEST_WORD:
        raise TypeError("the options name more endpoints than a package can have")
    return options


def _space(raw: Mapping[str, Any], endpoints: Mapping[str, Any]) -> ir.Space:
    catalogue = Catalogue(Budget(free=MOST))  # the budget was checked when it was written
    for endpoint in endpoints.values():
        for value in (*_parameters(endpoint), *endpoint["returns"]):
            catalogue.add(value["type"], endpoint["function"], value.get("name", "result"))
    functions = {endpoint["function"] for endpoint in endpoints.values()}
    arguments = {value["argument"] for endpoint in endpoints.values() for value in _parameters(endpoint)}
    catalogue.name(functions | arguments)
    return ir.Space(
        id=_text(raw["id"]),
        hub=False,
        url=_maybe_text(raw.get("url")),
        title=_text(raw.get("title", "")),
        prefix=read_prefix(raw["prefix"]),
        protocol=_text(raw["protocol"]),
        gradio=_text(raw["gradio"]),
        sha=_maybe_text(raw.get("sha")),
        package=PackageName(""),
        endpoints=tuple(_endpoint(key, endpoint, catalogue) for key, endpoint in endpoints.items()),
        models=catalogue.models(),
    )


def _endpoint(key: str, raw: Mapping[str, Any], catalogue: Catalogue) -> ir.Endpoint:
    return ir.Endpoint(
        key=int(key) if key.isdecimal() else key,
        function=Identifier(raw["function"]),
        description=_text(raw["description"]),
        parameters=(
            *(_parameter(value, catalogue) for value in raw["parameters"]),
            *(replace(_parameter(value, catalogue), of_event=True) for value in _event(raw)),
        ),
        outputs=tuple(_output(value, catalogue) for value in raw["returns"]),
        fn_index=None if raw["fn_index"] is None else _place(raw["fn_index"]),
        identity=_text(raw["identity"]),
        hidden_inputs=tuple(map(_place, raw["hidden_inputs"])),
        hidden_outputs=tuple(map(_place, raw["hidden_outputs"])),
        stateful=_flag(raw["stateful"]),
        queued=_flag(raw["queued"]),
        generator=_flag(raw["generator"]),
        oauth=_flag(raw["oauth"]),
        # Manifests of earlier versions do not name the class.
        result=ClassName(_text(raw["result"])) if "result" in raw else None,
    )


def _event(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [raw["event"]] if "event" in raw else []


def _parameters(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*raw["parameters"], *_event(raw)]


def _parameter(raw: Mapping[str, Any], catalogue: Catalogue) -> ir.Parameter:
    limits = _limits(raw)
    required, published = _flag(raw["required"]), raw.get("default")
    node, component = catalogue.type(raw["type"]), _text(raw["component"])
    null = not required and published is None
    return ir.Parameter(
        name=_text(raw["name"]),
        argument=Identifier(raw["argument"]),
        label=_text(raw["label"]),
        component=component,
        type=accepted_type(node, custom=limits.custom, null=null, component=component),
        schema=raw["type"],
        info=_text(raw.get("info", "")),
        columns=_names(raw.get("columns", ())),
        default=None if required else ir.Published(),
        published=published,
        limits=limits,
        example=raw.get("example"),
        drawn=raw.get("drawn") is True,
    )


def _limits(raw: Mapping[str, Any]) -> ir.Limits:
    choices = raw.get("choices")
    return ir.Limits(
        choices=None if choices is None else tuple(map(_scalar, choices)),
        labels=_names(raw["labels"]) if "labels" in raw else None,
        custom=_flag(raw.get("custom", False)),
        minimum=_maybe_number(raw.get("minimum")),
        maximum=_maybe_number(raw.get("maximum")),
        step=_maybe_number(raw.get("step")),
        file_types=_names(raw["file_types"]) if "file_types" in raw else None,
    )


def _output(raw: Mapping[str, Any], catalogue: Catalogue) -> ir.Output:
    node = catalogue.type(raw["type"])
    custom = _flag(raw.get("custom", False))
    return ir.Output(
        field=Identifier(raw["field"]),
        label=_text(raw["label"]),
        component=_text(raw["component"]),
        type=widened(node) if custom else node,
        schema=raw["type"],
        columns=_names(raw.get("columns", ())),
        custom=custom,
    )


def _scalar(value: Any) -> Any:
    if not is_scalar(value):
        raise TypeError(f"{value!r} is no choice")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _maybe_number(value: Any) -> float | None:
    if value is None or is_number(value):
        return value
    raise TypeError(f"{value!r} is no number")


def _place(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no position")
    return value


def _names(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(map(_text, values))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a string")
    return value


def _maybe_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def load_manifest(folder: Path) -> Manifest:
    """Read the `spacegen.json` of a package.

    Raises:
        ManifestError: It cannot be read, is damaged, or of a later format.
    """
    path = folder / MANIFEST_NAME
    try:
        manifest = read_manifest(read_plain(path, LARGEST))
    except OSError as error:
        raise ManifestError(f"Cannot read {path}: {error.strerror or error}.") from error
    for name in manifest.files:
        if not is_inside_name(name):
            raise ManifestError(
                f"{path} names {name[:100]!r}, which is not a file of the package.",
                "spacegen never writes that; find out who changed the file.",
            )
    return manifest
