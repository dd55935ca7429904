"""Run by ``test_engine_kills``: real worker processes move and send, and are killed with -9 at random.

Prints one line of JSON: what became of everybody. ``people kills seed`` are the arguments.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any


def prepare(people: int, seed: int) -> tuple[list[int], Any]:
    """An empty database with a hospital, so many people and a journey that is live."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from xinglin.directory.tests.factories import make_organization
    from xinglin.journeys.tests.factories import draw, make_journey
    from xinglin.outreach.tests.factories import make_people, make_template_version

    call_command("migrate", verbosity=0, run_syncdb=True, skip_checks=True)
    random.seed(seed)
    organization = make_organization()
    crowd = [person.pk for person in make_people(organization, people)]
    version = make_template_version(organization)
    journey = make_journey(
        organization,
        draw(
            ("t", "trigger", {"on": "touch", "kind": "appointment.booked"}),
            ("w", "wait", {"for": {"hours": 1}}),
            ("c", "condition", {"question": {"all": []}}),
            ("s", "split", {"shares": {"a": 45, "b": 45, "holdout": 10}}),
            ("m", "send", {"template": version.pk, "channels": ["email"], "lane": "marketing"}),
            ("g", "goal", {"goal": "told"}),
            ("e", "exit", {}),
            edges=["t>w", "w>c", "c:yes>s", "c:no>e", "s:a>m", "s:b>m", "m>g", "g>e"],
        ),
    )
    return crowd, journey


def main(people: int, kills: int, seed: int) -> None:
    crowd, journey = prepare(people, seed)
    from django.db import connections

    from xinglin.journeys.tests.factories import NOON, let_in
    from xinglin.outreach import dispatch

    found = {"kills": 0, "unconfirmed": 0, "cut": 0}
    left, now = list(crowd), NOON
    piece = max(1, people // max(1, kills // 3))
    while found["kills"] < kills:
        now += timedelta(minutes=30)
        if left:
            let_in(journey, left[:piece], now=now)
            left = left[piece:]
        connections.close_all()
        children = [start(f"w{found['kills']}-{n}", partial(_same, now), lambda: None) for n in range(2)]
        time.sleep(random.uniform(0.05, 0.2))
        found["cut"] += _cut_all()
        for child in children:
            time.sleep(random.uniform(0.02, 0.35))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            found["kills"] += 1
        _back, lost = dispatch.reap(now=now + dispatch.LEASE + timedelta(seconds=1))
        found["unconfirmed"] += lost
    let_in(journey, left, now=now)
    for _round in range(6):
        now += timedelta(hours=1)
        work("last", now)
        dispatch.reconcile(now=now, grace=timedelta(0))
    sys.stdout.write(json.dumps({**found, **account(crowd, journey)}))


def _same(moment: datetime) -> datetime:
    return moment


def _cut_all() -> int:
    """Every connection is cut at once, as a restart of the server does; returns how many. SQLite has none."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        cut = int(cursor.fetchone()[0])
    connection.close()
    return cut


def start(name: str, clock: Callable[[], datetime], away: Callable[[], None]) -> int:
    """A worker that goes on for ever, also when the database was ``away``, as the real loop does."""
    child = os.fork()
    if child == 0:
        from django.db import InterfaceError, OperationalError, connection

        try:
            while True:
                try:
                    work(name, clock())
                except (OperationalError, InterfaceError):
                    away()
                    connection.close()
                time.sleep(0.001)
        finally:
            os._exit(1)
    return child


def work(name: str, now: datetime) -> None:
    from xinglin.journeys.engine import working
    from xinglin.journeys.engine.world import World
    from xinglin.outreach import dispatch

    world = World(ask=lambda _plan, _props, _now, ids: {pk for pk in ids if pk % 4})

    def beat() -> None:
        _send(dispatch, name, now)

    working.work(worker=name, clock=lambda: now, world=world, size=25, beat=beat)
    while _send(dispatch, name, now):
        pass


def _send(dispatch: Any, name: str, now: datetime) -> int:
    return int(dispatch.send_batch(worker=name, now=now, limit=20))


def account(crowd: list[int], journey: Any) -> dict[str, Any]:
    from xinglin.journeys.models import Enrolment, JourneyStep
    from xinglin.journeys.queries import node_counts
    from xinglin.journeys.queries.counts import nodes_of
    from xinglin.journeys.queries.journeys import find_live
    from xinglin.ledger.models import Touch
    from xinglin.outreach import queries as outreach
    from xinglin.outreach.models import SinkMessage

    live = find_live(journey)
    assert live is not None
    nodes, counts = nodes_of(live), node_counts(live)
    steps = Counter((node, port) for node, port in JourneyStep.objects.values_list("node__key", "port"))
    tallied = {(key, port): n for key, count in counts.items() for port, n in count.passed.items()}
    messages = outreach.account_of_nodes([nodes["m"].pk])[nodes["m"].pk]
    kinds = Counter(Touch.objects.filter(kind__startswith="journey.").values_list("kind", flat=True))
    return {
        "people": len(crowd),
        "left": Enrolment.objects.filter(state=2).count(),
        "ways": sum(n for (node, _port), n in steps.items() if node == "e"),
        "holdout": steps[("s", "holdout")],
        "tallies_agree": tallied == dict(steps),
        "sends": steps[("m", "next")],
        "planned": messages.planned,
        "sent": messages.sent,
        "exact": messages.is_exact,
        "open": messages.pending + messages.unconfirmed,
        "in_sink": SinkMessage.objects.count(),
        "touches": dict(kinds),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
