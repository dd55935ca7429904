"""Reads of booked visits."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.booking import rules
from xinglin.booking.models import Appointment, Slot
from xinglin.booking.models.source import SourcedModel
from xinglin.booking.queries.slots import day_bounds
from xinglin.core import db
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound

REMINDERS = {"day": timedelta(days=1), "hours": timedelta(hours=2)}
RELATED = ("organization", "patient", "practitioner", "department", "slot")


def get_appointment(*, actor: Actor, public_id: UUID, lock: bool = False) -> Appointment:
    """One appointment the actor sees; NotFound otherwise. ``lock`` holds the row until commit."""
    visible = Appointment.objects.visible_to(actor).filter(public_id=public_id)
    if lock and not db.lock_rows(visible).values_list("pk", flat=True).first():
        raise NotFound
    appointment = visible.select_related(*RELATED).first()
    if appointment is None:
        raise NotFound
    return appointment


def list_appointments(
    *,
    actor: Actor,
    zone: ZoneInfo,
    day: date | None = None,
    until: date | None = None,
    practitioner: UUID | None = None,
    department: str = "",
    statuses: Iterable[str] = (),
    patient_ids: Iterable[int] | None = None,
) -> QuerySet[Appointment]:
    """Appointments the actor sees; ``day`` alone is one local day, with ``until`` a span, both included."""
    found = Appointment.objects.visible_to(actor)
    if day is not None:
        start, end = day_bounds(day, zone=zone, days=((until or day) - day).days + 1)
        found = found.filter(starts_at__gte=start, starts_at__lt=end)
    if practitioner is not None:
        found = found.filter(practitioner__public_id=practitioner)
    if department:
        found = found.filter(department__code=department)
    states = list(statuses)
    if states:
        found = found.filter(status__in=states)
    if patient_ids is not None:
        found = found.filter(patient_id__in=list(patient_ids))
    return found.select_related("patient", "practitioner", "department", "slot")


def list_for_patient(
    *, organization_id: int, patient_id: int, starts_after: datetime | None = None
) -> QuerySet[Appointment]:
    """A person's appointments, latest first; with ``starts_after`` those ahead, next first."""
    found = Appointment.objects.filter(organization_id=organization_id, patient_id=patient_id).select_related(
        "practitioner", "department", "slot"
    )
    if starts_after is None:
        return found.order_by("-starts_at", "-id")
    return found.filter(starts_at__gte=starts_after, status="booked").order_by("starts_at", "id")


def find_next_appointment(*, organization_id: int, patient_id: int, now: datetime) -> Appointment | None:
    """The next visit ahead of a person, if any."""
    return list_for_patient(organization_id=organization_id, patient_id=patient_id, starts_after=now).first()


def count_by_status(*, actor: Actor, day: date, zone: ZoneInfo) -> dict[str, int]:
    """How many appointments of one local day are in each state."""
    start, end = day_bounds(day, zone=zone)
    rows = (
        Appointment.objects.visible_to(actor)
        .filter(starts_at__gte=start, starts_at__lt=end)
        .order_by()
        .values_list("status")
        .annotate(n=Count("id"))
    )
    return dict(rows)


def count_overdue(*, actor: Actor, now: datetime, since: datetime) -> int:
    """Booked visits whose time has passed since ``since`` and which nobody has marked."""
    return (
        Appointment.objects.visible_to(actor)
        .filter(Q(time_known=True), status="booked", starts_at__gte=since, starts_at__lt=now)
        .count()
    )


def find_appointment(*, organization_id: int, appointment_id: int) -> Appointment | None:
    """One appointment by its key, for receivers of events."""
    found = Appointment.objects.filter(organization_id=organization_id, pk=appointment_id)
    return found.select_related(*RELATED).first()


def list_due_reminders(*, now: datetime, kind: str, limit: int = 200) -> list[Appointment]:
    """Visits of all hospitals that want a reminder now: ``day`` (24 hours ahead) or ``hours`` (2 ahead).

    Only what was booked here: another system reminds of its own. Who booked within the span needs none.
    """
    ahead = REMINDERS[kind]
    return list(
        Appointment.objects.filter(
            status="booked",
            time_known=True,
            external_id="",
            starts_at__gt=now,
            starts_at__lte=now + ahead,
            booked_at__lt=F("starts_at") - ahead,
            **{f"reminded_{kind}_at__isnull": True},
        )
        .select_related(*RELATED)
        .order_by("starts_at")[:limit]
    )


def list_stranded(*, actor: Actor, practitioner_id: int, now: datetime) -> QuerySet[Appointment]:
    """Visits booked into slots that were closed afterwards: somebody has to call these patients."""
    return (
        Appointment.objects.visible_to(actor)
        .filter(practitioner_id=practitioner_id, status="booked", starts_at__gt=now, slot__is_open=False)
        .select_related("patient", "slot")
        .order_by("starts_at", "id")
    )


def cancel_deadline(appointment: Appointment | Slot) -> datetime:
    """Until when the patient may cancel a visit (or a visit in this slot) without asking anybody."""
    zone = ZoneInfo(appointment.organization.timezone)
    return rules.free_cancel_deadline(appointment.starts_at, zone=zone)


SOURCE_WORDS = {
    "website": _("官网"),
    "phone": _("电话"),
    "counter": _("前台"),
    "wechat": _("微信"),
    "sms": _("短信"),
    "email": _("邮件"),
    "partner": _("合作单位"),
    "event": _("活动现场"),
    "walk-in": _("直接到院"),
    "import": _("导入"),
}


def source_words(row: SourcedModel) -> str:
    """Where a booking came from, in words; the channel as it stands if we have no word for it."""
    return str(SOURCE_WORDS.get(row.source_channel, row.source_channel))
