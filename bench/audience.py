"""A six-condition audience over a million people and thirty million touches, beside hand-written SQL.

The SQL reads the same Parquet files straight from disk, in a DuckDB with the same limits; both answers must
be equal. Also: compiling the question, the builder's funnel, one explanation, a snapshot of the members.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench import harness

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TREE: dict[str, Any] = {
    "all": [
        {"attr": "sex", "is": "F"},
        {"attr": "age", "between": [25, 60]},
        {"did": "visit.ended", "where": {"department": "obstetrics"}, "within_days": 365},
        {"not": {"did": "appointment.booked", "within_days": 60}},
        {"spent": {"within_days": 365, "gte_fen": 200_000}},
        {"consent": {"channel": "sms", "purpose": "marketing"}},
    ]
}
HAND = """
WITH seen AS (
  SELECT DISTINCT patient_id FROM known
  WHERE organization_id = 1 AND kind = 'visit.ended' AND department = 'obstetrics'
    AND "at" >= TIMESTAMP '2025-11-21 16:00:00' AND "at" < TIMESTAMP '2026-11-22 16:00:00'
), booked AS (
  SELECT DISTINCT patient_id FROM known
  WHERE organization_id = 1 AND kind = 'appointment.booked'
    AND "at" >= TIMESTAMP '2026-09-22 16:00:00' AND "at" < TIMESTAMP '2026-11-22 16:00:00'
), spent AS (
  SELECT patient_id FROM known
  WHERE organization_id = 1 AND kind IN ('bill.settled', 'bill.refunded')
    AND "at" >= TIMESTAMP '2025-11-21 16:00:00' AND "at" < TIMESTAMP '2026-11-22 16:00:00'
  GROUP BY patient_id
  HAVING sum(CASE kind WHEN 'bill.settled' THEN amount_fen ELSE -abs(amount_fen) END) >= 200000
), agreed AS (
  SELECT patient_id FROM consents
  WHERE organization_id = 1 AND channel = 'sms' AND purpose = 'marketing'
    AND "at" < TIMESTAMP '2026-11-22 16:00:00'
  GROUP BY patient_id
  HAVING max("at") FILTER (status = 'given')
    > coalesce(max("at") FILTER (status <> 'given'), TIMESTAMP '1900-01-01')
)
SELECT count(*) FROM patients
WHERE organization_id = 1 AND sex = 'F'
  AND birth_date > DATE '1965-11-22' AND birth_date <= DATE '2001-11-22'
  AND patient_id IN (FROM seen) AND patient_id NOT IN (FROM booked)
  AND patient_id IN (FROM spent) AND patient_id IN (FROM agreed)
"""
# Run in processes of their own, so that memory is told apart.
ALONE = "from bench.audience import hand_alone; hand_alone({folder!r})"
MAKE = "from bench.audience import make; make({folder!r}, {people}, {touches})"


def hand_connection(folder: Path) -> Any:
    """A DuckDB with the lake's limits and the files by name."""
    from xinglin.ledger.lake import columns, engine, layout

    os.environ["LAKE_DIR"] = str(folder)
    connection, manifest = engine.open_duckdb(), layout.load()
    known = [str(folder / f.path) for f in manifest.touches if f.side == layout.KNOWN]
    connection.execute(f"CREATE VIEW known AS SELECT * FROM read_parquet({columns.path_list(known)})")
    for name in ("patients", "consents"):
        path = columns.text(str(folder / manifest.dimensions[name].path))
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({path})")
    return connection


def hand_alone(folder: str) -> None:
    """The hand-written query in this process; prints people and peak MB as JSON."""
    import django

    django.setup()
    connection = hand_connection(Path(folder))
    rows = [connection.execute(HAND).fetchall() for _ in range(2)][-1]
    print(json.dumps([rows[0][0], harness.peak_mb()]))


def make(folder: str, people: int, touches: int) -> None:
    """The lake to be asked."""
    import django

    django.setup()
    from bench import lake

    lake.make(Path(folder), people=people, touches=touches)


