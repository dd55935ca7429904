# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""People enter: by a touch, by an audience, by a date, by a schedule. Once for each occurrence, for ever."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from xinglin.core import db
from xinglin.journeys.engine.moving import add_tallies
from xinglin.journeys.engine.plan import Plan
from xinglin.journeys.engine.waiting import STANDING
from xinglin.journeys.queries import sources
from xinglin.journeys.rules.timing import at_clock, day_number, day_of, is_its_turn, next_clock
from xinglin.journeys.touches import JourneyEntered
from xinglin.ledger.actions import NewTouch, record_many

NEW = "journeys_new"
#: An audience is looked at so often; dates that were missed are made up for so many days.
AUDIENCE_EVERY = timedelta(minutes=15)
MOST_DAYS = 7
_COLUMNS = (
    "organization_id, journey_id, version_id, lane_id, patient_id, occurrence, subject, state, node_id,"
    " entered_at, arrived_at, due_at, left_at, left_reason"
)


def enter_by_touch(plan: Plan, lane_id: int, shard: int, *, after: int, upto: int, now: datetime) -> int:
    """Everybody of one lane whose touch with ``after`` < seq ≤ ``upto`` is the one the trigger names."""
    props, moment = plan.trigger, db.moment(now)
    where, params = sources.where_sql("t", props.where)
    named = db.json_text("t.props", "appointment")
    join = f"LEFT JOIN booking_appointment a ON a.public_id = {db.uuid_of(named)}"
    occurrence, subject, joined = {
        "once": ("0", "''", ""),
        "touch": ("t.seq", "''", ""),
        "booking": ("COALESCE(a.id, -t.seq)", f"COALESCE(substr({named}, 1, 40), '')", join),
    }[props.occurrence]
    source = (
        f"SELECT %s, %s, %s, %s, t.patient_id, {occurrence}, {subject}, 1, %s, t.at, {moment[0]},"
        f" {moment[0]}, NULL, '' FROM ledger_touch t {joined}"
        " WHERE t.seq > %s AND t.seq <= %s AND t.organization_id = %s AND t.kind = %s AND t.at > %s"
        " AND t.at <= %s"
        f" AND t.patient_id IS NOT NULL AND t.patient_id %% {len(plan.lanes)} = %s AND {STANDING}{where}"
    )
    values = [
        plan.organization_id, plan.journey_id, plan.version_id, lane_id, plan.entrance.id,
        moment[1], moment[1], after, upto, plan.organization_id, props.kind,
        db.moment(now - sources.FRESH)[1], db.moment(now + sources.AHEAD)[1], shard, *params,
    ]  # fmt: skip
    if db.is_postgres():
        source = source.replace(", NULL, ''", ", NULL::timestamptz, ''")
    return _insert(plan, source, values, now)


def enter(plan: Plan, rows: Sequence[tuple[int, int, str]], *, now: datetime) -> int:
    """Let (patient_id, occurrence, subject) in, each into their lane; who is or was in already stays out.

    Call it inside a transaction. Returns how many are new.
    """
    if not rows:
        return 0
    db.temporary_table(
        NEW, {"patient_id": "id", "occurrence": "id", "subject": "text"}, key="patient_id, occurrence"
    )
    db.insert_temporary(NEW, ("patient_id", "occurrence", "subject"), list(dict.fromkeys(rows)))
    moment, at = db.moment(now)
    nothing = "NULL::timestamptz" if db.is_postgres() else "NULL"
    cases = " ".join(f"WHEN {shard} THEN {lane}" for shard, lane in sorted(plan.lanes.items()))
    source = (
        f"SELECT %s, %s, %s, CASE n.patient_id %% {len(plan.lanes)} {cases} END, n.patient_id, n.occurrence,"
        f" n.subject, 1, %s, {moment}, {moment}, {moment}, {nothing}, '' FROM {NEW} n WHERE true"
    )
    values = [plan.organization_id, plan.journey_id, plan.version_id, plan.entrance.id, at, at, at]
    return _insert(plan, source, values, now)


def _insert(plan: Plan, source: str, values: list[Any], now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO journeys_enrolment ({_COLUMNS}) {source}"
            " ON CONFLICT DO NOTHING RETURNING lane_id, patient_id, occurrence",
            values,
        )
        made = cursor.fetchall()
    counts = Counter(lane for lane, _patient, _occurrence in made)
    add_tallies({(lane, plan.entrance.id, "in"): n for lane, n in counts.items()})
    if not plan.is_test:
        record_many(
            (_entered(plan, patient, occurrence, now) for _lane, patient, occurrence in made), now=now
        )
    return len(made)


def _entered(plan: Plan, patient_id: int, occurrence: int, now: datetime) -> NewTouch:
    return NewTouch(
        props=JourneyEntered(journey=plan.journey_public_id, version=plan.number, occurrence=occurrence),
        organization_id=plan.organization_id,
        at=now,
        patient_id=patient_id,
        dedupe_key=f"journey:{plan.journey_id}:{patient_id}:{occurrence}:entered",
    )


def due_entries(plan: Plan, *, ran_through: int, now: datetime) -> Iterable[list[tuple[int, int, str]]]:
    """Who enters by the clock now, in chunks; ``ran_through`` is the last day that was dealt with, or 0."""
    props = plan.trigger
    today = now.astimezone(ZoneInfo(plan.zone)).date()
    if props.on == "audience":
        for ids in sources.in_audience(plan.organization_id, props, now=now):
            yield [(pk, 0, "") for pk in ids]
        return
    days = _days(today, ran_through, props.at, plan.zone, now)
    if props.on == "schedule":
        starts = [day for day in days if is_its_turn(day, props.every, props.number)]
        if starts:
            for ids in sources.in_audience(plan.organization_id, props, now=now):
                yield [(pk, day_number(starts[-1]), "") for pk in ids]
    elif props.on == "date":
        for day in days:
            yield from _of_day(plan, day)


def _days(today: date, ran_through: int, at: str, zone: str, now: datetime) -> list[date]:
    """The days whose hour has come and that have not been dealt with, at most a week of them."""
    last = today if at_clock(today, at, zone) <= now else today - timedelta(days=1)
    first = day_of(ran_through) + timedelta(days=1) if ran_through else today
    first = max(first, today - timedelta(days=MOST_DAYS - 1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _of_day(plan: Plan, day: date) -> Iterable[list[tuple[int, int, str]]]:
    props = plan.trigger
    about = day_number(day - timedelta(days=props.offset_days))
    rows = sources.on_date(plan.organization_id, props, day=day, zone=plan.zone)
    chunk: list[tuple[int, int, str]] = []
    for row in rows.iterator(chunk_size=sources.CHUNK):
        chunk.append((row[0], about, "") if len(row) == 1 else (row[0], row[1], str(row[2])))
        if len(chunk) >= sources.CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def next_run(plan: Plan, *, now: datetime) -> tuple[datetime, int]:
    """When the clock's trigger is looked at next, and the last day that has been dealt with then."""
    props = plan.trigger
    today = now.astimezone(ZoneInfo(plan.zone)).date()
    if props.on == "audience":
        return now + AUDIENCE_EVERY, 0
    has_come = at_clock(today, props.at, plan.zone) <= now
    done = today if has_come else today - timedelta(days=1)
    return next_clock(now + timedelta(seconds=1), props.at, plan.zone), day_number(done)
