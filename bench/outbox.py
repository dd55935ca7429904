"""Draining the outbox over SMTP, with 1 and 2 workers, beside a bare loop of smtplib to the same server.

The bare loop sends ready-made texts. Ours claims by lease, asks the gate again, decrypts addresses, renders,
announces each part before it leaves, and records the answers and their touches.
"""

import os
import smtplib
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import harness

MESSAGES = 5_000


def _bare(port: int, texts: list[tuple[str, bytes]]) -> None:
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for address, text in texts:
            connection.sendmail("s@hospital.example", [address], text)


def _drain(workers: int, now: Any) -> None:
    """Workers are forked, so that importing Django is not measured."""
    from django.db import connections

    from xinglin.outreach import dispatch

    connections.close_all()
    children = []
    for n in range(workers):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                session = dispatch.Connections()
                while dispatch.send_batch(worker=f"bench{n}", now=now, connections=session):
                    pass
                session.close()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    for child in children:
        if os.waitpid(child, 0)[1]:
            raise SystemExit("a worker failed")


def measure(count: int, where: str) -> None:
    from xinglin.directory.tests.factories import make_organization
    from xinglin.outreach import queries
    from xinglin.outreach.channels.base import Outgoing
    from xinglin.outreach.channels.mail import message_bytes
    from xinglin.outreach.models import Provider
    from xinglin.outreach.tests.factories import NOON, make_campaign, make_people, run_plan
    from xinglin.outreach.tests.mail_server import mail_server

    texts = [
        (
            f"p{n}@example.org",
            message_bytes(
                one=Outgoing(
                    key=f"m{n}.0", channel="email", address=f"p{n}@example.org",
                    text="您好" * 60, html="<p>您好</p>" * 60,
                ),
                sender="s@hospital.example", sender_name="医院", domain="hospital.example", timestamp=0,
            ),
        )
        for n in range(count)
    ]  # fmt: skip
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(mail_server(folder))
        bare, _ = harness.timed(lambda: _bare(server.port, texts))
        for workers in (1, 2):
            organization = make_organization()
            campaign = run_plan(make_campaign(organization, make_people(organization, count)), size=20_000)
            Provider.objects.create(
                organization=organization, channel="email", kind="smtp", rate_per_second=1_000_000,
                settings={"host": "127.0.0.1", "port": server.port, "sender": "s@hospital.example"},
            )  # fmt: skip
            ours, _ = harness.timed(lambda n=workers: _drain(n, NOON))  # type: ignore[misc]
            account = queries.account_of(campaign)
            if account.sent != count:
                raise SystemExit(f"sent {account.sent} of {count}")
            harness.report(
                f"drain {count:,} mails, {workers} worker{'s' if workers > 1 else ''}, {where}",
                count / ours, "messages/s", baseline=count / bare, baseline_is="bare smtplib loop",
            )  # fmt: skip


def main(scale: float) -> None:
    harness.on_both("outbox", max(int(MESSAGES * scale), 200), measure)
