"""What the environment says about proxies and certificates: used, or an error that names the variable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from spacegen_runtime import Call, Space, SpaceError, endpoint
from spacegen_runtime.errors import CannotConnect, ConfigurationError
from spacegen_runtime.shells import http

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is set, and certificates are read anew."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    http._tls.cache_clear()
    yield
    http._tls.cache_clear()


def error_of(shell: Any, url: str = "http://127.0.0.1:9") -> SpaceError:
    space = Space("app", url=url, protocol="sse_v3")
    space.configure(retries=0)

    @endpoint
    def do() -> Call[str]:
        return space.call("/do", {})

    with pytest.raises(SpaceError) as caught:
        shell.call(do)
    return caught.value


@pytest.mark.parametrize("name", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("said", ["socks://me:s3cret@127.0.0.1:9/", "ftp://127.0.0.1", "http://127.0.0.1:x/"])
def test_a_proxy_that_cannot_be_used_is_named(
    name: str, said: str, shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, said)
    error = error_of(shell)
    assert isinstance(error, ConfigurationError)
    assert name in str(error)
    assert "NO_PROXY" in str(error)
    assert "s3cret" not in str(error)


def test_no_proxy_leaves_a_broken_proxy_alone(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:9/")
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    assert type(error_of(shell)) is CannotConnect  # it went there directly, where nobody listens


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_cannot_be_read_are_named(
    name: str, shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "/nowhere/ca.pem")
    error = error_of(shell)
    assert isinstance(error, ConfigurationError)
    assert name in str(error)
