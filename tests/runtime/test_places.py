"""Where the files of results are fetched from, and what is said of those that a Space does not take."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtime.conftest import Shell, function, space_at
from spacegen_runtime import FileData, Space, errors
from spacegen_runtime._options import Options
from spacegen_runtime.protocol.wire import Access

BASE = "http://127.0.0.1:9"
PROXY = "/gradio_api/proxy="
UPSTREAM = "https://ada-echo.hf.space/gradio_api/file=/tmp/a b%20c.png"


def answering(answer: Any, **options: Any) -> Space:
    space = space_at(BASE)
    space.configure(retries=0, client_options={"transport": httpx.MockTransport(answer)}, **options)
    return space


def fetched(shell: Shell, url: object) -> str:
    """Where a file is fetched from that comes with this `url`."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            file = {"path": "/tmp/x.png", "url": url, "meta": {"_type": "gradio.FileData"}}
            return httpx.Response(200, content=json.dumps({"data": [file]}))
        asked.append(str(request.url))
        return httpx.Response(200)

    shell.read(shell.call(function(answering(answer), "/do", FileData, queued=False)))
    return asked[0]


@pytest.mark.parametrize("origin", [BASE, "http://internal:7860", "https://elsewhere.example/root"])
def test_a_file_behind_gr_load_is_fetched_through_its_loader(shell: Shell, origin: str) -> None:
    """By the loader's own address, whatever it takes itself for."""
    assert fetched(shell, f"{origin}{PROXY}{UPSTREAM}") == BASE + PROXY + UPSTREAM.replace(" ", "%20")


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/gradio_api/file=/tmp/x.png",
        f"{BASE}/gradio_api/file=/tmp{PROXY}{UPSTREAM}",
        f"{BASE}/x?y{PROXY}{UPSTREAM}",
        f"{BASE}{PROXY}/etc/passwd",
        f"{BASE}{PROXY}file:///etc/passwd",
        PROXY + UPSTREAM,
        "",
        None,
        5,
    ],
)
def test_other_files_are_fetched_by_their_path(shell: Shell, url: object) -> None:
    assert fetched(shell, url) == f"{BASE}/gradio_api/file=/tmp/x.png"


@given(st.text().map(lambda text: f"{BASE}{PROXY}https://{text}"))
def test_no_url_of_a_server_names_another_host(url: str) -> None:
    place = space_at(BASE).server.place_of("/tmp/x.png", url)

    assert place.startswith((f"{BASE}/gradio_api/proxy=https://", f"{BASE}/gradio_api/file="))
    assert httpx.URL(place).host == "127.0.0.1"


class Connection:
    """What an answer knows of the connection that it came over."""

    def __init__(self, peer: str) -> None:
        self.peer = peer

    def get_extra_info(self, name: str) -> Any:
        return (self.peer, 443) if name == "server_addr" else None


PUBLIC = "203.119.1.1"
INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.0.1",
    "169.254.169.254",
    "::1",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
    "0.0.0.0",
]
NUMBERS = ["2130706433", "127.1", "0x7f000001", "0177.0.0.1", "0", "10.258", "127.0.0.1."]
NAMED = "http://files.example/a"  # by a Space; what the name stands for, its owner says


