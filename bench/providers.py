"""Draining the outbox to SMS providers over HTTP with 1 and 2 workers, beside a bare loop of requests.

The provider is a process of its own that reads each request and answers at once. Alibaba Cloud's form takes a
hundred numbers a request, a gateway one message a request (or fifty). The bare loop posts ready-made bodies.
"""

import http.client
import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import harness

MESSAGES = 20_000
OK = b'{"Code":"OK","BizId":"1^0","results":[]}'


def _answer(body: bytes) -> bytes:
    """A gateway asked for several answers for each; the others are told that all is well."""
    if not body.startswith(b"["):
        return OK
    import json

    rows = [{"id": row["id"], "status": "accepted"} for row in json.loads(body)]
    return json.dumps({"results": rows}).encode()


def _serve(listener: socket.socket) -> None:
    import threading

    def one(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                more = connection.recv(262_144)
                if not more:
                    return
                data += more
            head, _, data = data.partition(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            while len(data) < length:
                data += connection.recv(262_144)
            body, data = data[:length], data[length:]
            answer = _answer(body)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))

    while True:
        connection, _address = listener.accept()
        threading.Thread(target=one, args=(connection,), daemon=True).start()


@contextmanager
def provider() -> Iterator[int]:
    """The port of a provider on the loopback."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(listener,), daemon=True)
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        process.terminate()
        process.join()
        listener.close()


def _bare(port: int, count: int, size: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = b"x" * (160 * size)
    for _ in range(count // size):
        connection.request("POST", "/", body)
        connection.getresponse().read()
    connection.close()


def measure(count: int, where: str) -> None:
    from bench.outbox import _drain
    from xinglin.directory.tests.factories import make_organization
    from xinglin.outreach import queries
    from xinglin.outreach.tests.factories import (
        NOON,
        make_campaign,
        make_people,
        make_provider,
        make_provider_template,
        make_template_version,
        run_plan,
    )

    cases: list[tuple[str, str, dict[str, Any], int]] = [
        ("Alibaba Cloud's form", "http-like-aliyun", {}, 100),
        ("a gateway, 50 a request", "http", {"batch": 50}, 50),
        ("a gateway, one a request", "http", {}, 1),
    ]
    with provider() as port:
        os.environ["XINGLIN_PRIVATE_HOSTS"] = f"127.0.0.1:{port}"
        for name, kind, settings, size in cases:
            bare, _ = harness.timed(lambda size=size: _bare(port, count, size))  # type: ignore[misc]
            for workers in (1, 2):
                organization = make_organization()
                is_aliyun = kind != "http"
                version = make_template_version(
                    organization,
                    channels=["sms"],
                    purpose="marketing",
                    body="{称呼}，您好！" + "复诊提醒" * 8,
                )
                row = make_provider(
                    organization, kind="aliyun" if is_aliyun else "http",
                    settings={
                        "endpoint": f"http://127.0.0.1:{port}", "key_id": "k", "sign_name": "院", **settings,
                    },
                )  # fmt: skip
                make_provider_template(row, version)
                people = make_people(organization, count, channel="sms")
                campaign = make_campaign(organization, people, version=version, channels=["sms"])
                with _allowing_marketing():
                    run_plan(campaign, size=20_000)
                    ours, _ = harness.timed(lambda n=workers: _drain(n, NOON))  # type: ignore[misc]
                account = queries.account_of(campaign)
                if account.sent != count:
                    raise SystemExit(f"sent {account.sent} of {count}: {account}")
                harness.report(
                    f"drain {count:,} SMS to {name}, {workers} worker{'s' if workers > 1 else ''}, {where}",
                    count / ours, "messages/s", baseline=count / bare, baseline_is="bare loop of requests",
                    goal="1,500" if workers == 2 else "",
                )  # fmt: skip


@contextmanager
def _allowing_marketing() -> Iterator[None]:
    """SMS vendors refuse marketing; for the measurement the rule is set aside, everything else is asked."""
    from xinglin.outreach.rules import channels

    rules = channels.shipped_channels()
    open_to_all = rules.model_copy(
        update={
            "policies": {
                name: policy.model_copy(update={"forbids": ()}) for name, policy in rules.policies.items()
            }
        }
    )
    before = channels.shipped_channels
    from xinglin.outreach.gate import channels as gate_channels

    channels.shipped_channels = gate_channels.shipped_channels = lambda: open_to_all  # type: ignore[assignment]
    try:
        yield
    finally:
        channels.shipped_channels = gate_channels.shipped_channels = before


def main(scale: float) -> None:
    count = max(int(MESSAGES * scale) // 100 * 100, 200)
    if url := os.environ.get("XINGLIN_BENCH_URL"):
        harness.prepare(url)
        measure(count, "PostgreSQL")
        return
    harness.prepare()
    measure(count, "SQLite")
    with harness.postgres() as url:
        if url:
            code = f"from bench import providers; providers.main({scale})"
            subprocess.run(
                [sys.executable, "-c", code], env={**os.environ, "XINGLIN_BENCH_URL": url}, check=True
            )
