"""A practitioner's week, leaves, and the slots made of both."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinglin.booking import queries, rules
from xinglin.booking.models import Appointment, Schedule, ScheduleException, Slot
from xinglin.booking.permissions import Permission
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid, NotFound
from xinglin.directory import queries as directory

BATCH = 2_000


@transaction.atomic
def save_schedule(
    *,
    actor: Actor,
    practitioner: UUID,
    weekday: int,
    starts: time,
    ends: time,
    now: datetime,
    slot_minutes: int = 20,
    capacity: int = 1,
    place: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Schedule:
    """Add one line to a practitioner's week and make its slots. Raises NotFound or Invalid."""
    require(actor, Permission.EDIT_SCHEDULE)
    staff = directory.get_staff(actor=actor, public_id=practitioner)
    if staff.department_id is None:
        raise Invalid(fields={"practitioner": [_("这位医生还没有科室，请先在设置里补上")]})
    if starts >= ends:
        raise Invalid(fields={"ends": [_("结束要晚于开始")]})
    zone = ZoneInfo(staff.organization.timezone)
    schedule = Schedule(
        organization_id=staff.organization_id,
        practitioner_id=staff.pk,
        department_id=staff.department_id,
        weekday=weekday,
        starts=starts,
        ends=ends,
        slot_minutes=slot_minutes,
        capacity=capacity,
        place=place,
        valid_from=valid_from or now.astimezone(zone).date(),
        valid_until=valid_until,
    )
    _refuse_clash(schedule)
    schedule.save()
    audit.record(actor, "booking.schedule.added", schedule, at=now, label=str(schedule))
    _make(schedule.organization_id, zone=zone, practitioner_id=staff.pk, days=rules.DAYS_AHEAD, now=now)
    return schedule


@transaction.atomic
def end_schedule(*, actor: Actor, public_id: UUID, now: datetime) -> int:
    """Take a line out of the week; slots nobody booked go, booked ones stay. Returns how many stay."""
    schedule = queries.get_schedule(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_SCHEDULE, schedule.organization_id)
    ahead = Slot.objects.filter(schedule=schedule, starts_at__gt=now)
    kept = ahead.filter(booked_count__gt=0)
    kept.update(is_open=False, closed_reason=_("排班已取消"))
    count = kept.count()
    # A slot with cancelled appointments is still named by them: it is closed instead.
    _drop_unused(ahead.filter(booked_count=0), reason=_("排班已取消"))
    audit.record(actor, "booking.schedule.ended", schedule, at=now, label=str(schedule))
    schedule.delete()
    return count


@transaction.atomic
def add_leave(
    *,
    actor: Actor,
    practitioner: UUID,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    reason: str = "",
) -> ScheduleException:
    """Close every slot of a practitioner in a span of time; visits already booked stay and are shown.

    Raises NotFound or Invalid.
    """
    require(actor, Permission.EDIT_SCHEDULE)
    staff = directory.get_staff(actor=actor, public_id=practitioner)
    if starts_at >= ends_at:
        raise Invalid(fields={"ends_at": [_("结束要晚于开始")]})
    leave = ScheduleException.objects.create(
        organization_id=staff.organization_id,
        practitioner_id=staff.pk,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
    )
    _covered(leave).update(is_open=False, closed_reason=reason, updated_at=now)
    audit.record(actor, "booking.leave.added", leave, at=now, label=str(leave), reason=reason)
    return leave


@transaction.atomic
def remove_leave(*, actor: Actor, public_id: UUID, now: datetime) -> None:
    """Take a leave back; slots no other leave covers are open again. Raises NotFound."""
    leave = queries.get_leave(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_SCHEDULE, leave.organization_id)
    covered = list(_covered(leave).filter(starts_at__gt=now, schedule__isnull=False))
    others = [
        other.window
        for other in ScheduleException.objects.filter(practitioner_id=leave.practitioner_id).exclude(
            pk=leave.pk
        )
    ]
    reopened = [
        slot.pk for slot in covered if not rules.closed_by(rules.Window(slot.starts_at, slot.ends_at), others)
    ]
    Slot.objects.filter(pk__in=reopened).update(is_open=True, closed_reason="", updated_at=now)
    audit.record(actor, "booking.leave.removed", leave, at=now, label=str(leave))
    leave.delete()


