"""Many calls to one other system over HTTP: the address checked as in ``core.fetch``, connections kept alive.

Beside ``fetch``, which asks once, this tells apart what a sender must know: the request never left
(``NotSent``), or it left and no answer came (``NoAnswer``), so that nothing is sent twice. An address inside
the house is refused unless the environment names it (``XINGLIN_PRIVATE_HOSTS``); outside it must be https.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from xinglin.core.fetch import is_named, is_public

MAX_BODY = 2_000_000
IDLE = 20.0  # seconds after which a kept connection is no longer trusted
RESOLVED_FOR = 60.0


class NotAllowed(Exception):
    """This address may not be called; the message says why."""


class NotSent(Exception):
    """The request did not leave, or not wholly: the other side cannot have taken it."""


class NoAnswer(Exception):
    """The request left and no answer came: the other side may have taken it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers in lower case, body."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a request goes: ``path`` begins with "/" and may carry a query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header."""
        usual = {"http": 80, "https": 443}[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == usual else f"{host}:{self.port}"


def parse_endpoint(url: str) -> Endpoint:
    """An http or https address without user name and fragment; NotAllowed otherwise."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotAllowed(_("地址写得不对")) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotAllowed(_("地址要以 https:// 开头"))
    if parts.username is not None or parts.password is not None:
        raise NotAllowed(_("地址里不能带用户名和密码"))
    if any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise NotAllowed(_("地址里不能有空格"))
    path = parts.path or "/"
    return Endpoint(
        parts.scheme,
        parts.hostname,
        port or (443 if parts.scheme == "https" else 80),
        f"{path}?{parts.query}" if parts.query else path,
    )


def check_endpoint(url: str) -> Endpoint:
    """The endpoint, if it may be called; NotAllowed otherwise. Looks the name up."""
    endpoint = parse_endpoint(url)
    resolve(endpoint)
    return endpoint


def resolve(endpoint: Endpoint) -> str:
    """The address to connect to. NotAllowed for a private one that nobody has named, NotSent without any.

    Every address of the name must be public: one that is not is enough to refuse.
    """
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent(f"{endpoint.host}: {error}") from error
    addresses = [str(row[4][0]) for row in found]
    if is_named(endpoint.host, endpoint.port):
        return addresses[0]
    if endpoint.scheme != "https":
        raise NotAllowed(_("发到外面的请求必须加密（https）"))
    if not all(is_public(address) for address in addresses):
        raise NotAllowed(_("这是内网地址；要用它，请在服务器的 XINGLIN_PRIVATE_HOSTS 里写明"))
    return addresses[0]


class _Plain(http.client.HTTPConnection):
    def __init__(self, endpoint: Endpoint, address: str, timeout: float) -> None:
        super().__init__(endpoint.host, endpoint.port, timeout=timeout)
        self.address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Secure(_Plain):
    def connect(self) -> None:
        super().connect()
        self.sock = _tls().wrap_socket(self.sock, server_hostname=self.host)


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Client:
    """A small pool of kept-alive connections to one host; safe to use from several threads.

    ``timeout`` in seconds covers connecting and each wait for bytes. Redirects are not followed.
    """

    def __init__(self, base: str, *, timeout: float = 10.0) -> None:
        self.base = parse_endpoint(base)
        self.timeout = timeout
        self._idle: list[tuple[float, _Plain]] = []
        self._lock = threading.Lock()
        self._address, self._resolved_at = "", 0.0

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        return self.request("POST", path, body, headers)

    def get(self, path: str) -> Answer:
        return self.request("GET", path, b"", {})

    def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One exchange. NotAllowed, NotSent or NoAnswer."""
        connection = self._take()
        try:
            connection.request(method, path, body, {"Host": self.base.authority, **headers})
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NotSent(_words(error)) from error
        try:
            reply = connection.getresponse()
            data = reply.read(MAX_BODY)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NoAnswer(_words(error)) from error
        if reply.will_close or not reply.isclosed():
            connection.close()
        else:
            with self._lock:
                self._idle.append((monotonic(), connection))
        return Answer(reply.status, data, {name.lower(): value for name, value in reply.getheaders()})

    def _take(self) -> _Plain:
        now = monotonic()
        while True:
            with self._lock:
                if not self._idle:
                    break
                since, kept = self._idle.pop()
            if now - since < IDLE and _is_quiet(kept):
                return kept
            kept.close()
        if not self._address or now - self._resolved_at > RESOLVED_FOR:
            self._address, self._resolved_at = resolve(self.base), now
        kind = _Secure if self.base.scheme == "https" else _Plain
        connection = kind(self.base, self._address, self.timeout)
        try:
            connection.connect()
        except (OSError, ssl.SSLError) as error:
            connection.close()
            raise NotSent(_words(error)) from error
        return connection

    def close(self) -> None:
        with self._lock:
            kept, self._idle = self._idle, []
        for _since, connection in kept:
            with suppress(OSError):
                connection.close()


def _is_quiet(connection: _Plain) -> bool:
    """Whether a kept connection still stands: one the other side has closed is readable."""
    import select

    sock = connection.sock
    if sock is None or sock.fileno() < 0:
        return False
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return not poll.poll(0)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
