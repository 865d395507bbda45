"""A model reaches the files that are open to it, and no others."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from generator.site import Reply, Site, redirect
from hypothesis import given
from hypothesis import strategies as st
from spacegen_runtime import FileData
from spacegen_runtime.errors import ConfigurationError
from spacegen_runtime.protocol.addresses import is_public
from spacegen_runtime.testing import fake_space
from spacegen_runtime.tools import Files, call_tool
from spacegen_runtime.tools import _addresses as addresses
from spacegen_runtime.tools._files import MOST_KEPT

SECRET = b"the secret"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that is open, beside a file that is not."""
    inside = tmp_path / "open"
    (inside / "deep").mkdir(parents=True)
    (inside / "a.txt").write_bytes(b"a")
    (inside / "deep" / "b.txt").write_bytes(b"b")
    (tmp_path / "secret.txt").write_bytes(SECRET)
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    (inside / "up").symlink_to(tmp_path)
    return inside


def content(files: Files, named: str) -> bytes:
    with ExitStack() as closing:
        local: Any = files.open(named, closing).local
        return local if isinstance(local, bytes) else local.read()


@pytest.mark.parametrize("named", ["a.txt", "./a.txt", "deep/../a.txt", "deep/b.txt"])
def test_files_in_the_folder(folder: Path, named: str) -> None:
    if ".." in named:
        with pytest.raises(ValueError, match="outside of the folder"):
            content(Files(folder), named)
    else:
        assert content(Files(folder), named) in (b"a", b"b")
        assert content(Files(folder), str(folder / named)) in (b"a", b"b")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nothing tells which descriptors are open")
def test_a_folder_is_closed_again(folder: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(ValueError, match="deep"):
        content(Files(folder), "deep")
    assert len(list(Path("/proc/self/fd").iterdir())) <= before  # those of a test that ran before may close now


OUTSIDE = [
    "../secret.txt",
    "deep/../../secret.txt",
    "link.txt",
    "up/secret.txt",
    "/etc/passwd",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "File:secret.txt",
    "ftp://127.0.0.1/x",
    "~/secret.txt",
    "~root/.ssh/id_rsa",
    "a.txt\0.png",
    "",
    ".",
    "deep",
    "//etc/passwd",
    "..%2fsecret.txt",
    "%2e%2e/secret.txt",
    "..\\secret.txt",
    "\\\\server\\share\\x",
    "C:\\Windows\\win.ini",
    "A.TXT/../../secret.txt",
    "\uff0e\uff0e/secret.txt",
    "file:%2f%2fetc/passwd",
    "/proc/self/environ",
    "/dev/fd/0",
    "x" * 5000,
    "spacegen://file/0000000000000000/a.txt",
    "SPACEGEN://file/x",
    "data:text/plain",
    "data:text/plain;base64,***",
]


@pytest.mark.parametrize("named", [*OUTSIDE, "ABSOLUTE"], ids=lambda one: one[:30].replace("\0", "NUL"))
def test_nothing_outside_of_the_folder(folder: Path, named: str) -> None:
    named = str(folder.parent / "secret.txt") if named == "ABSOLUTE" else named
    with pytest.raises(ValueError, match=r"."):
        content(Files(folder), named)
    with pytest.raises(ValueError, match=r"."):
        content(Files(None), named)


WAYS = ["..", ".", "up", "link.txt", "secret.txt", "deep", "a.txt", "", "/"]


@given(steps=st.lists(st.sampled_from(WAYS), max_size=6))
def test_no_way_leads_out_of_the_folder(steps: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    base = Path(tmp_path_factory.getbasetemp()) / "ways"
    if not base.exists():
        (base / "open" / "deep").mkdir(parents=True)
        (base / "open" / "a.txt").write_bytes(b"a")
        (base / "secret.txt").write_bytes(SECRET)
        (base / "open" / "link.txt").symlink_to(base / "secret.txt")
        (base / "open" / "up").symlink_to(base)
    for named in ("/".join(steps), str(base / "open" / "/".join(steps))):
        try:
            assert content(Files(base / "open"), named) == b"a"
        except ValueError:
            continue


def test_what_is_no_regular_file_is_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(ValueError, match="not there"):
        content(Files(folder), "pipe")


def test_large_files_are_refused(folder: Path) -> None:
    (folder / "large").write_bytes(b"x" * 2_000_001)
    with pytest.raises(ValueError, match="more than 1 MB"):
        content(Files(folder, largest=1 << 20), "large")


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no folder"):
        Files(tmp_path / "none")


def test_a_mistake_tells_what_is_there(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"it is not there; the folder has a\.txt, deep, link\.txt, up"):
        content(Files(folder), "b.txt")


def test_data_urls_hold_their_bytes() -> None:
    assert content(Files(), "data:text/plain;base64,aGVsbG8=") == b"hello"
    assert content(Files(), "DATA:,a%20b") == b"a b"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
     "64:ff9b::7f00:1", "64:ff9b:1::808:808", "64:ff9b:1:2::808:808", "2002:7f00:0001::", "ff02::1", "fec0::1",
     "::127.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1", "2001:0:7f00:1::", "2001:db8::1", "198.18.0.1", "192.0.2.1",
     "240.0.0.1", "255.255.255.255", "0.1.2.3", "4000::1", "100::1"],
)  # fmt: skip
def test_addresses_of_this_machine_and_of_private_networks_are_told(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_told(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "LOCALHOST", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "0",
     "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[64:ff9b::7f00:1]"],
)  # fmt: skip
def test_nothing_is_fetched_from_this_machine(host: str) -> None:
    with Site({"/": Reply(body=b"inside")}) as site:
        url = f"http://{host}:{site.url.rpartition(':')[2]}/"
        with pytest.raises(ValueError, match="private network"):
            content(Files(), url)
        with pytest.raises(ValueError, match="private network"):
            content(Files(), url.replace("http:", "HTTP:"))
        assert site.asked == []