@transaction.atomic
def generate_slots(*, actor: Actor, now: datetime, days: int = rules.DAYS_AHEAD) -> int:
    """Make the hospital's missing slots for the days ahead; again changes nothing. Returns how many new."""
    require(actor, Permission.EDIT_SCHEDULE)
    if actor.organization_id is None:
        raise NotFound
    first = Schedule.objects.visible_to(actor).select_related("organization").first()
    if first is None:
        return 0
    zone = ZoneInfo(first.organization.timezone)
    return _make(actor.organization_id, zone=zone, practitioner_id=None, days=days, now=now)


def _make(
    organization_id: int, *, zone: ZoneInfo, practitioner_id: int | None, days: int, now: datetime
) -> int:
    schedules = Schedule.objects.filter(organization_id=organization_id)
    leaves = ScheduleException.objects.filter(organization_id=organization_id, ends_at__gt=now)
    if practitioner_id is not None:
        schedules = schedules.filter(practitioner_id=practitioner_id)
        leaves = leaves.filter(practitioner_id=practitioner_id)
    away: dict[int, list[ScheduleException]] = {}
    for leave in leaves:
        away.setdefault(leave.practitioner_id, []).append(leave)
    today = now.astimezone(zone).date()
    wanted = [
        _slot(schedule, window, away.get(schedule.practitioner_id, ()))
        for schedule in schedules
        for n in range(days + 1)
        for window in rules.shift_windows(schedule.shift, day=today + timedelta(days=n), zone=zone)
        if window.starts_at > now
    ]
    known = set(
        Slot.objects.filter(organization_id=organization_id, starts_at__gt=now).values_list(
            "practitioner_id", "starts_at"
        )
    )
    missing = [slot for slot in wanted if (slot.practitioner_id, slot.starts_at) not in known]
    Slot.objects.bulk_create(missing, batch_size=BATCH, ignore_conflicts=True)
    return len(missing)


def _slot(schedule: Schedule, window: rules.Window, away: Sequence[ScheduleException]) -> Slot:
    leave = next((leave for leave in away if rules.overlaps(window, leave.window)), None)
    return Slot(
        organization_id=schedule.organization_id,
        practitioner_id=schedule.practitioner_id,
        department_id=schedule.department_id,
        schedule=schedule,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        capacity=schedule.capacity,
        place=schedule.place,
        is_open=leave is None,
        closed_reason="" if leave is None else leave.reason,
    )


def _refuse_clash(schedule: Schedule) -> None:
    others = Schedule.objects.filter(practitioner_id=schedule.practitioner_id, weekday=schedule.weekday)
    clash = next((other for other in others if rules.shifts_clash(schedule.shift, other.shift)), None)
    if clash is not None:
        words = _("和已有的 %(from)s–%(to)s 重叠") % {
            "from": f"{clash.starts:%H:%M}",
            "to": f"{clash.ends:%H:%M}",
        }
        raise Invalid(fields={"starts": [words]})


def _covered(leave: ScheduleException) -> QuerySet[Slot]:
    return Slot.objects.filter(
        practitioner_id=leave.practitioner_id, starts_at__lt=leave.ends_at, ends_at__gt=leave.starts_at
    )


def _drop_unused(slots: QuerySet[Slot], *, reason: str) -> None:

    named = Appointment.objects.filter(slot__in=slots).values("slot_id")
    slots.filter(pk__in=named).update(is_open=False, closed_reason=reason)
    slots.exclude(pk__in=named).delete()