def _elsewhere(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def main(scale: float) -> None:
    folder = os.environ.get("BENCH_LAKE") or tempfile.mkdtemp(prefix="xinglin-lake-")
    os.environ["LAKE_DIR"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    people, touches = max(int(1_000_000 * scale), 1000), max(int(30_000_000 * scale), 30_000)
    _elsewhere(MAKE.format(folder=folder, people=people, touches=touches))
    expected, hand_mb = json.loads(_elsewhere(ALONE.format(folder=folder)).splitlines()[-1])
    harness.prepare()
    _answers(f"{people:,} people, {touches:,} touches", Path(folder), expected, hand_mb)


def _side_by_side(ours: Callable[[], Any], hand: Callable[[], Any]) -> list[tuple[float, float]]:
    """Median wall and processor seconds of both, run by turns so that a busy machine slows both alike."""
    taken: list[list[tuple[float, float]]] = [[], []]
    for _ in range(7):
        for which, call in enumerate((ours, hand)):
            cpu = time.process_time()
            with harness.stopwatch() as wall:
                call()
            taken[which].append((wall[0], time.process_time() - cpu))
    return [(median(w for w, _c in runs), median(c for _w, c in runs)) for runs in taken]


def _answers(size: str, folder: Path, expected: int, hand_mb: float) -> None:
    from xinglin.audiences import queries
    from xinglin.audiences.queries import answers, lake
    from xinglin.audiences.queries import compile as compiler
    from xinglin.core.actor import Actor
    from xinglin.directory.models import Organization

    organization = Organization.objects.create(pk=1, name="Bench", slug="bench")

    def asked() -> Any:
        return queries.question(organization_id=1, tree=TREE, as_of="2026-11-22", now=NOW)

    first, question = harness.timed(asked)
    compiling, _sql = harness.timed(
        lambda: compiler.to_sql(compiler.people(question).aggregate(n=lambda t: t.count())), repeat=5
    )
    cold, found = harness.timed(lambda: queries.count(question))
    assert found.people == expected, (found.people, expected)
    ours_mb = harness.peak_mb()
    connection = hand_connection(folder)
    (warm, cpu), (hand, hand_cpu) = _side_by_side(
        lambda: queries.count(question), lambda: connection.execute(HAND).fetchall()
    )
    by_hand = "s, DuckDB SQL by hand on the same files"
    what = f"six-condition count, {size} ({expected:,} found)"
    harness.report(what, warm, "s", better="lower", baseline=hand, baseline_is=by_hand, goal="≤ 2×")
    harness.report("the same in processor time, all threads", cpu, "s", better="lower",
                   baseline=hand_cpu, baseline_is=by_hand, goal="≤ 2×")  # fmt: skip
    harness.report("memory after the count", ours_mb, "MB", better="lower", baseline=hand_mb,
                   baseline_is="MB, by hand, Python and Django included")  # fmt: skip
    harness.report("first count of a question, compiling included", cold, "s", better="lower", goal="< 1 s")
    harness.report("compiling the question (remembered afterwards)", compiling * 1000, "ms", better="lower")
    harness.report("reading and checking the question", first * 1000, "ms", better="lower")
    funnel, _steps = harness.timed(lambda: answers.funnel(question), repeat=3)
    harness.report("builder: people left after each of six conditions", funnel, "s", better="lower",
                   baseline=warm, baseline_is="s, the count alone")  # fmt: skip
    who = int(lake.rows(answers.people_sql(question) + " LIMIT 1")[0][0])
    why, _answer = harness.timed(lambda: answers.explain(question, patient_id=who), repeat=3)
    harness.report("why one person is in, with evidence", why * 1000, "ms", better="lower")
    _snapshot(Actor.system(organization.pk))
    _refresh(Actor.system(organization.pk))


def _refresh(actor: Any) -> None:
    """A refresh that writes 5,000 changes, half of them each way, beside bare SQL for the same rows."""
    from django.db import connection, transaction

    from xinglin.audiences import actions
    from xinglin.audiences.models import Membership

    tree = {"all": [{"did": "visit.ended", "within_days": 365}]}
    audience = actions.save_audience(actor=actor, name="seen within a year", tree=tree, now=NOW)
    first, made = harness.timed(lambda: actions.refresh_audience(audience.pk, now=NOW))
    what = f"first refresh of {made.size:,} members, with a touch each"
    harness.report(what, made.size / first, "rows/s")
    half = min(2500, made.size // 2)
    mine = Membership.objects.filter(audience=audience, left_at=None)
    unseen = list(mine.order_by("patient_id").values_list("patient_id", flat=True)[:half])
    mine.filter(patient_id__in=unseen).delete()
    strangers = range(10_000_000, 10_000_000 + half)
    rows = [Membership(audience=audience, patient_id=pk, entered_at=NOW) for pk in strangers]
    Membership.objects.bulk_create(rows)
    seconds, made = harness.timed(lambda: actions.refresh_audience(audience.pk, now=NOW))
    assert (made.entered, made.left) == (half, half), made

    def bare() -> None:
        """The same rows once more, by the driver alone: members in and out, and a touch for each."""
        at = connection.ops.adapt_datetimefield_value(NOW)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO audiences_membership (audience_id, patient_id, entered_at) VALUES (%s, %s, %s)",
                [(audience.pk, 20_000_000 + n, at) for n in range(half)],
            )
            cursor.executemany(
                "UPDATE audiences_membership SET left_at = %s WHERE audience_id = %s AND patient_id = %s",
                [(at, audience.pk, 20_000_000 + n) for n in range(half)],
            )
            cursor.executemany(
                "INSERT INTO ledger_touch (organization_id, at, recorded_at, kind, patient_id, channel,"
                " props)"
                " VALUES (%s, %s, %s, %s, %s, '', '{}')",
                [(1, at, at, "audience.entered", n) for n in range(2 * half)],
            )

    raw, _nothing = harness.timed(bare)
    what = f"refresh that writes {2 * half:,} changes into {made.size:,} members"
    harness.report(
        what, seconds, "s", better="lower", baseline=raw, baseline_is="s, the rows alone by the driver",
        goal="≤ 2 s",
    )  # fmt: skip


def _snapshot(actor: Any) -> None:
    from xinglin.audiences import actions

    everybody = {"all": [{"attr": "deceased", "is": False}]}
    audience = actions.save_audience(actor=actor, name="everybody alive", tree=everybody, now=NOW)
    seconds, made = harness.timed(
        lambda: actions.snapshot(actor=actor, public_id=audience.public_id, now=NOW)
    )
    harness.report(f"snapshot of {made.size:,} members into the database", made.size / seconds, "rows/s")
