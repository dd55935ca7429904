"""Reads of schedules and slots."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet

from xinglin.booking.models import Schedule, ScheduleException, Slot
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound


def day_bounds(day: date, *, zone: ZoneInfo, days: int = 1) -> tuple[datetime, datetime]:
    """The local day (or ``days`` of them) as aware moments, end excluded."""
    start = datetime.combine(day, time.min, tzinfo=zone)
    return start, datetime.combine(day + timedelta(days=days), time.min, tzinfo=zone)


def get_slot(*, actor: Actor, public_id: UUID) -> Slot:
    """One slot of the hospital, whoever's it is; NotFound otherwise."""
    if actor.organization_id is None:
        raise NotFound
    slot = (
        Slot.objects.filter(organization_id=actor.organization_id, public_id=public_id)
        .select_related("organization", "practitioner", "department")
        .first()
    )
    if slot is None:
        raise NotFound
    return slot


def list_slots(
    *,
    organization_id: int,
    starts_from: datetime,
    starts_before: datetime,
    practitioner_id: int | None = None,
    department_id: int | None = None,
) -> QuerySet[Slot]:
    """Every slot of a span of time, full and closed ones too, in order of time."""
    found = Slot.objects.filter(
        organization_id=organization_id, starts_at__gte=starts_from, starts_at__lt=starts_before
    )
    if practitioner_id is not None:
        found = found.filter(practitioner_id=practitioner_id)
    if department_id is not None:
        found = found.filter(department_id=department_id)
    return found.select_related("practitioner", "department").order_by("starts_at", "id")


def list_open_slots(
    *,
    organization_id: int,
    now: datetime,
    until: datetime | None = None,
    practitioner_id: int | None = None,
    department_id: int | None = None,
) -> QuerySet[Slot]:
    """Slots one may still book: open, ahead of ``now``, with room."""
    return list_slots(
        organization_id=organization_id,
        starts_from=now,
        starts_before=until or now + timedelta(days=90),
        practitioner_id=practitioner_id,
        department_id=department_id,
    ).filter(is_open=True, booked_count__lt=F("capacity"))


@dataclass(slots=True)
class DayOffer:
    """One local day of a practitioner: its slots, and in a word whether one may book."""

    day: date
    slots: list[Slot] = field(default_factory=list)
    leave_reason: str = ""

    @property
    def free_count(self) -> int:
        """Places left in the slots still ahead."""
        return sum(slot.free_count for slot in self.slots)

    @property
    def state(self) -> str:
        """``free``, ``full``, ``leave`` (slots exist, all closed) or ``none`` (no surgery that day)."""
        if not self.slots:
            return "leave" if self.leave_reason else "none"
        if self.free_count:
            return "free"
        return "full" if any(slot.is_open for slot in self.slots) else "leave"


def list_day_offers(
    *, organization_id: int, practitioner_id: int, first: date, days: int, zone: ZoneInfo, now: datetime
) -> list[DayOffer]:
    """The next days of one practitioner, each with its slots that have not begun yet."""
    starts_from, ends = day_bounds(first, zone=zone, days=days)
    offers = {first + timedelta(days=n): DayOffer(first + timedelta(days=n)) for n in range(days)}
    for slot in list_slots(
        organization_id=organization_id,
        starts_from=max(starts_from, now),
        starts_before=ends,
        practitioner_id=practitioner_id,
    ):
        offer = offers[slot.starts_at.astimezone(zone).date()]
        offer.slots.append(slot)
        if not slot.is_open:
            offer.leave_reason = offer.leave_reason or slot.closed_reason
    return list(offers.values())


def next_free_by_practitioner(
    *, organization_id: int, practitioner_ids: Iterable[int], now: datetime
) -> dict[int, datetime]:
    """For each practitioner with room the moment of the first slot that has some."""
    rows = (
        list_open_slots(organization_id=organization_id, now=now)
        .filter(practitioner_id__in=list(practitioner_ids))
        .order_by("practitioner_id", "starts_at")
        .values_list("practitioner_id", "starts_at")
    )
    first: dict[int, datetime] = {}
    for practitioner_id, starts_at in rows:
        first.setdefault(practitioner_id, starts_at)
    return first


def list_schedules(*, actor: Actor, practitioner_id: int | None = None) -> QuerySet[Schedule]:
    """Lines of the weekly template the actor sees, by weekday and hour."""
    found = Schedule.objects.visible_to(actor).select_related("practitioner", "department")
    return found if practitioner_id is None else found.filter(practitioner_id=practitioner_id)


def get_schedule(*, actor: Actor, public_id: UUID) -> Schedule:
    """One line of a week; NotFound otherwise."""
    schedule = list_schedules(actor=actor).filter(public_id=public_id).first()
    if schedule is None:
        raise NotFound
    return schedule


def list_leaves(
    *, actor: Actor, practitioner_id: int | None = None, ends_after: datetime | None = None
) -> QuerySet[ScheduleException]:
    """Leaves the actor sees; only those not over yet if ``ends_after`` is given."""
    found = ScheduleException.objects.visible_to(actor).select_related("practitioner")
    if practitioner_id is not None:
        found = found.filter(practitioner_id=practitioner_id)
    return found if ends_after is None else found.filter(ends_at__gt=ends_after)


def get_leave(*, actor: Actor, public_id: UUID) -> ScheduleException:
    """One leave; NotFound otherwise."""
    leave = list_leaves(actor=actor).filter(public_id=public_id).first()
    if leave is None:
        raise NotFound
    return leave


def list_hospitals_with_schedules() -> list[int]:
    """Ids of the hospitals where at least one doctor has a weekly template."""
    return list(
        Schedule.objects.order_by("organization_id").values_list("organization_id", flat=True).distinct()
    )
