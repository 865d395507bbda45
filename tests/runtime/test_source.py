"""A package pointed at another Space: by `configure`, or by a variable of the environment."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from spacegen_runtime import Endpoint, Space, errors
from support.servers import Servers


def base_of(source: str) -> str:
    space = Space("bob/echo", url="https://bob-echo.hf.space")
    space.configure(source)
    return space.base_url


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("me/copy", "https://me-copy.hf.space"),
        ("Me/My_Copy.v2", "https://me-my-copy-v2.hf.space"),
        ("stabilityai/stable-diffusion-3.5-large", "https://stabilityai-stable-diffusion-3-5-large.hf.space"),
        ("http://127.0.0.1:7860", "http://127.0.0.1:7860"),
        ("https://host/some/path/", "https://host/some/path"),
    ],
)
def test_a_source_becomes_an_address_without_a_network(
    source: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("asked the network"))
    assert base_of(source) == expected
    monkeypatch.setenv("SPACEGEN_ECHO_SOURCE", source)
    for package in ("echo", "company.clients.echo"):
        assert Space("bob/echo", url="https://bob-echo.hf.space", package=package).base_url == expected


@pytest.mark.parametrize("source", ["copy", "ftp://host", "a/b/c", "https://"])
def test_what_is_no_source(source: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="not an http"):
        base_of(source)


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("127.0.0.1:7911", "write http://127.0.0.1:7911"),
        ("localhost", "write http://localhost"),
        ("my-host.lan:80/app", "write http://my-host.lan:80/app"),
        ("copy", 'source="owner/name" names a Space of the Hub'),
        ("ftp://host:21", 'source="owner/name" names a Space of the Hub'),
    ],
)
def test_a_wrong_variable_is_named(source: str, advice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACEGEN_ECHO_SOURCE", source)
    words = f"SPACEGEN_ECHO_SOURCE is not an http(s) URL: {source!r} ({advice})"
    space = Space("bob/echo", url="https://bob-echo.hf.space", package="company.echo")
    with pytest.raises(errors.ConfigurationError, match=f"^{re.escape(words)}$"):
        _ = space.base_url
    with pytest.raises(errors.ConfigurationError, match=f"^not an .*{re.escape(advice)}"):
        space.configure(source)


def test_an_empty_variable_is_as_good_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACEGEN_ECHO_SOURCE", "")
    assert (
        Space("bob/echo", url="https://bob-echo.hf.space", package="echo").base_url == "https://bob-echo.hf.space"
    )


def test_which_of_them_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program says comes before the environment; both come before the package."""
    monkeypatch.setenv("SPACEGEN_ECHO_SOURCE", "env/copy")
    space = Space("bob/echo", url="https://bob-echo.hf.space", package="echo")
    assert space.base_url == "https://env-copy.hf.space"
    space.configure("me/copy")
    assert space.base_url == "https://me-copy.hf.space"
    space.configure(base_url="http://127.0.0.1:9")
    assert space.base_url == "http://127.0.0.1:9"
    other = Space("bob/other", url="https://bob-other.hf.space", package="other")
    assert other.base_url == "https://bob-other.hf.space"


def test_calls_go_there(server: Servers, make: Callable[..., Endpoint[..., Any]]) -> None:
    space = Space("bob/echo", url="http://127.0.0.1:9", prefix="/gradio_api")
    echo = make(space, "/echo")
    space.configure(server("text").url)
    assert echo("x") == "x"
    space.configure()  # lets go of the connections


@pytest.mark.parametrize(
    ("space_id", "url", "trusted"),
    [
        ("owner/name", "https://owner-name.hf.space", True),
        ("owner/name", "https://its.own.domain", True),
        ("owner/name", "http://owner-name.hf.space", False),
        ("owner/name", "http://its.own.domain", False),
        ("owner/name", "http://127.0.0.1:7860", True),
        ("https://its.own.domain", "https://its.own.domain", False),
        ("docs.json", "https://its.own.domain", False),
    ],
)
def test_where_the_token_of_this_machine_goes_unasked(space_id: str, url: str, trusted: bool) -> None:
    assert Space(space_id, url=url).server.trusted is trusted