INSIDE = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
]


def spellings(number: int) -> list[str]:
    """An IPv4 address in every form that a resolver takes."""
    a, b, c, d = number.to_bytes(4, "big")
    dotted = f"{a}.{b}.{c}.{d}"
    return [
        *(dotted, str(number), hex(number), f"0{number:o}", f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{c * 256 + d}"),
        *(f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a:#X}.{b}.{c}.0{d:o}"),
        *(f"::ffff:{dotted}", f"::{dotted}", f"64:ff9b::{dotted}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::"),
    ]


def without_asking(host: str, port: int, *_: Any, **more: Any) -> Any:
    """Look up what is a number in any form; no name server is asked."""
    return LOOK_UP(host, port, flags=socket.AI_NUMERICHOST, **more)


LOOK_UP = socket.getaddrinfo


@given(st.sampled_from(INSIDE).map(IPv4Network).flatmap(lambda net: st.integers(int(net[0]), int(net[-1]))))
def test_no_spelling_of_an_address_inside_is_taken_for_one_outside(number: int) -> None:
    with mock.patch.object(socket, "getaddrinfo", without_asking):
        for host in spellings(number):
            with pytest.raises(addresses.NotFetched, match=r"private network|is not known"):
                addresses.public_addresses(host, 80)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://%31%32%37.0.0.1/",
            "http:\\\\127.0.0.1/",
            "http:/127.0.0.1/",
            "http:127.0.0.1",
            "http://127.0.0.1\\@x.example/",
        ),
        *("http://x.example\\@127.0.0.1/", "http://127.0.0.1%2f@x.example/", "http://\u2460\u2461\u2466.0.0.1/"),
        *(
            "http://127\u30020\u30020\u30021/",
            "http://127.0.0.1:80:80/",
            "http://[::1",
            "http://[::1%25lo]/",
            "http://127.0.0.1\n.x/",
        ),
    ],
)
def test_urls_that_two_readers_could_read_differently_reach_nobody(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: Any, **__: Any) -> Any:
        raise AssertionError("nobody is called")

    monkeypatch.setattr(socket, "getaddrinfo", without_asking)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ValueError, match=r"."):
        content(Files(), url)


