"""Names are identifiers, shadow nothing, and stay what they were."""

from __future__ import annotations

import keyword
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacegen.naming import (
    IMPORTED,
    MODEL_ATTRIBUTES,
    argument_name,
    class_name,
    field_name,
    function_name,
    is_package_name,
    model_field_name,
    package_name,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("predict", "predict"),
        ("lambda", "lambda_"),
        ("lambda_1", "lambda_1"),
        ("with space", "with_space"),
        ("with/slash", "with_slash"),
        ("//lead", "lead"),
        ("ünïcode", "ünïcode"),
        ("日本", "日本"),
        ("per%cent", "per_cent"),
        ("3d", "unnamed_3d"),
        ("UPPER", "UPPER"),
        ("print", "print_"),
        ("list", "list_"),
        ("Call", "Call_"),
        ("space", "space_"),
        ("models", "models_"),
        ("__init__", "init"),
        ("what?", "what"),
        ("", "unnamed"),
        ("__", "unnamed"),
    ],
)
def test_function_names(text: str, name: str) -> None:
    assert function_name(text, ()) == name


def test_arguments_keep_names_that_their_body_does_not_need() -> None:
    assert [argument_name(text, ()) for text in ("type", "print", "self", "_private", "data")] == [
        *("type", "print", "self", "_private", "data")
    ]
    assert [argument_name(text, ()) for text in ("class", "list", "space")] == ["class_", "list_", "space_"]


def test_fields_are_lower_case_and_no_attribute_of_a_tuple() -> None:
    assert [field_name(text, ()) for text in ("Output Image", "_x", "index", "count", "", "2nd")] == [
        *("output_image", "x", "index_", "count_", "value", "value_2nd")
    ]


def test_taken_names_are_numbered() -> None:
    assert function_name("run", {"run"}) == "run_2"
    assert function_name("run", {"run", "run_2"}) == "run_3"
    assert function_name("lambda", {"lambda_"}) == "lambda_2"
    assert class_name("run_result", {"RunResult"}) == "RunResult2"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("en2fr", "en2fr"),
        ("Stable Diffusion 3.5", "stable_diffusion_3_5"),
        ("3d-gen", "space_3d_gen"),
        ("json", "json_space"),
        ("gradio_client", "gradio_client_space"),
        ("Überraschung", "uberraschung"),
        ("日本", "space"),
        ("lambda", "lambda_space"),
        ("../../etc/passwd", "etc_passwd"),
    ],
)
def test_package_names(text: str, name: str) -> None:
    assert package_name(text) == name


@pytest.mark.parametrize("name", ["", "a-b", "class", "json", "gradio_client", "spacegen_runtime", "ünï", "../x"])
def test_names_that_no_package_may_have(name: str) -> None:
    assert not is_package_name(name)


@pytest.mark.parametrize(
    "title", ["httpx", "pydantic", "CON", "lpt1", "conftest", "sitecustomize", "test", "pip", "PIL"]
)
def test_a_package_takes_no_place_of_what_others_need(title: str) -> None:
    assert not is_package_name(title)
    assert package_name(title) == f"{title.lower()}_space"


def test_a_package_takes_no_place_of_what_spacegen_needs() -> None:
    """Everything that is loaded to write a package, to import it and to call it."""
    modules = "spacegen.pipeline, black, jinja2, datamodel_code_generator.parser.jsonschema, huggingface_hub, rich"
    code = f"import sys, pytest, spacegen_runtime.shells.blocking, {modules}; print(*{{n.split('.')[0] for n in sys.modules}})"  # noqa: E501
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = {name for name in done.stdout.split() if name[0] != "_" and not name.endswith("__mypyc")}

    assert {"httpx", "pydantic", "black", "pytest"} <= names
    assert [name for name in names if is_package_name(name)] == []


@pytest.mark.parametrize(
    "key",
    ["\uff53\uff54\uff52", "\uff41\uff42\uff43", "\ufb01le", "\u00b5", "model_config", "copy", "class", "3d"],
)
def test_the_fields_of_models_are_no_types_and_no_attributes(key: str) -> None:
    name = model_field_name(key, ())

    assert name == unicodedata.normalize("NFKC", name) != key
    assert name not in IMPORTED | MODEL_ATTRIBUTES


def test_the_attributes_of_models_are_known() -> None:
    from pydantic import BaseModel

    every = {*dir(BaseModel), *dir(type(BaseModel))}
    assert {name for name in every if not name.startswith("_")} <= MODEL_ATTRIBUTES


@given(st.text(max_size=80))
def test_any_text_gives_a_usable_name(text: str) -> None:
    made = (function_name, argument_name, field_name, class_name, model_field_name)
    for name in (make(text, ()) for make in made):
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert name.isprintable()
        assert unicodedata.normalize("NFKC", name) == name
    assert is_package_name(package_name(text))
