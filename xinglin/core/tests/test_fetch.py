"""Nothing inside the house is asked on somebody's behalf."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from xinglin.core.fetch import FetchFailed, FetchRefused, fetch


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
        else:
            self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x" * 5_000)

    do_HEAD = do_GET  # noqa: N815 - the name that the base class calls

    def log_message(self, *_anything: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    made = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:8000/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://10.1.2.3/",
        "http://169.254.169.254/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://user:pw@93.184.216.34/",
        "http://x:99999/",
        "http:///",
        "",
    ],
)
def test_private_addresses_and_other_schemes_are_refused(url: str) -> None:
    with pytest.raises((FetchRefused, FetchFailed)):
        fetch(url, timeout=2)


def test_a_named_host_is_reached_and_a_redirect_inside_is_not_followed(
    server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{server.server_port}"
    with pytest.raises(FetchRefused):
        fetch(url)
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", f"127.0.0.1:{server.server_port}")
    assert len(fetch(url, most_bytes=100).body) == 100
    assert fetch(url, method="HEAD").body == b""
    with pytest.raises(FetchRefused):
        fetch(f"{url}/away")
    with pytest.raises(FetchFailed):
        fetch(f"{url}/round")
