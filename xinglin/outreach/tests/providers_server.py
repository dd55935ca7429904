"""A provider on the loopback that behaves as documented, with what may go wrong with one."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    """One request as the provider got it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


#: What to answer: status and body; None closes the connection after having taken the request.
Reply = tuple[int, Any] | None
Script = Callable[[Request], Reply]


@dataclass
class ProviderServer:
    """``script`` answers; ``requests`` is what came, ``delay`` seconds pass before every answer."""

    script: Script
    requests: list[Request] = field(default_factory=list)
    delay: float = 0.0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def to(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]


@contextmanager
def provider_server(script: Script) -> Iterator[ProviderServer]:
    state = ProviderServer(script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, *args: object) -> None:
            """Quiet."""

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            request = Request(
                self.command,
                parts.path,
                {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
            state.requests.append(request)
            reply = state.script(request)
            if state.delay:
                time.sleep(state.delay)
            if reply is None:
                self.close_connection = True
                return
            status, body = reply
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _serve  # noqa: N815 (the base class's names)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
