"""What a Space offers: its types, endpoints and models, without Gradio's spelling and without Python's."""

from __future__ import annotations

from spacegen.ir.space import Default, Endpoint, Field, Inlined, Limits, Model, Output, Parameter, Published, Space
from spacegen.ir.types import (
    AnyOf,
    Anything,
    Choice,
    DictOf,
    File,
    Flag,
    ListOf,
    ModelRef,
    Nothing,
    Real,
    Scalar,
    Text,
    TupleOf,
    TypeNode,
    Whole,
)

__all__ = [
    "AnyOf",
    "Anything",
    "Choice",
    "Default",
    "DictOf",
    "Endpoint",
    "Field",
    "File",
    "Flag",
    "Inlined",
    "Limits",
    "ListOf",
    "Model",
    "ModelRef",
    "Nothing",
    "Output",
    "Parameter",
    "Published",
    "Real",
    "Scalar",
    "Space",
    "Text",
    "TupleOf",
    "TypeNode",
    "Whole",
]
