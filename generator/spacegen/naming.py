"""Names that are safe to write into source. Nothing else in the project makes them.

`Identifier`, `ClassName` and `PackageName` are strings that were checked once, here; a function that takes
one cannot be given raw text of a Space, mypy sees to that.
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys
import unicodedata
from collections.abc import Container
from typing import NewType

Identifier = NewType("Identifier", str)
ClassName = NewType("ClassName", str)
PackageName = NewType("PackageName", str)

_LONGEST = 60
# A stub imports these names, or uses them in annotations and in the one statement of a body.
IMPORTED = frozenset(
    {
        *("Any", "BinaryIO", "Call", "FileData", "FileInput", "Literal", "Mapping", "Model", "NamedTuple"),
        *("PUBLISHED", "Sequence", "Space", "annotations", "endpoint", "endpoints", "models", "space"),
        *("bool", "bytes", "dict", "float", "int", "list", "object", "str", "tuple"),
    }
)
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
# What else the module of a package's models imports.
_MODELS_IMPORT = frozenset({"Annotated", "Field"})
# NamedTuple's own attributes, and the types that annotations of later fields are made of.
_NO_FIELDS = frozenset({"bool", "count", "dict", "float", "index", "int", "list", "str", "tuple"})
_NOT_A_PACKAGE = frozenset({"gradio", "gradio_client", "spacegen", "spacegen_runtime", "spacegen_templates"})


def function_name(text: str, taken: Container[str]) -> Identifier:
    """Name a function after an api_name; keywords, builtins and names of our own get an underscore."""
    return _unique(_public(text, "unnamed"), IMPORTED | _BUILTINS, taken)


def argument_name(text: str, taken: Container[str], fallback: str = "value") -> Identifier:
    """Name a parameter; only names that the function's own body needs are changed."""
    return _unique(_identifier(text, fallback), IMPORTED, taken)


def field_name(text: str, taken: Container[str], fallback: str = "value") -> Identifier:
    """Name a field of a result after a label, in lower case: `Output Image` becomes `output_image`."""
    return _unique(_public(text.lower(), fallback), _NO_FIELDS, taken)


def class_name(text: str, taken: Container[str]) -> ClassName:
    """Name a class in CamelCase; names that a stub imports, and builtins, are numbered from 2."""
    words = re.split(r"_+", _identifier(text, "value"))
    name = "".join(word[:1].upper() + word[1:] for word in words if word) or "Value"
    name = name if name.isidentifier() else f"Value{name}"
    reserved = IMPORTED | _MODELS_IMPORT | _BUILTINS | {"None", "True", "False"}
    candidate, number = name, 1
    while candidate in reserved or candidate in taken:
        number += 1
        candidate = f"{name}{number}"
    return ClassName(candidate)


def package_name(text: str) -> PackageName:
    """Name a package after a Space: ASCII, lower case, no module of the standard library or of Gradio."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", folded.lower()).strip("_")[:_LONGEST].rstrip("_")
    name = f"space_{name}".rstrip("_") if not name or name[0].isdigit() else name
    return PackageName(name if is_package_name(name) else f"{name}_space")


def is_package_name(name: str) -> bool:
    """Tell whether a name that a user chose can be a package: importable, and shadowing nothing."""
    return (
        name.isidentifier()
        and name.isascii()
        and not keyword.iskeyword(name)
        and name not in _NOT_A_PACKAGE
        and name not in sys.stdlib_module_names
    )


def _identifier(text: str, fallback: str) -> str:
    # NFKC is what Python itself does to identifiers; doing it first keeps names comparable.
    text = unicodedata.normalize("NFKC", text[: 4 * _LONGEST])
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
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name.rstrip('_')}_{number}"
    return Identifier(candidate)