def read_from(shell: Shell, peers: dict[str, str], named: str, *, redirects: bool) -> list[str]:
    """Fetch a file of a Space that names another address for it; returns what was asked for."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        host = request.url.host
        asked.append(str(request.url))
        over = {"network_stream": Connection(peers.get(host, host))}
        if request.method == "POST":
            file = {"path": "/tmp/x.png" if redirects else named, "meta": {"_type": "gradio.FileData"}}
            return httpx.Response(200, content=json.dumps({"data": [file]}), extensions=over)
        if host == "127.0.0.1" and request.url.port == 9 and redirects:
            return httpx.Response(302, headers={"location": named}, extensions=over)
        return httpx.Response(200, content=b"secret", extensions=over)

    file = shell.call(function(answering(answer), "/do", FileData, queued=False))
    asked.clear()
    assert shell.read(file) == b"secret"
    return asked


@pytest.mark.parametrize("redirects", [True, False])
@pytest.mark.parametrize("inside", INSIDE)
def test_a_space_on_the_internet_names_no_address_inside(shell: Shell, inside: str, redirects: bool) -> None:
    """Neither as an address, for which nothing is sent, nor by a name, whose answer is not handed over."""
    literal = inside.partition("%")[0]
    url = f"http://[{literal}]/a" if ":" in literal else f"http://{literal}/a"
    for named in (url, "http://localhost/a", NAMED):
        with pytest.raises(errors.FileRefused, match="private network"):
            read_from(shell, {"127.0.0.1": PUBLIC, "files.example": inside}, named, redirects=redirects)


@pytest.mark.parametrize("host", NUMBERS)
def test_nothing_is_sent_to_an_address_inside_however_it_is_written(shell: Shell, host: str) -> None:
    asked: list[str] = []
    server = answering(lambda request: asked.append(request.url.host)).server
    server.peer = PUBLIC
    with pytest.raises(errors.FileRefused, match="private network"):
        shell.read(FileData.from_wire({"path": f"http://{host}/a"}, Access(server, Options())))
    assert asked == []


@pytest.mark.parametrize("peer", [PUBLIC, "127.0.0.1"])
def test_a_pickled_file_is_led_to_no_address_inside_either(shell: Shell, peer: str) -> None:
    """It has no access to its Space any more, and still knows where that was."""
    server = space_at(BASE).server
    server.peer = peer
    file = FileData.from_wire({"path": f"{BASE}/a"}, Access(server, Options()))
    there = pickle.loads(pickle.dumps(file))
    for one in (there, copy.copy(there), pickle.loads(pickle.dumps(there))):
        assert one.came_from_outside() == (peer == PUBLIC)
        if peer == PUBLIC:
            with pytest.raises(errors.FileRefused, match="private network"):
                shell.read(one)


@pytest.mark.parametrize("redirects", [True, False])
def test_other_addresses_are_fetched(shell: Shell, redirects: bool) -> None:
    assert NAMED in read_from(shell, {"127.0.0.1": PUBLIC, "files.example": PUBLIC}, NAMED, redirects=redirects)
    inner = "http://10.1.2.3/a"  # from a Space inside, or one that nobody knows
    for peer in ("127.0.0.1", "10.0.0.1", "a proxy"):
        assert inner in read_from(shell, {"127.0.0.1": peer}, inner, redirects=redirects)


def refused(shell: Shell, limit: int | None, config: int = 200, retry: bool = False) -> errors.FileRefused:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/config":
            return httpx.Response(config, json={"dependencies": [], "max_file_size": limit})
        return httpx.Response(413, text="<html>Request Entity Too Large</html>")

    do = function(answering(answer), "/do", files=("a", "b"))
    small, large = FileData.of(b"x", name="small.txt"), FileData.of(b"x" * 100, name="large.txt")
    with pytest.raises(errors.FileRefused) as caught:
        shell.call(do, small, large)
    return caught.value


def test_a_file_that_is_too_large_is_named_with_its_limit(shell: Shell) -> None:
    error = refused(shell, 50)

    assert error.status == 413
    assert "large.txt (100 bytes)" in str(error)
    assert "at most 50 bytes" in str(error)
    assert "small.txt" not in str(error)


@pytest.mark.parametrize(("limit", "config"), [(None, 200), (5000, 200), (50, 500)])
def test_all_files_are_named_where_it_is_not_the_spaces_own_limit(
    shell: Shell, limit: int | None, config: int
) -> None:
    said = str(refused(shell, limit, config))

    assert "small.txt (1 bytes), large.txt (100 bytes)" in said
    assert "in front of the Space" in said


@given(
    st.text(), st.sampled_from(["", "; expires=", "; max-age=", "; domain=", "; port=", "; version="]), st.text()
)
def test_no_cookie_of_a_server_is_an_error(name: str, attribute: str, value: str) -> None:
    cookie = f"{name}=1{attribute}{value}".encode("utf-8", "replace").translate(None, b"\r\n\0")

    def answer(request: httpx.Request) -> httpx.Response:
        headers = [(b"set-cookie", cookie), (b"set-cookie", b"a=1; expires=Mon, 01 Jan 99999 00:00:00 GMT")]
        return httpx.Response(200, json={"data": ["x"]}, headers=headers)

    do = function(answering(answer), "/do", queued=False)
    assert [do(), do()] == ["x", "x"]


def test_a_login_that_cannot_be_read_is_an_error_of_ours(shell: Shell) -> None:
    """A challenge of a stranger, which a library parses."""
    headers = {"www-authenticate": "Digest realm"}
    space = space_at(BASE)
    transport = httpx.MockTransport(lambda _: httpx.Response(401, headers=headers))
    space.configure(retries=0, client_options={"transport": transport, "auth": httpx.DigestAuth("ada", "secret")})

    with pytest.raises(errors.SpaceError):
        shell.call(function(space, "/do", queued=False))


def test_cookies_of_a_server_do_not_pile_up() -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sizes.append(len(request.headers.get("cookie", "")))
        many = [(b"set-cookie", b"c%d-%d=1" % (len(sizes), number)) for number in range(60)]
        return httpx.Response(200, json={"data": ["x"]}, headers=[*many, (b"set-cookie", b"x=" + b"y" * 9000)])

    do = function(answering(answer), "/do", queued=False)
    for _ in range(9):
        do()
    assert 0 < max(sizes) < 2000
