"""Which IP addresses are on the public internet, and which are on this machine or in a private network. Pure."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; its local sibling 64:ff9b:1::/48 is never public


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, also if it is an IPv4 address inside an IPv6 one.

    Raises:
        ValueError: It is not an IP address.
    """
    found: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = _embedded(found)
        if inner is not None:
            return is_public(str(inner))
        if found not in GLOBAL_UNICAST:  # no link-local, site-local or translated one is there
            return False
    return found.is_global and not found.is_multicast


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that is inside an IPv6 address."""
    if address.teredo:
        return address.teredo[1]
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def is_outside(peer: str) -> bool:
    """Whether the peer of a connection is known and on the public internet."""
    with suppress(ValueError):
        return is_public(peer)
    return False


def leads_inside(url: str, peer: str = "") -> bool:
    """Whether a URL leads to this machine or a private network, by what it says or by who answered (`peer`)."""
    host = ""
    with suppress(ValueError):
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host == "localhost":
        return True
    for address in filter(None, (host, peer, _written_otherwise(host))):
        with suppress(ValueError):
            if not is_public(address):
                return True
    return False


def _written_otherwise(host: str) -> str:
    """The IPv4 address that a host like "127.1", "0x7f000001" or "2130706433" stands for; else ""."""
    with suppress(OSError, ValueError):
        return socket.inet_ntoa(socket.inet_aton(host))  # no look-up: the system connects to such a host at once
    return ""
