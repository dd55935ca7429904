"""Run by a kill test in a process of its own: service messages that are sent at least once, and marketing,
by a mail server that nobody can ask; workers are killed with -9 meanwhile.

Prints one line of JSON: how often each message arrived, and what the outbox says in the end.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path


def main(messages: int, kills: int, seed: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from xinglin.directory.tests.factories import make_organization
    from xinglin.outreach import actions, dispatch
    from xinglin.outreach.models import Message, MessageTemplate, Provider
    from xinglin.outreach.tests.factories import (
        NOON,
        make_campaign,
        make_people,
        make_template_version,
        run_plan,
    )
    from xinglin.outreach.tests.mail_server import mail_server

    call_command("migrate", verbosity=0, run_syncdb=True, skip_checks=True)
    random.seed(seed)
    folder = Path(tempfile.mkdtemp())
    organization = make_organization()
    people = make_people(organization, messages)
    version = make_template_version(organization, purpose="service", category="appointment.reminder")
    MessageTemplate.objects.filter(pk=version.template_id).update(at_least_once=True)
    for person in people:
        actions.queue_message(
            key=f"reminder:{person.pk}", patient_id=person.pk, organization_id=organization.pk,
            template="appointment.reminder", channel="email", now=NOON,
        )  # fmt: skip
    run_plan(make_campaign(organization, people), size=5000)
    killed, lost = 0, 0

    with mail_server(folder) as server:
        Provider.objects.create(
            organization=organization, channel="email", kind="smtp", rate_per_second=1_000_000,
            settings={"host": "127.0.0.1", "port": server.port, "sender": "xinglin@hospital.example"},
        )  # fmt: skip

        def work(name: str, now: datetime, started: int) -> None:
            session = dispatch.Connections()
            os.write(started, b"x")
            while dispatch.send_batch(worker=name, now=now, connections=session, limit=60):
                pass
            time.sleep(30)

        now = NOON
        while killed < kills:
            now += timedelta(minutes=5)
            connections.close_all()
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                try:
                    work(f"w{killed}", now, writing)
                finally:
                    os._exit(0)
            os.close(writing)
            os.read(reading, 1)
            os.close(reading)
            time.sleep(random.uniform(0.05, 0.25))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            killed += 1
            lost += dispatch.reap(now=now + dispatch.LEASE + timedelta(seconds=1))[1]
            dispatch.reconcile(now=now + 2 * dispatch.LEASE, grace=timedelta(0))
        for _ in range(6):
            now += timedelta(minutes=5)
            while dispatch.send_batch(worker="last", now=now):
                pass
            server.wait_until_idle()
            dispatch.reconcile(now=now, grace=timedelta(0))
        arrived = Counter(server.taken())
        told: dict[str, object] = {"kills": killed, "lost": lost}
        for purpose in ("service", "marketing"):
            rows = Message.objects.filter(purpose=purpose)
            times = [
                arrived[f"{dispatch.message_key(pk)}@hospital.example"]
                for pk in rows.values_list("pk", flat=True)
            ]
            told[purpose] = {
                "missing": times.count(0),
                "twice": sum(n > 1 for n in times),
                "most": max(times),
                "sent": rows.filter(state="accepted").count(),
                "unconfirmed": rows.filter(state="unconfirmed").count(),
            }
        told["strange"] = sum(arrived.values()) - sum(
            arrived[f"{dispatch.message_key(pk)}@hospital.example"]
            for pk in Message.objects.values_list("pk", flat=True)
        )
        sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