def test_private_addresses_can_be_opened() -> None:
    with Site({"/a": Reply(body=b"inside")}) as site:
        assert content(Files(private_addresses=True), f"{site.url}/a") == b"inside"
        with pytest.raises(ValueError, match="HTTP 404"):
            content(Files(private_addresses=True), f"{site.url}/b")
        with pytest.raises(ValueError, match="more than 0 MB"):
            content(Files(private_addresses=True, largest=3), f"{site.url}/a")


def test_no_redirect_leads_to_a_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with Site({"/": Reply(body=b"inside")}) as inner:
        asked: list[str] = []

        def looked_up(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if host == "public.example" else real(host, port)

        real = addresses.public_addresses
        with Site({"/": redirect(inner.url + "/")}) as outer:
            monkeypatch.setattr(addresses, "public_addresses", looked_up)
            with pytest.raises(ValueError, match="private network"):
                content(Files(), f"http://public.example:{outer.url.rpartition(':')[2]}/")
        assert asked == ["public.example", "127.0.0.1"]
        assert inner.asked == []


def test_a_name_that_changes_its_address_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that was looked up is the one that is called: no second look-up can give another."""
    looked_up: list[Any] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        looked_up.append(host)
        address = "8.8.8.8" if len(looked_up) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    called: list[Any] = []

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> Any:
        called.append(address[0])
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ValueError, match="cannot be fetched"):
        content(Files(), "http://rebinding.example/")
    assert (looked_up, called) == (["rebinding.example"], ["8.8.8.8"])


def test_all_addresses_of_a_name_have_one_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"8.8.8.{last}", 80)) for last in range(200)]
    now = [0.0]
    waited: list[float] = []

    def connect(_: Any, timeout: float, **__: Any) -> Any:
        waited.append(timeout)
        now[0] += 7  # it does not answer
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(addresses, "monotonic", lambda: now[0])
    with pytest.raises(ValueError, match="cannot be fetched: ConnectTimeout"):
        content(Files(), "http://many.example/")
    assert waited == [60, 53, 46, 39, 32, 25, 18, 11, 4]


STRANGE = ["http://user:password@example.com/", "http://", "http:///x", "https://a b/", "http://é/"]


@pytest.mark.parametrize("url", STRANGE)
def test_strange_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        content(Files(), url)


def test_urls_can_be_closed() -> None:
    with pytest.raises(ValueError, match="URLs are not open to tools; give the uri of a file"):
        content(Files(urls=False), "https://example.com/a.png")


def test_a_result_can_be_handed_to_the_next_tool(folder: Path) -> None:
    import files_app

    with fake_space(files_app) as fake:
        fake.on(files_app.flip).returns(FileData.of(folder / "a.txt"))
        files = Files(folder)
        first = call_tool(files_app.flip, {"image": "a.txt"}, files=files)
        assert first.structured is not None
        uri = first.structured["flipped" if "flipped" in first.structured else "result"]["uri"]
        assert [*first.files] == [uri]
        again = call_tool(files_app.pixels, {"image": uri}, files=files)
        assert not again.is_error, again.text
        other = call_tool(files_app.pixels, {"image": uri})
        assert "no earlier result has a file with this uri" in other.text


def test_only_so_many_files_are_remembered() -> None:
    files = Files()
    first = files.keep(FileData("a"))
    for _ in range(MOST_KEPT):
        files.keep(FileData("b"))
    with pytest.raises(ValueError, match="no earlier result"):
        files.kept(first)
