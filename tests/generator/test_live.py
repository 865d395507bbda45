"""Packages of running apps: each endpoint answers through its function as it does over the bare protocol."""

from __future__ import annotations

from inspect import signature
from pathlib import Path

import httpx
import pytest
from runtime.conftest import needs
from spacegen.errors import DocumentError, SourceForbidden
from spacegen.pipeline import generate, inspect
from spacegen.reading.selection import Selection
from spacegen_runtime import UnexpectedOutputWarning
from support.outcomes import Raw, comparable, example, imported, outcome, sample_files
from support.servers import Servers

APPS = ("text", "files", "chat", "streaming", "errors", "kitchen", "awkward", "pages")
FIRST = {"pages": "5.29"}
"""The Gradio that an app needs, where it is not any."""
# Endpoints that take their time, or break the server on purpose; other tests call them.
LEFT_OUT = {"slow", "sleep", "live"}


@pytest.mark.parametrize("app", APPS)
@pytest.mark.filterwarnings(f"ignore::{UnexpectedOutputWarning.__module__}.{UnexpectedOutputWarning.__name__}")
def test_functions_answer_as_the_protocol_does(
    app: str, gradio_version: str, server: Servers, tmp_path: Path
) -> None:
    needs(FIRST.get(app, "4"), gradio_version, "the app cannot be built")
    url = server(app, version=gradio_version).url
    space = inspect(url)
    folder = generate(url, output=tmp_path, name="live_app").folder
    samples = sample_files(tmp_path)

    with imported(folder) as package, httpx.Client(base_url=url, timeout=60) as client:
        raw = Raw(client, space)
        for endpoint in space.endpoints:
            if endpoint.function in LEFT_OUT:
                continue
            values = [example(parameter, samples) for parameter in endpoint.parameters]
            expected = raw.answer(endpoint, values)

            said = outcome(getattr(package, endpoint.function), endpoint, values)
            assert comparable(said) == comparable(expected), endpoint.function


def test_every_page_is_there_and_what_is_made_at_run_time_is_not(gradio_version: str, server: Servers) -> None:
    needs(FIRST["pages"], gradio_version, "the app cannot be built")
    assert [endpoint.key for endpoint in inspect(server("pages", version=gradio_version).url).endpoints] == [
        "/visit",
        "/selected",
        "/count",
    ]


def test_endpoints_off_the_api_page_are_described_as_those_on_it(
    gradio_version: str, server: Servers, tmp_path: Path
) -> None:
    needs(FIRST["pages"], gradio_version, "the app cannot be built")
    url = server("pages", version=gradio_version).url
    folder = generate(url, output=tmp_path, name="live_app", selection=Selection(undocumented=True)).folder

    with imported(folder) as package:
        assert str(signature(package.quietly)) == "(secret: str) -> str"
        assert "Not on the API page, but there" in package.quietly.__doc__
        assert package.quietly("hush") == "hush"


def test_a_login_is_asked_for_and_taken(gradio_version: str, server: Servers, tmp_path: Path) -> None:
    url = server("text", version=gradio_version, auth=("ada", "lovelace")).url
    with pytest.raises(SourceForbidden, match="--auth USER:PASSWORD"):
        generate(url, output=tmp_path)

    open_to_all = inspect(server("text", version=gradio_version).url)
    assert inspect(url, auth=("ada", "lovelace")).endpoints == open_to_all.endpoints


def test_an_app_without_endpoints_is_said_to_have_none(
    gradio_version: str, server: Servers, tmp_path: Path
) -> None:
    url = server("silent", version=gradio_version).url

    assert inspect(url).endpoints == ()
    with pytest.raises(DocumentError, match="publishes no endpoints"):
        generate(url, output=tmp_path)
    assert not list(tmp_path.iterdir())
