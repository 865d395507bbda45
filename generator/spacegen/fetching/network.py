"""What the environment says about the network: proxies and certificates, checked before a library reads them."""

from __future__ import annotations

import importlib.util
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from spacegen.errors import SourceUnavailable

_PROXIES = ("http", "https", "socks5", "socks5h")


def proxy_of(url: str) -> str | None:
    """Return the proxy in the environment for an address; None if there is none, or if NO_PROXY names the host.

    Raises:
        SourceUnavailable: The value of a variable cannot be used; the error names the variable.
    """
    parts = urlsplit(url)
    known = getproxies()
    said = known.get(parts.scheme) or known.get("all")
    if not said or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    where = _variable(parts.scheme, said)
    address = said.strip() if "://" in said else f"http://{said.strip()}"
    hint = f"Write http://host:port or socks5://host:port, or add {parts.hostname} to NO_PROXY."
    try:
        scheme, host, _ = (proxy := urlsplit(address)).scheme.lower(), proxy.hostname, proxy.port
    except ValueError:
        scheme, host = "", None
    if scheme not in _PROXIES or not host:  # its message is not shown, because it may contain a password
        kind = f"of an unknown kind, {scheme}://" if host else "not a usable address"
        raise SourceUnavailable(f"The proxy in {where} is {kind}.", hint)
    if scheme.startswith("socks") and importlib.util.find_spec("socksio") is None:
        raise SourceUnavailable(
            f"The proxy in {where} speaks SOCKS, which needs a library.",
            f'Install it: pip install "httpx[socks]"; or add {parts.hostname} to NO_PROXY.',
        )
    return address


def trusted_certificates(url: str) -> ssl.SSLContext | bool:
    """Return the TLS settings for an address; True means the certificate authorities that httpx brings.

    Raises:
        SourceUnavailable: SSL_CERT_FILE or SSL_CERT_DIR names something that cannot be read.
    """
    if urlsplit(url).scheme == "http":
        # Loading certificates takes 50 ms, which plain http does not need; a context without certificates trusts
        # nobody.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not file and not folder:
        return True
    name, place = ("SSL_CERT_FILE", file) if file else ("SSL_CERT_DIR", folder)
    try:
        if folder and not file and not Path(folder).is_dir():
            raise OSError("there is no such folder")
        return ssl.create_default_context(cafile=file or None, capath=None if file else folder)
    except OSError as error:  # an ssl.SSLError, for a file with other contents, is an OSError
        reason = error.strerror or str(error)
        raise SourceUnavailable(
            f"{name} names {place}, which holds no certificates that can be read: {reason}.",
            "Correct or unset it.",
        ) from error


def _variable(scheme: str, said: str) -> str:
    names = [f"{kind}_proxy" for kind in (scheme, "all")]
    spelled = [name for name in os.environ if name.lower() in names and os.environ[name] == said]
    return " and ".join(sorted(spelled)) or "this system's settings"
