"""From a saved file to a package, and what stops on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from spacegen import __version__
from spacegen.errors import DocumentError, StrictError, TargetError, TooLarge
from spacegen.fetching.documents import Documents
from spacegen.packages.build import build
from spacegen.packages.sameness import digest_of
from spacegen.pipeline import generate, inspect
from spacegen.reading.selection import Selection
from support.documents import documents, endpoint, read, value


def saved(folder: Path, given: Documents) -> str:
    path = folder / "app.json"
    path.write_text(json.dumps({"config": given.config, "info": given.info, "openapi": given.openapi}))
    return str(path)


def test_a_package_holds_what_it_came_from(tmp_path: Path) -> None:
    given = documents(endpoint("run", [value("x", default="y")], [value()]), title="My app")
    report = generate(saved(tmp_path, given), output=tmp_path)

    assert (report.package, report.folder, report.endpoints, report.models) == (
        "my_app",
        tmp_path / "my_app",
        1,
        0,
    )
    assert report.first_call == "from my_app import run\nrun()"
    written = {path.name: path.read_text(encoding="utf-8") for path in report.folder.iterdir()}
    assert sorted(written) == ["__init__.py", "endpoints.py", "py.typed", "spacegen.json"]
    manifest = json.loads(written["spacegen.json"])
    assert (manifest["format"], manifest["generator"], manifest["source"]) == (1, __version__, "../app.json")
    files = {name: text for name, text in written.items() if name != "spacegen.json"}
    assert manifest["files"] == {name: digest_of(name, text.encode()) for name, text in files.items()}
    [parameter] = manifest["endpoints"]["/run"]["parameters"]
    assert (parameter["name"], parameter["default"], parameter["required"]) == ("x", "y", False)


@pytest.mark.parametrize("title", ["Annotated", "Field", "Model", "Literal", "BaseModel"])
def test_objects_may_have_the_names_that_their_module_imports(title: str) -> None:
    named = {"type": "object", "title": title, "properties": {"class": {"enum": ["a"]}, "model_dump": {}}}
    files = build(read(endpoint("run", [value("x", named)])), source="", options={})

    assert "class_: Annotated[" in files["models.py"]


def test_more_than_fits_into_a_package_is_refused_before_it_is_written() -> None:
    choices = {"type": "string", "enum": [f"choice {number}" for number in range(64)]}
    inputs = [value(f"p{number}", choices) for number in range(399)]
    many = [endpoint(f"run{number}", inputs) for number in range(5)]

    with pytest.raises(TooLarge, match="too many to be written as one package"):
        read(*many)


@pytest.mark.parametrize(
    ("title", "space_id", "package"),
    [
        ("My app", None, "my_app"),
        ("My app", "owner/en2fr", "en2fr"),
        ("Gradio", None, "app"),
        ("   ", None, "app"),
        ("json", None, "json_space"),
        (None, None, "app"),
    ],
)
def test_names_of_packages(title: str | None, space_id: str | None, package: str, tmp_path: Path) -> None:
    given = documents(endpoint("run"), title=title, space_id=space_id)

    assert inspect(saved(tmp_path, given)).package == package


@pytest.mark.parametrize("name", ["not a name", "class", "json", "gradio_client", "../up", ""])
def test_a_name_that_no_package_can_have(name: str, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="cannot be a package's name"):
        generate(saved(tmp_path, documents(endpoint("run"))), output=tmp_path, name=name)


def test_a_package_of_another_source_is_replaced_and_named(tmp_path: Path) -> None:
    for app in ("first", "second"):
        (tmp_path / app).mkdir()
        saved(tmp_path / app, documents(endpoint(app)))
    one, other = (str(tmp_path / app / "app.json") for app in ("first", "second"))

    assert generate(one, output=tmp_path, name="package").replaces == ""
    assert generate(one, output=tmp_path, name="package").replaces == ""
    assert generate(other, output=tmp_path, name="package").replaces == "../first/app.json"


def test_warnings_stop_a_strict_run_before_anything_is_written(tmp_path: Path) -> None:
    given = documents(endpoint("run"), endpoint("bad"))
    assert given.info
    given.info["named_endpoints"]["/bad"] = None
    source = saved(tmp_path, given)

    with pytest.raises(StrictError, match="/bad: left out"):
        generate(source, output=tmp_path, strict=True)
    assert [path.name for path in tmp_path.iterdir()] == ["app.json"]
    assert generate(source, output=tmp_path).endpoints == 1


def test_an_app_without_endpoints_is_refused() -> None:
    with pytest.raises(DocumentError, match="publishes no endpoints"):
        build(read(), source="someone/app", options={})


def test_where_nothing_is_left_the_error_says_why(tmp_path: Path) -> None:
    given = documents(*(endpoint(f"bad_{number}") for number in range(5)))
    assert given.info
    given.info["named_endpoints"] = dict.fromkeys(given.info["named_endpoints"])

    with pytest.raises(DocumentError) as raised:
        generate(saved(tmp_path, given), output=tmp_path)
    assert "/bad_2: left out: its description is not an object. and 2 more" in raised.value.message
    assert raised.value.hint is None


def test_hidden_endpoints_are_hinted_at_until_they_were_looked_for(tmp_path: Path) -> None:
    source = saved(tmp_path, documents())

    with pytest.raises(DocumentError) as raised:
        generate(source, output=tmp_path)
    assert "try --undocumented" in (raised.value.hint or "")
    with pytest.raises(DocumentError) as raised:
        generate(source, output=tmp_path, selection=Selection(undocumented=True))
    assert "--undocumented" not in (raised.value.hint or "")
