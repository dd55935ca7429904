"""Run by ``test_database_restart``: workers move and send on and on while their server is restarted.

Prints one line of JSON: what became of everybody. ``people restarts seed`` and the server's folder,
programs, user and port are the arguments.
"""

import json
import mmap
import os
import random
import signal
import struct
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from xinglin.journeys.tests import kill_harness as harness
from xinglin.journeys.tests.cluster import Cluster

WORKERS = 3
#: Shared with the workers: the hour of the story, and how often a worker found the server gone.
STORY = struct.Struct("q" * (1 + WORKERS))


def main(people: int, restarts: int, seed: int, server: Cluster) -> None:
    crowd, journey = harness.prepare(people, seed)
    from django.db import connections

    from xinglin.journeys.tests.factories import NOON, let_in
    from xinglin.ledger.models import Touch
    from xinglin.outreach import dispatch

    shared = mmap.mmap(-1, STORY.size)

    def hour() -> int:
        return int(struct.unpack_from("q", shared)[0])

    def away(worker: int) -> None:
        place = 8 * (1 + worker)
        struct.pack_into("q", shared, place, struct.unpack_from("q", shared, place)[0] + 1)

    def start(worker: int) -> int:
        return harness.start(f"w{worker}", lambda: NOON + timedelta(hours=hour()), lambda: away(worker))

    connections.close_all()
    children = [start(worker) for worker in range(WORKERS)]
    left, piece = list(crowd), max(1, people // (restarts + 1))
    for number in range(restarts):
        let_in(journey, left[:piece], now=NOON + timedelta(hours=number))
        left = left[piece:]
        struct.pack_into("q", shared, 0, number + 1)
        time.sleep(random.uniform(0.05, 0.6))
        connections.close_all()
        server.control("restart", "-m", "immediate")
        time.sleep(random.uniform(0.1, 0.4))
    let_in(journey, left, now=NOON + timedelta(hours=restarts))
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    now = NOON + timedelta(hours=restarts)
    _back, lost = dispatch.reap(now=now + dispatch.LEASE + timedelta(seconds=1))
    for _round in range(6):
        now += timedelta(hours=1)
        harness.work("last", now)
        dispatch.reconcile(now=now, grace=timedelta(0))
    got = Counter(Touch.objects.filter(kind="message.accepted").values_list("patient_id", flat=True))
    sys.stdout.write(
        json.dumps(
            {
                "restarts": restarts,
                "unconfirmed": lost,
                "away": list(STORY.unpack_from(shared)[1:]),
                "twice": sum(number > 1 for number in got.values()),
                **harness.account(crowd, journey),
            }
        )
    )


if __name__ == "__main__":
    folder, programs, user, port = sys.argv[4:8]
    own = Cluster(folder=Path(folder), programs=Path(programs), user=user, port=int(port))
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), own)
