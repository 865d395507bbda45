"""Names that are safe to write into source. Nothing else in the project makes them.

`Identifier`, `ClassName` and `PackageName` are strings that were checked here. mypy makes sure that a function
that takes one never gets raw text of a Space. All are in the form NFKC, which is what Python itself makes of an
identifier: a name that looks different from `str` must not become `str` when it runs.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Container

from spacegen.ir.types import ClassName, Identifier, PackageName
from spacegen.module_names import NOT_A_PACKAGE

_LONGEST = 60
# Names used in annotations. A field of such a name would hide it from the annotations after it.
_TYPES = frozenset(
    {
        *("Any", "Call", "FileData", "FileInput", "FrameInput", "Literal", "Mapping", "Model", "NamedTuple"),
        *("Annotated", "Field", "Sequence"),
        *("bool", "dict", "float", "int", "list", "str", "tuple"),
    }
)
# A stub imports these names, or uses them in annotations and in the one statement of a body.
IMPORTED = (_TYPES - {"Annotated", "Field"}) | {
    *(
        "BinaryIO",
        "PUBLISHED",
        "Space",
        "annotations",
        "bytes",
        "endpoint",
        "endpoints",
        "models",
        "object",
        "space",
    ),
}
_OF_INIT = frozenset({"TYPE_CHECKING", "late"})  # what a package's `__init__.py` imports besides
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


class Either:
    """Membership in any of several containers, without merging them."""

    def __init__(self, *parts: Container[str]) -> None:
        self._parts = parts

    def __contains__(self, name: object) -> bool:
        return any(name in part for part in self._parts)


TUPLE_ATTRIBUTES = frozenset({"count", "index"})
"""Names that a NamedTuple already has."""
MODEL_ATTRIBUTES = frozenset(
    {
        *("construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "schema"),
        *("schema_json", "update_forward_refs", "validate", "model_computed_fields", "model_config"),
        *("model_construct", "model_copy", "model_dump", "model_dump_json", "model_extra", "model_fields"),
        *("model_fields_set", "model_json_schema", "model_parametrized_name", "model_post_init", "model_rebuild"),
        *("model_validate", "model_validate_json", "model_validate_strings"),
        *("mro", "register"),  # of its metaclass: pydantic takes them for the field's default
        *("to_pandas", "to_polars"),  # of our own
    }
)
"""Names that a model already has, in every version of pydantic 2."""


def function_name(text: str, taken: Container[str]) -> Identifier:
    """Name a function after an api_name; keywords, builtins and names that the module uses get an underscore."""
    return _unique(_public(text, "unnamed"), IMPORTED | _OF_INIT | _BUILTINS, taken)


def argument_name(text: str, taken: Container[str], fallback: str = "value") -> Identifier:
    """Name a parameter; only names that the function's own body needs are changed."""
    return _unique(_identifier(text, fallback), IMPORTED, taken)


def field_name(text: str, taken: Container[str], fallback: str = "value") -> Identifier:
    """Name a field of a result after a label, in lower case: `Output Image` becomes `output_image`."""
    return _unique(_public(text.lower(), fallback), _TYPES | TUPLE_ATTRIBUTES | {"models"}, taken)


def model_field_name(key: str, taken: Container[str]) -> Identifier:
    """Name a field of a model after its key on the wire, which stays the field's alias where the two differ."""
    return _unique(_public(key, "field"), _TYPES | MODEL_ATTRIBUTES, taken)


def class_name(text: str, taken: Container[str]) -> ClassName:
    """Name a class in CamelCase; names that a stub imports, and builtins, are numbered from 2."""
    words = re.split(r"_+", _identifier(text, "value"))
    name = _normal("".join(word[:1].upper() + word[1:] for word in words if word) or "Value")
    name = name if name.isidentifier() else _normal(f"Value{name}")
    reserved = IMPORTED | _TYPES | _BUILTINS | {"None", "True", "False"}
    return ClassName(_numbered(name, name, Either(reserved, taken)))


def package_name(text: str) -> PackageName:
    """Name a package after a Space: ASCII, lower case, and not the name of a module that others need."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", folded.lower()).strip("_")[:_LONGEST].rstrip("_")
    name = f"space_{name}".rstrip("_") if not name or name[0].isdigit() else name
    return PackageName(name if is_package_name(name) else f"{name}_space")


def is_package_name(name: str) -> bool:
    """Return whether a name that a user chose can be a package's name: importable, and hiding no other module."""
    return (
        name.isidentifier()
        and name.isascii()
        and not keyword.iskeyword(name)
        and name.lower() not in NOT_A_PACKAGE  # some file systems do not distinguish capitals from small letters
    )


def _normal(name: str) -> str:
    return unicodedata.normalize("NFKC", name)


def _identifier(text: str, fallback: str) -> str:
    text = _normal(text[: 4 * _LONGEST])
    name = "".join(letter if ("a" + letter).isidentifier() else "_" for letter in text)
    if name != text or name.startswith("__"):
        name = re.sub(r"_+", "_", name).strip("_")
    name = name[:_LONGEST]
    if not name.strip("_"):
        return fallback
    return name if name.isidentifier() else f"{fallback}_{name}"


def _public(text: str, fallback: str) -> str:
    # A NamedTuple refuses fields that start with an underscore, and a function of a package is not private.
    name = _identifier(text, fallback).lstrip("_")
    return name if name.isidentifier() else f"{fallback}_{name}".rstrip("_")


def _unique(name: str, reserved: Container[str], taken: Container[str]) -> Identifier:
    if keyword.iskeyword(name) or name in reserved:
        name += "_"
    return Identifier(_numbered(name, f"{name.rstrip('_')}_", taken))


def _numbered(name: str, stem: str, taken: Container[str]) -> str:
    """Return a name that is not taken: the name itself, or its stem with the first free number, from 2.

    The number is found by bisection, because a Space may have thousands of objects with one title.
    """
    if name not in taken:
        return name
    low, high = 1, 2
    while f"{stem}{high}" in taken:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if f"{stem}{middle}" in taken else (low, middle)
    return f"{stem}{high}"
