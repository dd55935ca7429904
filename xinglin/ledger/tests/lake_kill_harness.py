"""Run by the kill test in a process of its own: writers of the lake are killed with -9 while another
process reads it all the time. Prints one line of JSON.

Touches are numbered without gaps here, so every consistent set of files holds exactly 1 … its highest number.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import timedelta
from importlib import import_module

from django.utils import timezone

BATCH = 600


def _write(round_number: int, started: int) -> None:
    """New touches and a sync, or a compaction, over and over until killed.

    Every second writer counts as started in the middle of its first sync, the others after it.
    """
    from xinglin.ledger import lake
    from xinglin.ledger.actions import record_many
    from xinglin.ledger.tests.factories import NOON, new_touch

    for step in range(10**6):
        now = timezone.now() + timedelta(days=round_number, seconds=step * 20)  # old leases are over
        record_many((new_touch(n, at=NOON - timedelta(days=n % 40)) for n in range(BATCH)), now=now)
        if round_number % 2:
            os.write(started, b"x")
        lake.sync(now=now)
        os.write(started, b"x")
        if step % 4 == 3:
            lake.compact(now=now + timedelta(seconds=10))


def _read(stop: str) -> None:
    """Ask for as long as the file ``stop`` is not there; prints how often, and what was torn."""
    from xinglin.ledger import lake

    reads, torn, highest = 0, [], 0
    while not os.path.exists(stop):
        count, different, last = lake.sql(
            "SELECT count(*), count(DISTINCT seq), coalesce(max(seq), 0) FROM touches"
        )[0]
        reads += 1
        if not count == different == last or last < highest:
            torn.append([count, different, last, highest])
        highest = max(highest, last)
        time.sleep(0.05)
    with open(stop + ".told", "w", encoding="utf-8") as told:
        json.dump({"reads": reads, "torn": torn}, told)


def _only_own_dimensions() -> None:
    """The other modules' tables are not there."""
    from xinglin.ledger.lake.dimensions import dimensions

    for name in set(dimensions) - {"visitor_links"}:
        del dimensions[name]


def main(kills: int, seed: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    # Loaded once here, not by each of the processes; the kinds are declared by being loaded.
    for module in ("duckdb", "pyarrow.csv", "xinglin.ledger.tests.factories"):
        import_module(module)

    call_command("migrate", "ledger", verbosity=0, skip_checks=True)
    _only_own_dimensions()
    connections.close_all()
    random.seed(seed)
    stop = os.path.join(os.environ["XINGLIN_HOME"], "stop")
    # This process never opens an engine of its own before the forks are done: engines have threads.
    reader = os.fork()
    if reader == 0:
        _read(stop)
        os._exit(0)
    for number in range(kills):
        ready, started = os.pipe()
        writer = os.fork()
        if writer == 0:
            _write(number, started)
        os.close(started)
        if not os.read(ready, 1):
            raise SystemExit("a writer failed before it was killed")
        time.sleep(random.uniform(0.0, 0.6))
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        os.close(ready)
    open(stop, "w", encoding="utf-8").close()
    os.waitpid(reader, 0)
    with open(stop + ".told", encoding="utf-8") as told:
        sys.stdout.write(json.dumps(json.load(told) | _afterwards(kills)) + "\n")


def _afterwards(kills: int) -> dict[str, int]:
    """The next writer finishes the work and clears away what the killed ones left."""
    from xinglin.ledger import lake
    from xinglin.ledger.lake import layout
    from xinglin.ledger.models import Touch

    later = timezone.now() + timedelta(days=kills + 1)  # beyond the files' own times: they count as old
    lake.sync(now=later)
    lake.compact(now=later)
    files = {
        str(path.relative_to(layout.folder()))
        for part in ("touches", "dimensions")
        for path in (layout.folder() / part).rglob("*")
        if path.is_file()
    }
    manifest = layout.load()
    known = manifest.live() | {path for path, _at in manifest.retired}
    return {
        "recorded": Touch.objects.count(),
        "in_lake": int(lake.sql("SELECT count(DISTINCT seq) FROM touches")[0][0]),
        "left_behind": len(files - known),
        "missing": len(manifest.live() - files),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
