"""A real mail server on the loopback, in its own process; it logs each Message-ID as Postfix does."""

import asyncio
import multiprocessing
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ID = re.compile(rb"^Message-ID: <([^>]+)>", re.M | re.I)


@dataclass
class MailServer:
    """Where it listens, what it logs, how many connections are open now."""

    port: int
    log: Path
    open_connections: Any

    def taken(self) -> list[str]:
        """Message-IDs in the order in which they were taken."""
        if not self.log.exists():
            return []
        return re.findall(r"message-id=<([^>]+)>", self.log.read_text())

    def wait_until_idle(self, seconds: float = 20) -> None:
        """Until everything that clients had begun is finished."""
        end = time.monotonic() + seconds
        while self.open_connections.value and time.monotonic() < end:
            time.sleep(0.01)
        assert self.open_connections.value == 0


def _serve(
    port: int, log: str, open_connections: Any, ready: Any, refuse: dict[str, str], store: bool
) -> None:
    from aiosmtpd.smtp import SMTP

    class Counting(SMTP):
        def connection_made(self, transport: Any) -> None:
            open_connections.value += 1
            super().connection_made(transport)

        def connection_lost(self, error: Exception | None) -> None:
            open_connections.value -= 1
            super().connection_lost(error)

    out = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    class Handler:
        async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            for part, answer in refuse.items():
                if part in address:
                    return answer
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            found = _ID.search(envelope.content)
            os.write(out, b"cleanup: message-id=<" + (found[1] if found else b"none") + b">\n")
            if store:
                Path(f"{log}.{envelope.rcpt_tos[0]}.eml").write_bytes(envelope.content)
                Path(f"{log}.{envelope.rcpt_tos[0]}.from").write_text(envelope.mail_from)
            return "250 2.0.0 queued"

    async def run() -> None:
        loop = asyncio.get_running_loop()
        factory = lambda: Counting(Handler(), enable_SMTPUTF8=True, timeout=30)  # noqa: E731
        server = await loop.create_server(factory, "127.0.0.1", port)
        ready.set()
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def mail_server(
    folder: Path, *, refuse: dict[str, str] | None = None, store: bool = False
) -> Iterator[MailServer]:
    """Run the server; ``refuse`` maps a part of an address to the answer its RCPT gets."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    open_connections, ready = context.Value("i", 0), context.Event()
    log = folder / "mail.log"
    process = context.Process(
        target=_serve, args=(port, str(log), open_connections, ready, refuse or {}, store), daemon=True
    )
    process.start()
    try:
        assert ready.wait(30)
        yield MailServer(port, log, open_connections)
    finally:
        process.terminate()
        process.join(10)
