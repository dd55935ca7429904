"""A million due people through wait → condition → split → send, by one worker and by two.

The baseline is the writing alone: the same steps, places and messages put into the same tables by plain
INSERT … SELECT and UPDATE, nothing asked and nothing decided.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

from bench import harness
from bench.people import clone, columns_of

PEOPLE = 1_000_000
NOON = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


def fill(count: int) -> Any:
    """A live journey with ``count`` people who wait until now; a tenth may not be written to."""
    from django.db import connection

    from xinglin.core import db
    from xinglin.directory.tests.factories import make_organization
    from xinglin.journeys.models import JourneyLane, JourneyNode, JourneyVersion
    from xinglin.journeys.tests.factories import draw, make_journey
    from xinglin.ledger import lake
    from xinglin.outreach.tests.factories import make_consent, make_patient, make_template_version
    from xinglin.patients.models import Consent, ConsentState, Patient

    organization = make_organization()
    first = make_patient(organization)
    make_consent(first)
    only = f"t.id = {first.pk}"
    sex = "CASE WHEN n % 4 = 0 THEN 'M' ELSE 'F' END"
    status = "CASE WHEN n % 10 = 0 THEN 'withdrawn' ELSE 'given' END"
    mail = f"{first.pk} + n"
    clone(Patient._meta.db_table, columns_of(Patient), count, {"sex": sex}, only)
    clone(Consent._meta.db_table, columns_of(Consent), count, {"patient_id": mail}, "t.id = 1")
    clone(
        ConsentState._meta.db_table, columns_of(ConsentState), count,
        {"patient_id": mail, "status": status}, "t.id = 1",
    )  # fmt: skip
    version = make_template_version(organization)
    graph = draw(
        ("t", "trigger", {"on": "touch", "kind": "appointment.booked"}),
        ("w", "wait", {"for": {"days": 3}}),
        ("c", "condition", {"question": {"attr": "sex", "is": "F"}}),
        ("s", "split", {"shares": {"a": 45, "b": 45, "holdout": 10}}),
        ("m", "send", {"template": version.pk, "channels": ["email"], "lane": "marketing"}),
        ("v", "wait", {"for": {"days": 7}}),
        ("e", "exit", {}),
        edges=["t>w", "w>c", "c:yes>s", "c:no>v", "s:a>m", "s:b>m", "s:holdout>v", "m>v", "v>e"],
    )
    journey = make_journey(organization, graph, now=NOON)
    live = JourneyVersion.objects.get(journey=journey)
    lanes = dict(JourneyLane.objects.filter(version=live).values_list("shard", "pk"))
    node = JourneyNode.objects.get(version=live, key="w")
    lane = " ".join(f"WHEN {shard} THEN {pk}" for shard, pk in lanes.items())
    moment, at = db.moment(NOON)
    nothing = "NULL::timestamptz" if db.is_postgres() else "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journeys_enrolment (organization_id, journey_id, version_id, lane_id, patient_id,"
            " occurrence, subject, state, node_id, entered_at, arrived_at, due_at, left_at, left_reason)"
            f" SELECT {organization.pk}, {journey.pk}, {live.pk}, CASE id %% {len(lanes)} {lane} END, id, 0,"
            f" '', 1, {node.pk}, {moment}, {moment}, {moment}, {nothing}, '' FROM patients_patient"
            f" WHERE organization_id = {organization.pk} AND id > {first.pk}",
            [at, at, at],
        )
        cursor.execute("ANALYZE")
    lake.sync(now=NOON)
    return journey


BY_HAND = (
    """INSERT INTO bench_step (node_id, patient_id, occurrence, entered_at, left_at, port, reason)
    SELECT k.n, e.patient_id, e.occurrence, e.arrived_at, e.arrived_at, 'next', ''
    FROM journeys_enrolment e CROSS JOIN (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) k""",
    """INSERT INTO bench_step (node_id, patient_id, occurrence, entered_at, left_at, port, reason)
    SELECT 4, e.patient_id, e.occurrence, e.arrived_at, e.arrived_at, 'next', ''
    FROM journeys_enrolment e WHERE e.patient_id % 100 < 68""",
    "UPDATE journeys_enrolment SET node_id = node_id + 100",
    "UPDATE journeys_enrolment SET node_id = node_id - 100",
)


def by_hand() -> None:
    """Steps and places written, nothing else; rolled back to where it was."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_step AS SELECT * FROM journeys_journeystep WHERE 1 = 0")
        cursor.execute("CREATE UNIQUE INDEX bench_step_once ON bench_step (node_id, patient_id, occurrence)")
        for statement in BY_HAND[:3]:
            cursor.execute(statement)
        transaction.set_rollback(True)


def warm() -> None:
    """What a worker does once in its life: read the law's rule packs, load what compiles questions."""
    from xinglin.core.actor import Actor
    from xinglin.journeys import queries
    from xinglin.journeys.models import JourneyVersion
    from xinglin.patients.models import Patient

    version = JourneyVersion.objects.select_related("journey").get()
    organization = version.journey.organization_id
    patient = Patient.objects.filter(organization_id=organization).order_by("pk")[0]
    actor = Actor.system(organization, "bench")
    queries.walk(actor=actor, version=version, patient_id=patient.pk, now=NOON)
    question = next(n for n in version.graph["nodes"] if n["kind"] == "condition")["props"]["question"]
    from xinglin.audiences import queries as audiences

    audiences.count(audiences.question(organization_id=organization, now=NOON, tree=question))


def worker(name: str) -> None:
    """Work until nothing is due."""
    from xinglin.journeys.engine.working import work
    from xinglin.journeys.engine.world import World

    unlimited = World(depths={"service": 2**31, "marketing": 2**31})
    while work(worker=name, clock=lambda: NOON, world=unlimited):
        pass


def measure(count: int, where: str) -> None:
    from django.db import connection

    from xinglin.journeys.queries import node_counts
    from xinglin.journeys.queries.counts import nodes_of
    from xinglin.journeys.queries.journeys import find_live
    from xinglin.outreach import queries as outreach

    journey = fill(count)
    hand, _ = harness.timed(by_hand)
    two = connection.vendor == "postgresql"
    warm()
    helper = None
    if two:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        helper = subprocess.Popen([sys.executable, "-m", "bench.journeys"], text=True, **pipes)
        helper.stdout.readline()
    with harness.stopwatch() as taken:
        if helper is not None:
            helper.stdin.write("go\n")
            helper.stdin.flush()
        worker("one")
        if helper is not None and helper.wait():
            raise SystemExit("the second worker failed")
    live = find_live(journey)
    assert live is not None
    counts, node = node_counts(live), nodes_of(live)["m"]
    account = outreach.account_of_nodes([node.pk])[node.pk]
    if counts["w"].passed != {"next": count} or not account.is_exact or account.planned != counts["m"].left:
        raise SystemExit(f"wrong: {counts} {account}")
    harness.report(
        f"{count:,} people through wait, condition, split, send ({account.pending:,} messages,"
        f" {sum(account.skipped.values()):,} refused), {where}{', two workers' if two else ''}",
        taken[0], "s", baseline=hand, baseline_is="steps and places written alone", goal="≤ 60 s at 1M",
        better="lower",
    )  # fmt: skip


def main(scale: float) -> None:
    harness.on_both("journeys", int(PEOPLE * scale), measure)


if __name__ == "__main__":
    harness.prepare(os.environ.get("DATABASE_URL", ""))
    warm()
    print("ready", flush=True)
    sys.stdin.readline()
    worker("two")
