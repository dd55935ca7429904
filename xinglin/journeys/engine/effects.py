# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""What a node does besides moving people: tasks, tags, points, calls of other systems, goals."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps

from xinglin.core.actor import Actor
from xinglin.journeys.engine.hop import Hop
from xinglin.journeys.engine.plan import Stop
from xinglin.journeys.models import JourneyTask
from xinglin.journeys.queries import assignees
from xinglin.journeys.rules.props import Goal, Points, Tag, Task
from xinglin.journeys.touches import JourneyGoalReached, PointsEarned
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.patients import actions as patients

PIECE = 5_000


def _people(hop: Hop, stop: Stop) -> list[tuple[int, int]]:
    """(patient_id, occurrence) of all who pass."""
    return [(row[0], row[1]) for row in hop.rows(*hop.who(stop))]


def make_tasks(hop: Hop, stop: Stop) -> None:
    """One task a person and occurrence."""
    props = stop.props
    assert isinstance(props, Task)
    to = assignees.resolve(hop.plan.organization_id, props.to)
    JourneyTask.objects.bulk_create(
        [
            JourneyTask(
                organization_id=hop.plan.organization_id,
                journey_id=hop.plan.journey_id,
                node_id=stop.id,
                patient_id=patient_id,
                occurrence=occurrence,
                what=props.what,
                text=props.text,
                **to,
                due_at=hop.now + timedelta(days=props.due_days),
            )
            for patient_id, occurrence in _people(hop, stop)
        ],
        ignore_conflicts=True,
        batch_size=PIECE // 10,
    )


def tag(hop: Hop, stop: Stop) -> None:
    """Put the tag on everybody, or take it off."""
    props = stop.props
    assert isinstance(props, Tag)
    ids = sorted({patient_id for patient_id, _ in _people(hop, stop)})
    for start in range(0, len(ids), PIECE):
        patients.tag_many(
            actor=Actor.system(hop.plan.organization_id, "journeys"),
            patient_ids=ids[start : start + PIECE],
            name=props.tag,
            now=hop.now,
            remove=props.remove,
        )


def give_points(hop: Hop, stop: Stop) -> None:
    props = stop.props
    assert isinstance(props, Points)
    made = PointsEarned(points=props.points, reason=props.reason, journey=hop.plan.journey_public_id)
    _record(hop, stop, lambda _occurrence: made, "points")


def count_goal(hop: Hop, stop: Stop) -> None:
    props = stop.props
    assert isinstance(props, Goal)

    def reached(occurrence: int) -> JourneyGoalReached:
        return JourneyGoalReached(
            journey=hop.plan.journey_public_id,
            version=hop.plan.number,
            occurrence=occurrence,
            goal=props.goal or props.label,
        )

    _record(hop, stop, reached, "goal")


def _record(hop: Hop, stop: Stop, props_of: Callable[[int], Any], word: str) -> None:
    def touches() -> Iterable[NewTouch]:
        for patient_id, occurrence in _people(hop, stop):
            yield NewTouch(
                props=props_of(occurrence),
                organization_id=hop.plan.organization_id,
                at=hop.now,
                patient_id=patient_id,
                dedupe_key=f"journey:{word}:{stop.id}:{patient_id}:{occurrence}",
            )

    record_many(touches(), now=hop.now)


def queue_webhooks(hop: Hop, stop: Stop) -> None:
    """One call a person and occurrence, made by ``calling`` afterwards."""
    people, params = hop.who(stop)
    hop.run(
        "INSERT INTO journeys_webhookcall (organization_id, journey_id, node_id, patient_id, occurrence,"
        " state, is_test, attempts, due_at, created_at, worker, error)"
        f" SELECT %s, %s, %s, who.patient_id, who.occurrence, 'queued', %s, 0, {hop.moment}, {hop.moment},"
        f" '', '' FROM ({people}) AS who WHERE true ON CONFLICT DO NOTHING",
        [hop.plan.organization_id, hop.plan.journey_id, stop.id, False, hop.at, hop.at, *params],
    )


def words_of_bookings(hop: Hop, stop: Stop, version: Any) -> Iterator[tuple[int, int, dict[str, str]]]:
    """When, where and with whom each person's booking is, for wordings that say so.

    The names are those of the notices about bookings: starts_at, department, doctor, in Chinese too.
    """
    text = " ".join(str(body.get("body", "")) for body in version.bodies.values())
    if not any(name in text for name in BOOKING_WORDS):
        return
    people, params = hop.who(stop)
    bookings = hop.rows(
        "SELECT who.patient_id, who.occurrence, a.id FROM"
        f" ({people}) AS who JOIN booking_appointment a ON a.id = who.occurrence"
        " AND a.patient_id = who.patient_id",
        params,
    )
    model = apps.get_model("booking", "Appointment")
    zone = ZoneInfo(hop.plan.zone)
    for start in range(0, len(bookings), PIECE):
        piece = bookings[start : start + PIECE]
        rows = model._default_manager.select_related("department", "practitioner").in_bulk(
            [pk for _patient, _occurrence, pk in piece]
        )
        for patient_id, occurrence, pk in piece:
            yield patient_id, occurrence, _words(rows[pk], zone)


BOOKING_WORDS = ("时间", "科室", "医生", "starts_at", "department", "doctor")


def _words(appointment: Any, zone: ZoneInfo) -> dict[str, str]:
    local = appointment.starts_at.astimezone(zone)
    when = f"{local:%Y-%m-%d} 周{'一二三四五六日'[local.weekday()]}"
    when += f" {local:%H:%M}" if appointment.time_known else ""
    department = appointment.department.name if appointment.department else ""
    doctor = appointment.practitioner.name if appointment.practitioner else ""
    return {
        "时间": when, "科室": department, "医生": doctor,
        "starts_at": when, "department": department, "doctor": doctor,
    }  # fmt: skip
