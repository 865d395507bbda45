"""A second deployment of a Space beside the first, for one call or for a whole package."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import spacegen_runtime
import text_app
from spacegen_runtime import Endpoint, deployed, errors
from spacegen_runtime.testing import fake_space
from text_app import echo, greet, space

FIRST, SECOND = "http://first.test:1", "http://second.test:2"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[httpx.Request]]:
    """Requests that would go out; none does."""
    seen: list[httpx.Request] = []

    def refuse(self: Any, request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise httpx.ConnectError("nobody", request=request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse)
    space.configure(base_url=FIRST, token="hf_first", auth=None, headers={"x-key": "first"}, retries=0)
    yield seen
    space.configure(base_url=None, token=None, headers=None, retries=None)


def call(function: Endpoint[..., Any]) -> None:
    with pytest.raises(errors.CannotConnect):
        function("a")


def told(request: httpx.Request) -> str:
    return json.dumps(dict(request.headers))


def test_one_call_goes_elsewhere_and_the_next_does_not(sent: list[httpx.Request]) -> None:
    call(echo.with_options(base_url=SECOND))
    call(echo)
    call(echo.with_options(base_url=SECOND).with_options(base_url=None))

    assert [request.url.host for request in sent] == ["second.test", "first.test", "first.test"]


def test_who_calls_one_address_is_not_told_to_another(sent: list[httpx.Request]) -> None:
    call(echo)
    call(echo.with_options(base_url=SECOND))
    call(echo.with_options(base_url=SECOND, headers={"x-key": "second"}))
    call(deployed(text_app, base_url=SECOND).echo)

    assert "hf_first" in told(sent[0])
    assert all("first" not in told(request) for request in sent[1:])
    assert "second" in told(sent[2])


def test_a_package_is_deployed_twice(sent: list[httpx.Request]) -> None:
    other = deployed(text_app, base_url=SECOND, timeout=7)

    call(other.greet)
    call(greet)

    assert [request.url.host for request in sent] == ["second.test", "first.test"]
    assert other.space.options.timeout.total == 7
    assert other.space.options.retries == 0
    assert space.options.timeout.total is None
    assert (other.GreetResult, other.__all__) == (text_app.GreetResult, text_app.__all__)
    assert other.greet.__name__ == "greet"


def test_functions_of_another_deployment_pickle(sent: list[httpx.Request]) -> None:
    for one in (echo.with_options(base_url=SECOND), deployed(text_app, base_url=SECOND).echo):
        call(pickle.loads(pickle.dumps(one)))

    assert [request.url.host for request in sent] == ["second.test", "second.test"]


def test_later_settings_of_the_package_hold_elsewhere_too(sent: list[httpx.Request]) -> None:
    elsewhere = echo.with_options(base_url=SECOND)
    call(elsewhere)
    space.configure(strict=True)

    assert elsewhere._describe("a").space.options.strict
    assert elsewhere._describe("a").space is elsewhere._describe("b").space
    space.configure(strict=None)


def test_a_fake_answers_wherever_a_call_goes() -> None:
    with fake_space(text_app) as fake:
        fake.on(echo).returns("b")

        assert echo.with_options(base_url=SECOND)("a") == "b"
        assert deployed(text_app, base_url=SECOND).echo("a") == "b"


def test_what_makes_no_sense_is_refused_at_once() -> None:
    with pytest.raises(errors.ConfigurationError, match=r"not an http\(s\) URL"):
        echo.with_options(base_url="second")
    with pytest.raises(errors.ConfigurationError, match="has no `space`"):
        deployed(spacegen_runtime)
