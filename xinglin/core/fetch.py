"""Asking other machines: only public addresses, only http and https, nothing endless.

The name is resolved once and the connection goes to the address that was judged, so that a name cannot
change its mind in between. Hosts inside the house are reached only when ``XINGLIN_PRIVATE_HOSTS`` names them
(``127.0.0.1:9000,llm.lan:8080``).
"""

import http.client
import ipaddress
import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext_lazy as _

from xinglin.core.errors import DomainError

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS: Final = 4


class FetchRefused(DomainError):
    """The address may not be asked: another scheme, or inside the house."""

    code, status, default = "fetch-refused", 422, _("这个网址不能访问：只允许公网上的 http 和 https")


class FetchFailed(DomainError):
    """Nobody answered, or not in time."""

    code, status, default = "fetch-failed", 502, _("对方没有回应")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``body`` is cut at the asked size."""

    status: int
    body: bytes
    url: str


def fetch(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 8,
    most_bytes: int = 1_000_000,
    follow: bool = True,
) -> Answer:
    """Ask once, following up to four redirects of a GET or HEAD. Raises FetchRefused or FetchFailed."""
    ends = monotonic() + timeout
    for _hop in range(MOST_REDIRECTS + 1):
        answer, target = _once(url, method, body, dict(headers or {}), ends, most_bytes)
        if not follow or answer.status not in REDIRECTS or not target or method not in {"GET", "HEAD"}:
            return answer
        url = urljoin(url, target)
    raise FetchFailed(_("转来转去没有尽头"))


def _once(
    url: str, method: str, body: bytes | None, headers: dict[str, str], ends: float, most_bytes: int
) -> tuple[Answer, str]:
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise FetchRefused from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or not url.isprintable():
        raise FetchRefused
    left = ends - monotonic()
    if left <= 0:
        raise FetchFailed
    address = _allowed(parts.hostname, port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connect(parts.scheme, parts.hostname, address, port, left)
    try:
        host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
        sent = {"Host": host, "User-Agent": "Xinglin/1.0 (bot)", "Accept-Encoding": "identity", **headers}
        connection.request(method, path.encode("utf-8").decode("latin-1"), body=body, headers=sent)
        got = connection.getresponse()
        data = b"" if method == "HEAD" else got.read(most_bytes)
        return Answer(got.status, data, url), got.headers.get("Location", "")
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise FetchFailed(_("对方没有回应：%(what)s") % {"what": type(error).__name__}) from error
    finally:
        connection.close()


def _allowed(host: str, port: int) -> str:
    """The address to connect to, if every address of the name is public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchFailed(_("找不到这个网址的主机")) from None
    addresses = [str(row[4][0]) for row in found]
    if not is_named(host, port) and not all(is_public(address) for address in addresses):
        raise FetchRefused
    return addresses[0]


def is_named(host: str, port: int) -> bool:
    """Whether the environment names this host inside the house, with this port or with any."""
    named = {each.strip() for each in os.environ.get("XINGLIN_PRIVATE_HOSTS", "").split(",")}
    return f"{host}:{port}" in named or host in named


def is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.split("%", 1)[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not parsed.is_multicast


def _connect(scheme: str, host: str, address: str, port: int, timeout: float) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        raw = socket.create_connection((address, port), timeout=timeout)
        if scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    except (OSError, ssl.SSLError) as error:
        raise FetchFailed(_("对方没有回应：%(what)s") % {"what": type(error).__name__}) from error
    connection.sock = raw
    return connection
