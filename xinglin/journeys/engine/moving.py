# ruff: noqa: S608 (the SQL is made of our own words and numbers)
"""People from one version to another, and out of a journey that has ended."""

from datetime import datetime

from django.db import connection

from xinglin.core import db
from xinglin.journeys.models import Enrolment, Journey, JourneyLane, JourneyVersion, NodeTally

_IN_FROM = """
FROM journeys_journeynode n1
JOIN journeys_journeynode n2 ON n2.version_id = %s AND n2.key = n1.key AND n2.kind = n1.kind
JOIN journeys_journeylane l1 ON l1.version_id = n1.version_id
JOIN journeys_journeylane l2 ON l2.version_id = n2.version_id AND l2.shard = l1.shard
WHERE n1.version_id = %s AND e.node_id = n1.id AND e.lane_id = l1.id AND e.state = 1
  AND NOT EXISTS (SELECT 1 FROM journeys_journeystep s WHERE s.node_id = n2.id
                  AND s.patient_id = e.patient_id AND s.occurrence = e.occurrence)"""


def move(source: JourneyVersion, target: JourneyVersion, *, now: datetime) -> dict[str, int]:
    """Set node, lane and version of everybody who can go; dates stay. The caller holds the journey.

    Lanes of both are locked first, so that no worker moves anybody meanwhile.
    """
    list(db.lock_rows(JourneyLane.objects.filter(version__in=[source, target]).order_by("pk")))
    before = _standing(source)
    params = [target.pk, source.pk]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journeys_enrolment AS e SET node_id = n2.id, lane_id = l2.id, version_id = n2.version_id"
            + _IN_FROM,
            params,
        )
        moved = cursor.rowcount
    after = _standing(source)
    gone = {key: n - after.get(key, 0) for key, n in before.items() if n != after.get(key, 0)}
    _book(source, target, gone)
    return {"moved": moved, "stayed": sum(after.values())}


def _standing(version: JourneyVersion) -> dict[tuple[int, int], int]:
    """People inside by (lane, node)."""
    from django.db.models import Count

    rows = (
        Enrolment.objects.filter(node__in=list(version.nodes.all()), state=1)
        .order_by()
        .values_list("lane_id", "node_id")
        .annotate(n=Count("pk"))
    )
    return {(lane, node): n for lane, node, n in rows}


def _book(source: JourneyVersion, target: JourneyVersion, gone: dict[tuple[int, int], int]) -> None:
    """Tallies follow the people: they left here by ``moved`` and came there."""
    shards = dict(source.lanes.values_list("pk", "shard"))
    lanes = {shard: pk for pk, shard in target.lanes.values_list("pk", "shard")}
    keys = dict(source.nodes.values_list("pk", "key"))
    nodes = {key: pk for pk, key in target.nodes.values_list("pk", "key")}
    rows: dict[tuple[int, int, str], int] = {}
    for (lane, node), n in gone.items():
        rows[(lane, node, "moved")] = n
        rows[(lanes[shards[lane]], nodes[keys[node]], "in")] = n
    add_tallies(rows)


def add_tallies(rows: dict[tuple[int, int, str], int]) -> None:
    """Add to the counts by (lane, node, port)."""
    if not rows:
        return
    values = [part for (lane, node, port), n in rows.items() for part in (lane, node, port, n)]
    marks = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {NodeTally._meta.db_table} AS t (lane_id, node_id, port, people) VALUES {marks}"
            " ON CONFLICT (lane_id, node_id, port) DO UPDATE SET people = t.people + excluded.people",
            values,
        )


def request_leaving(journey: Journey, *, now: datetime) -> None:
    """Have the workers take everybody out of an ended journey."""
    from xinglin.core.jobs import enqueue

    enqueue(
        "journeys.take_out",
        {"journey": journey.pk},
        organization_id=journey.organization_id,
        title=str(journey.name),
        dedupe_key=f"journeys.take_out:{journey.pk}",
    )
