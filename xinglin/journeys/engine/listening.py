# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""Touches that have come in: who enters by them, whose waiting they end, whom they take out."""

from datetime import datetime
from typing import Any

from django.db import connection

from xinglin.core import db
from xinglin.journeys.engine.entering import enter_by_touch
from xinglin.journeys.engine.hop import Hop
from xinglin.journeys.engine.plan import Plan, Stop
from xinglin.journeys.engine.waiting import STANDING
from xinglin.journeys.queries.sources import AHEAD, where_sql

#: So many numbers of the ledger are looked at in one transaction.
STRETCH = 200_000


def newest_by_kind(*, after: int) -> dict[tuple[int, str], int]:
    """The newest number of each (hospital, kind) above ``after``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organization_id, kind, max(seq) FROM ledger_touch WHERE seq > %s GROUP BY 1, 2", [after]
        )
        return {(organization_id, kind): seq for organization_id, kind, seq in cursor.fetchall()}


def hears_something(plan: Plan, *, after: int, upto: int) -> bool:
    """Whether a touch of a kind that this version minds is among the numbers."""
    kinds = sorted(plan.kinds)
    if not kinds or upto <= after:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM ledger_touch WHERE seq > %s AND seq <= %s AND organization_id = %s"
            f" AND kind IN ({', '.join(['%s'] * len(kinds))}) LIMIT 1",
            [after, upto, plan.organization_id, *kinds],
        )
        return cursor.fetchone() is not None


def listen(
    plan: Plan, lane_id: int, shard: int, *, after: int, upto: int, is_open: bool, now: datetime
) -> int:
    """Deal with the touches of one stretch for one lane, inside a transaction; returns how many it moved.

    ``is_open``: people may still enter this version.
    """
    moved = 0
    if is_open and plan.trigger.on == "touch":
        moved += enter_by_touch(plan, lane_id, shard, after=after, upto=upto, now=now)
    for stop, props in plan.waits("touch"):
        more, params = where_sql("t", props.where)
        moved += _wake(
            plan, lane_id, stop, str(props.until_touch), more, params,
            same=props.same == "booking", after=after, upto=upto, now=now,
        )  # fmt: skip
    for stop, _props in plan.waits("field"):
        moved += _wake(
            plan, lane_id, stop, "appointment.moved", "", [], same=True, after=after, upto=upto, now=now
        )
    for kind in plan.graph.leave_on:
        moved += _take_out(plan, lane_id, kind, after=after, upto=upto, now=now)
    return moved


def _said(plan: Plan, kind: str, after: int, upto: int, now: datetime) -> tuple[str, list[Any]]:
    moment, at = db.moment(now + AHEAD)
    return (
        "FROM ledger_touch t WHERE t.seq > %s AND t.seq <= %s AND t.organization_id = %s AND t.kind = %s"
        f" AND t.patient_id IS NOT NULL AND t.at <= {moment} AND {STANDING}",
        [after, upto, plan.organization_id, kind, at],
    )


def _wake(
    plan: Plan, lane_id: int, stop: Stop, kind: str, more: str, params: list[Any], *,
    same: bool, after: int, upto: int, now: datetime,
) -> int:  # fmt: skip
    """Those who wait here for one of these touches are due now; by which port they leave is asked then."""
    said, values = _said(plan, kind, after, upto, now)
    link = f"{db.json_text('t.props', 'appointment')} = e.subject" if same else "t.at > e.entered_at"
    moment, at = db.moment(now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE journeys_enrolment SET due_at = {moment} WHERE id IN (SELECT e.id FROM"
            f" (SELECT t.patient_id, t.at, t.props {said}{more}) AS t"
            " JOIN journeys_enrolment e ON e.patient_id = t.patient_id AND e.journey_id = %s"
            f" WHERE e.state = 1 AND e.node_id = %s AND e.lane_id = %s AND {link})",
            [at, *values, *params, plan.journey_id, stop.id, lane_id],
        )
        return int(cursor.rowcount)


def _take_out(plan: Plan, lane_id: int, kind: str, *, after: int, upto: int, now: datetime) -> int:
    """Whoever is inside and had this touch (of their booking, where they are in for one) leaves."""
    said, values = _said(plan, kind, after, upto, now)
    link = f"(e.subject = '' AND t.at > e.entered_at OR e.subject = {db.json_text('t.props', 'appointment')})"
    hop = Hop(plan, lane_id, now)
    count = hop.take(
        "e.journey_id = %s AND e.version_id = %s AND e.id IN (SELECT e.id FROM"
        f" (SELECT t.patient_id, t.at, t.props {said}) AS t"
        " JOIN journeys_enrolment e ON e.patient_id = t.patient_id AND e.journey_id = %s"
        f" WHERE e.state = 1 AND e.version_id = %s AND {link})",
        [plan.journey_id, plan.version_id, *values, plan.journey_id, plan.version_id],
        port="left",
        reason=kind,
    )
    if count:
        hop.settle()
    return count
