"""Touches a second: ``record_many`` from typed objects, beside the bare driver into the same table.

The bare driver gets ready tuples of text and numbers; the table has its keys, constraints and indexes.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import harness

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
ROWS = 400_000


def _made(rows: int) -> Iterator[Any]:
    from xinglin.booking.touches import VisitEnded
    from xinglin.ledger.actions import NewTouch

    start = NOW - timedelta(days=400)
    for n in range(rows):
        yield NewTouch(
            props=VisitEnded(visit=f"v{n}", department="endocrinology", minutes=n % 40),
            organization_id=1,
            at=start + timedelta(seconds=n * 40),
            patient_id=n * 7919 % 200_000 + 1,
            channel="walk_in",
            department_id=n % 40 + 1,
            amount_fen=n % 90_000,
            dedupe_key=f"visit:{n}",
        )


def _empty() -> None:
    from django.db import connection

    on_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE ledger_touch" if on_postgres else "DELETE FROM ledger_touch")


def _plain(touches: list[Any]) -> list[dict[str, Any]]:
    """Chunks of ready columns, as ``record_many`` gives them to the driver."""
    from xinglin.ledger import packing, writing

    return [
        packing.pack(touches[start : start + writing.CHUNK], now=NOW, import_id=None)
        for start in range(0, len(touches), writing.CHUNK)
    ]


def _bare(chunks: list[tuple[str, str, list[tuple[Any, ...]]]]) -> None:
    """COPY on PostgreSQL, executemany on SQLite, of ready tuples: what the driver itself can do."""
    from django.db import connection, transaction

    for columns, insert, rows in chunks:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY ledger_touch ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.executemany(insert, rows)


def _rate(rows: int, work: Callable[[], object]) -> tuple[float, float]:
    """Rows a second of the clock, and of this process's processor time (the database server's apart)."""
    used = time.process_time()
    seconds, _ = harness.timed(work)
    return rows / seconds, rows / (time.process_time() - used)


def measure(rows: int, name: str) -> None:
    """All figures on the database that Django is set up for."""
    from django.db import connection

    from xinglin.ledger import lake, writing
    from xinglin.ledger.actions import record_many

    os.environ["LAKE_DIR"] = tempfile.mkdtemp()
    goal = {"SQLite": "≥ 100,000", "PostgreSQL": "≥ 50,000"}[name]
    record_many(_made(rows), now=NOW)
    harness.report(
        f"memory while {rows:,} touches are recorded from an iterator, {name}", harness.peak_mb(), "MB"
    )
    _empty()
    touches = list(_made(rows))
    chunks = [
        (", ".join(part), writing.statement(part), list(zip(*part.values(), strict=True)))
        for part in _plain(touches)
    ]
    bare, bare_cpu = _rate(rows, lambda: _bare(chunks))
    chunks.clear()
    _empty()
    ours, ours_cpu = _rate(rows, lambda: record_many(touches, now=NOW))
    harness.report(
        f"record_many, {name}", ours, "touches/s", baseline=bare, baseline_is="bare driver", goal=goal
    )
    if connection.vendor == "sqlite":  # all of the work is in this process
        harness.report(
            f"the same by processor time, {name}", ours_cpu, "touches/s", baseline=bare_cpu,
            baseline_is="bare driver", goal=goal,
        )  # fmt: skip
    replays, _ = _rate(rows, lambda: record_many(touches, now=NOW))
    harness.report(f"record_many, all replays, {name}", replays, "touches/s")
    checks, checks_cpu = _rate(rows, lambda: _plain(touches))
    harness.report(f"checks and encoding alone, {name}", checks, "touches/s")
    harness.report(f"the same by processor time, {name}", checks_cpu, "touches/s")
    synced, _ = _rate(rows, lambda: lake.sync(now=NOW))
    harness.report(f"ledger to lake, {name}", synced, "touches/s")


def main(scale: float) -> None:
    harness.on_both("touches", int(ROWS * scale), measure)
