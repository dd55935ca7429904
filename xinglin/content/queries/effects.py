"""What texts and their doctors bring, from first-party touches in the lake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pyarrow as pa
from django.db.models import Q, Sum
from django.utils import timezone

from xinglin.content.models import ContentItem, ExpertPlan, PlacementMetric
from xinglin.content.permissions import Permission
from xinglin.core.actor import Actor
from xinglin.ledger import lake

#: A booking counts this many days after the text was last seen, bills this many after the booking.
BOOKS_WITHIN, PAYS_WITHIN = 30, 180
_SEEN = "t.kind IN ('page.viewed', 'link.clicked')"
_DOCTOR = "json_extract_string(t.props, '$.practitioner')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one doctor's plan brought: followers won, people who booked this doctor after their texts, and
    what those paid for this doctor's care, less refunds, in fen."""

    followers: int
    patients: int
    revenue_fen: int


def plan_effects(*, actor: Actor, plans: Sequence[ExpertPlan], now: datetime) -> Mapping[int, Effect]:
    """By plan, for those whose doctor has agreed and who are this person's to see: all plans for who keeps
    them, their own for a doctor. Empty before the lake's first sync."""
    mine = [plan for plan in plans if plan.consented_at is not None and plan.withdrawn_at is None]
    if not actor.can(Permission.EDIT_PLAN):
        mine = [plan for plan in mine if plan.doctor_id == actor.staff_id]
    pieces = _pieces(mine)
    if not mine or lake.fresh_as_of() is None:
        return {}
    found, won = _brought(actor.organization_id or 0, mine, pieces, now), _followers(mine, pieces)
    return {
        plan.pk: Effect(
            followers=won.get(plan.pk, 0),
            patients=found.get(plan.pk, (0, 0))[0],
            revenue_fen=found.get(plan.pk, (0, 0))[1],
        )
        for plan in mine
    }


def _pieces(plans: Sequence[ExpertPlan]) -> list[tuple[int, int]]:
    """(plan, item) for everything that bears the doctor's name."""
    by_doctor: dict[int, list[int]] = {}
    for plan in plans:
        by_doctor.setdefault(plan.doctor_id, []).append(plan.pk)
    rows = ContentItem.authors.through.objects.filter(staff_id__in=by_doctor)
    return [
        (plan, item)
        for doctor, item in rows.values_list("staff_id", "contentitem_id")
        for plan in by_doctor[doctor]
    ]


def _followers(plans: Sequence[ExpertPlan], pieces: list[tuple[int, int]]) -> dict[int, int]:
    """Plan → followers its texts won while it ran; one query."""
    items: dict[int, list[int]] = {}
    for plan, item in pieces:
        items.setdefault(plan, []).append(item)
    sums = {
        f"plan_{plan.pk}": Sum(
            "followers",
            filter=Q(placement__item__in=items[plan.pk], day__range=(plan.starts_on, plan.ends_on)),
        )
        for plan in plans
        if plan.pk in items
    }
    rows = PlacementMetric.objects.filter(placement__item__in={item for _plan, item in pieces})
    found = rows.aggregate(**sums) if sums else {}
    return {int(name.removeprefix("plan_")): total or 0 for name, total in found.items()}


def _moment(day: Any) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def _brought(
    organization_id: int, plans: Sequence[ExpertPlan], pieces: list[tuple[int, int]], now: datetime
) -> dict[int, tuple[int, int]]:
    """Plan → people and fen."""
    tables = {
        "plans": pa.table(
            {
                "plan": pa.array([plan.pk for plan in plans], pa.int64()),
                "doctor": pa.array([str(plan.doctor.public_id) for plan in plans], pa.string()),
                "since": pa.array([_utc(_moment(plan.starts_on)) for plan in plans], pa.timestamp("us")),
                "until": pa.array(
                    [_utc(min(_moment(plan.ends_on + timedelta(days=1)), now)) for plan in plans],
                    pa.timestamp("us"),
                ),
            }
        ),
        "pieces": pa.table(
            {
                "plan": pa.array([plan for plan, _item in pieces], pa.int64()),
                "content_id": pa.array([item for _plan, item in pieces], pa.int64()),
            }
        ),
    }
    sql = f"""
      WITH seen AS (
        SELECT c.plan, t.patient_id, t."at" FROM touches t
          JOIN pieces c ON c.content_id = t.content_id JOIN plans p ON p.plan = c.plan
        WHERE t.organization_id = $organization AND {_SEEN} AND t.patient_id IS NOT NULL
          AND t."at" >= p.since AND t."at" < p.until),
      booked AS (
        SELECT p.plan, t.patient_id, min(t."at") AS "at" FROM touches t JOIN plans p ON p.doctor = {_DOCTOR}
        WHERE t.organization_id = $organization AND t.kind = 'appointment.booked'
          AND EXISTS (SELECT 1 FROM seen s WHERE s.plan = p.plan AND s.patient_id = t.patient_id
            AND s."at" <= t."at" AND s."at" >= t."at" - INTERVAL {BOOKS_WITHIN} DAY)
        GROUP BY ALL),
      paid AS (
        SELECT b.plan, sum(CASE t.kind WHEN 'bill.settled' THEN t.amount_fen ELSE -t.amount_fen END) AS fen
        FROM touches t JOIN booked b ON b.patient_id = t.patient_id
          JOIN plans p ON p.plan = b.plan AND p.doctor = {_DOCTOR}
        WHERE t.organization_id = $organization AND t.kind IN ('bill.settled', 'bill.refunded')
          AND t."at" >= b."at" AND t."at" < b."at" + INTERVAL {PAYS_WITHIN} DAY
        GROUP BY ALL)
      SELECT b.plan, count(DISTINCT b.patient_id), coalesce(any_value(paid.fen), 0)
      FROM booked b LEFT JOIN paid ON paid.plan = b.plan GROUP BY b.plan"""  # noqa: S608 (our own words)
    with lake.cursor() as cursor:
        for name, table in tables.items():
            cursor.register(name, table)
        rows = cursor.execute(sql, {"organization": organization_id}).fetchall()
    return {plan: (int(people), int(fen)) for plan, people, fen in rows}


def _utc(moment: datetime) -> datetime:
    """As the lake keeps time: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class SiteNumbers:
    """Of one text on the hospital's own site: views, agreed visitors, bookings it led to."""

    views: int
    visitors: int
    bookings: int


def site_numbers() -> Mapping[int, SiteNumbers]:
    """By item, every hospital's; empty before the lake's first sync. Items nobody has seen are missing."""
    if lake.fresh_as_of() is None:
        return {}
    sql = """
      SELECT t.content_id, count(*) FILTER (WHERE t.kind = 'page.viewed'),
        count(DISTINCT t.visitor) FILTER (WHERE t.kind = 'page.viewed'),
        count(*) FILTER (WHERE t.kind = 'appointment.booked')
      FROM touches t
      WHERE t.content_id IS NOT NULL AND t.kind IN ('page.viewed', 'appointment.booked')
      GROUP BY t.content_id"""
    with lake.cursor() as cursor:
        rows = cursor.execute(sql).fetchall()
    return {item: SiteNumbers(views, visitors, bookings) for item, views, visitors, bookings in rows}
