"""Scores of everybody: RFM and the value of the next year, beside plain baselines on the same lake.

RFM and the features are DuckDB's work, the likelihood and its search scipy's; ours adds checks, reasons and
the rows in the database. The baselines are the bare SQL without people's facts, and BG/NBD fitted and applied
customer by customer instead of history by history.
"""

import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import harness, lake

PEOPLE, TOUCHES = 1_000_000, 30_000_000
BARE = """SELECT patient_id, max("at"), count(DISTINCT CAST("at" AS DATE)),
    sum(CASE kind WHEN 'bill.settled' THEN amount_fen ELSE 0 END)
    FROM touches WHERE organization_id = 1 AND patient_id IS NOT NULL
      AND kind IN ('visit.ended', 'appointment.kept', 'appointment.missed', 'bill.settled', 'bill.refunded')
    GROUP BY 1"""


def _patients(count: int) -> Any:
    """The database's patients to the lake's numbers."""
    from xinglin.core import bulk
    from xinglin.core.ids import uuid7
    from xinglin.directory.models import Organization
    from xinglin.patients.models import Patient

    organization = Organization.objects.create(pk=1, name="Bench", slug="bench")
    columns = (
        "id", "organization_id", "public_id", "created_at", "updated_at", "name", "sex", "conditions",
        "allergies", "preferences", "custom", "province", "city", "district", "community", "occupation",
        "employer", "insurance_type", "note", "is_vip", "is_verified", "source_channel",
    )  # fmt: skip
    for start in range(1, count + 1, 50_000):
        rows = [
            (n, 1, uuid7(), lake.NOW, lake.NOW, "某人", "F", [], [], {}, {}, *[""] * 8, False, False, "")
            for n in range(start, min(start + 50_000, count + 1))
        ]
        bulk.insert_rows(Patient, columns, rows)
    return organization


def main(scale: float) -> None:
    people, touches = max(int(PEOPLE * scale), 5_000), max(int(TOUCHES * scale), 150_000)
    with tempfile.TemporaryDirectory(prefix="xinglin-bench-lake-") as folder:
        os.environ["LAKE_DIR"] = folder
        harness.prepare()
        lake.make(Path(folder), people=people, touches=touches)
        _measure(_patients(people), f"{people:,} people, {touches:,} touches")


def _measure(organization: Any, size: str) -> None:
    from xinglin.core.actor import Actor
    from xinglin.ledger import lake as ledger
    from xinglin.scores import actions
    from xinglin.scores.actions.learning import weeks
    from xinglin.scores.queries import features
    from xinglin.scores.rules import ltv

    actor, now = Actor.system(organization.pk), lake.NOW
    hospital = features.hospital_of(organization.pk, [])
    ledger.sql("SELECT count(*) FROM touches")
    bare, _rows = harness.timed(lambda: ledger.table(BARE), repeat=3)
    ours, _found = harness.timed(lambda: features.rfm_rows(hospital, now=now), repeat=3)
    harness.report(f"RFM of {size}", ours, "s", better="lower", baseline=bare,
                   baseline_is="s, bare grouped scan, DuckDB")  # fmt: skip
    actions.fit(actor=actor, name="rfm", now=now)
    seconds, card = harness.timed(lambda: actions.run(actor=actor, name="rfm", now=now))
    harness.report(
        f"RFM into the database, {card.people:,} rows with reasons", card.people / seconds, "rows/s"
    )
    today = hospital.today(now)
    cut = today - timedelta(days=240)
    read, history = harness.timed(lambda: features.history(hospital, cut=cut, until=today), repeat=3)
    harness.report("features: every person's history on a day", read, "s", better="lower", baseline=bare,
                   baseline_is="s, bare grouped scan, DuckDB")  # fmt: skip
    counts = weeks(history)
    plain, _one = harness.timed(lambda: ltv.fit_bg_nbd(**counts))
    x, t_x, big_t, weight = ltv.grouped(*counts.values())
    fitted, _two = harness.timed(lambda: ltv.fit_bg_nbd(x=x, t_x=t_x, big_t=big_t, weight=weight))
    harness.report(f"BG/NBD fitted, {len(x):,} different histories", fitted, "s", better="lower",
                   baseline=plain, baseline_is="s, a row a person")  # fmt: skip
    seconds, card = harness.timed(lambda: actions.fit(actor=actor, name="lifetime_value", now=now))
    harness.report("value of the next year: fit, judge and keep the card", seconds, "s", better="lower")
