# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""Waits: until when, and whether what is waited for has happened."""

from datetime import datetime, timedelta
from typing import Any

from xinglin.core import db
from xinglin.journeys.engine.hop import HOP, Hop
from xinglin.journeys.engine.plan import Plan, Stop
from xinglin.journeys.queries.sources import AHEAD, where_sql
from xinglin.journeys.rules.props import Wait
from xinglin.journeys.rules.timing import next_clock

STANDING = "(t.import_id IS NULL OR t.import_id NOT IN (SELECT import_id FROM ledger_voidedimport))"
#: States of a booking that still stands.
STANDS = "('booked', 'arrived', 'fulfilled')"


def due_of(props: Wait, plan: Plan, now: datetime) -> datetime | None:
    """When a wait that begins now ends for everybody alike; None where nothing but a touch ends it."""
    if props.way == "for" and props.for_:
        return now + timedelta(seconds=props.for_.seconds)
    if props.way == "time" and props.until_time:
        return next_clock(now, props.until_time, plan.zone)
    if props.way == "touch" and props.timeout:
        return now + timedelta(seconds=props.timeout.seconds)
    return None


def happened(props: Wait, plan: Plan, row: str, *, now: datetime) -> tuple[str, list[Any]]:
    """SQL: the touch that ``row`` (HOP, or an enrolment) waits for is there.

    Of this booking it counts whenever it was; otherwise it must come after the person has entered.
    """
    more, params = where_sql("t", props.where)
    if props.same == "booking":
        more += f" AND {db.json_text('t.props', 'appointment')} = {row}.subject"
    else:
        more += f" AND t.at > {row}.entered_at"
    moment, at = db.moment(now + AHEAD)
    sql = (
        f"EXISTS (SELECT 1 FROM ledger_touch t WHERE t.patient_id = {row}.patient_id"
        f" AND t.organization_id = %s AND t.kind = %s AND t.at <= {moment} AND {STANDING}{more})"
    )
    return sql, [plan.organization_id, props.until_touch, at, *params]


def begin(hop: Hop, stop: Stop, ports: tuple[str, ...], target: Stop, n: int, *, is_fast: bool) -> None:
    """People arrive at a wait."""
    props = target.props
    assert isinstance(props, Wait)
    if is_fast:
        hop.arrive(stop, ports, target, n, due=hop.now, moving=True)
        return
    due = due_of(props, hop.plan, hop.now)
    hop.arrive(stop, ports, target, n, due=due, moving=due is not None and due <= hop.now)
    if props.way == "touch":
        hop.stir(target, *happened(props, hop.plan, HOP, now=hop.now))
    if props.way == "field":
        _set_by_booking(hop, target, props)
        hop.stir(target, f"(due_at IS NULL OR due_at <= {hop.moment})", [hop.at])


def _set_by_booking(hop: Hop, stop: Stop, props: Wait) -> None:
    """The moment before or after each person's booking, as it stands; empty where there is none."""
    starts = db.hours_later("a.starts_at", props.offset_hours)
    hop.run(
        f"UPDATE {HOP} SET due_at = (SELECT {starts} FROM booking_appointment a"
        f" WHERE a.id = {HOP}.occurrence AND a.patient_id = {HOP}.patient_id AND a.status IN {STANDS})"
        " WHERE node_id = %s",
        [stop.id],
    )


def leave(hop: Hop, stop: Stop, *, is_fast: bool) -> None:
    """The wait is over: by which port, or not after all, because the booking was moved."""
    props = stop.props
    assert isinstance(props, Wait)
    if props.way == "touch":
        sql, params = happened(props, hop.plan, HOP, now=hop.now)
        late = "timeout" if props.timeout else "next"
        hop.run(
            f"UPDATE {HOP} SET port = CASE WHEN {sql} THEN 'next' ELSE %s END"
            " WHERE node_id = %s AND moving = 1",
            [*params, late, stop.id],
        )
        return
    if props.way == "field" and not is_fast:
        _set_by_booking(hop, stop, props)
        hop.run(
            f"UPDATE {HOP} SET moving = 0 WHERE node_id = %s AND moving = 1 AND due_at > {hop.moment}",
            [stop.id, hop.at],
        )
        hop.run(
            f"UPDATE {HOP} SET port = CASE WHEN due_at IS NULL THEN 'left' ELSE 'next' END,"
            " reason = CASE WHEN due_at IS NULL THEN 'no_booking' ELSE '' END"
            " WHERE node_id = %s AND moving = 1",
            [stop.id],
        )
        return
    hop.set_port(stop, "next")
