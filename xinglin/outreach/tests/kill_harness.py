"""Run by the kill test in a process of its own: sends a campaign while its workers are killed with -9.

Prints one line of JSON: what the mail server took, and what the outbox says in the end.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path


def main(messages: int, kills: int, seed: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from xinglin.directory.tests.factories import make_organization
    from xinglin.outreach import actions, dispatch, queries
    from xinglin.outreach.models import Message, Provider
    from xinglin.outreach.tests.factories import NOON, make_campaign, make_people, run_plan
    from xinglin.outreach.tests.mail_server import mail_server

    call_command("migrate", verbosity=0, run_syncdb=True, skip_checks=True)
    random.seed(seed)
    folder = Path(tempfile.mkdtemp())
    organization = make_organization()
    people = make_people(organization, messages)
    campaign = run_plan(make_campaign(organization, people), size=5000)
    found = {"kills": 0, "unconfirmed": 0, "returned": 0}

    with mail_server(folder) as server:
        Provider.objects.create(
            organization=organization,
            channel="email",
            kind="smtp",
            # At most so many a round (a round has one moment): 25 rounds never run out of messages.
            rate_per_second=messages * 0.9 / (kills / 2),
            settings={
                "host": "127.0.0.1", "port": server.port, "sender": "xinglin@hospital.example",
                "delivery_log": str(server.log), "is_log_complete": True,
            },
        )  # fmt: skip

        def work(name: str, now: datetime, started: int) -> None:
            """Send for ever; every second worker counts as started only once it is at full speed."""
            session = dispatch.Connections()
            if name.endswith("-1"):
                dispatch.send_batch(worker=name, now=now, connections=session, limit=60)
            os.write(started, b"x")
            while True:
                if not dispatch.send_batch(worker=name, now=now, connections=session, limit=60):
                    time.sleep(0.002)

        now = NOON
        while found["kills"] < kills:
            now += timedelta(minutes=5)
            connections.close_all()
            children = []
            for n in range(2):
                reading, writing = os.pipe()
                child = os.fork()
                if child == 0:
                    try:
                        work(f"w{found['kills']}-{n}", now, writing)
                    finally:
                        os._exit(0)
                os.close(writing)
                children.append((child, reading))
            for child, reading in children:
                os.read(reading, 1)
                os.close(reading)
                time.sleep(random.uniform(0.0, 0.3))
                os.kill(child, signal.SIGKILL)
                _, status = os.waitpid(child, 0)
                found["kills"] += int(os.WIFSIGNALED(status))
            back, lost = dispatch.reap(now=now + dispatch.LEASE + timedelta(seconds=1))
            found["returned"] += back
            found["unconfirmed"] += lost
            assert queries.account_of(campaign).is_exact
        Provider.objects.update(rate_per_second=1_000_000)
        pending_after_kills = queries.account_of(campaign).pending
        for _ in range(20):
            now += timedelta(minutes=5)
            while dispatch.send_batch(worker="last", now=now):
                pass
            server.wait_until_idle()
            dispatch.reconcile(now=now, grace=timedelta(0))
            if not Message.objects.filter(campaign=campaign, state__in=["queued", "unconfirmed"]).exists():
                break
        actions.finish_campaigns(now=now)
        campaign.refresh_from_db()
        account = queries.account_of(campaign)
        taken = server.taken()
        keys = {f"{key}" for key in taken}
        expected = {
            f"{dispatch.message_key(pk)}@hospital.example"
            for pk in Message.objects.filter(campaign=campaign).values_list("pk", flat=True)
        }
        sys.stdout.write(
            json.dumps(
                {
                    **found,
                    "pending_after_kills": pending_after_kills,
                    "taken": len(taken),
                    "twice": len(taken) - len(keys),
                    "missing": len(expected - keys),
                    "strange": len(keys - expected),
                    "sent": account.sent,
                    "exact": account.is_exact,
                    "status": campaign.status,
                }
            )
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
