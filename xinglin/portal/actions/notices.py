"""What a patient is told about an appointment: booked, moved, cancelled, reminded; always by the outbox."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.booking import actions as booking
from xinglin.booking import queries as booking_queries
from xinglin.core.actor import Actor
from xinglin.outreach import actions as outreach
from xinglin.portal.signed import appointment_url


def tell_patient(*, organization_id: int, appointment_id: int, occasion: str, now: datetime) -> bool:
    """Queue the notice of ``occasion`` (``appointment.booked`` …); the same state twice is one message.

    False where there is nothing to tell: the appointment is gone, past, or of another system.
    """
    appointment = booking_queries.find_appointment(
        organization_id=organization_id, appointment_id=appointment_id
    )
    if appointment is None or appointment.external_id or appointment.starts_at <= now:
        return False
    key = f"{occasion}:{appointment.public_id}:{int(appointment.starts_at.timestamp())}"
    _queue(appointment, occasion=occasion, key=key, now=now)
    return True


def send_due_reminders(*, kind: str, now: datetime) -> int:
    """Queue the reminders that are due (``day`` or ``hours`` ahead); returns how many."""
    due = booking_queries.list_due_reminders(now=now, kind=kind)
    for appointment in due:
        actor = Actor.system(appointment.organization_id, "portal")
        with transaction.atomic():
            if booking.note_reminded(actor=actor, public_id=appointment.public_id, kind=kind, now=now):
                stamp = int(appointment.starts_at.timestamp())
                key = f"appointment.reminder:{kind}:{appointment.public_id}:{stamp}"
                _queue(appointment, occasion="appointment.reminder", key=key, now=now)
    return len(due)


def _queue(appointment: Any, *, occasion: str, key: str, now: datetime) -> None:
    hospital = appointment.organization
    local = appointment.starts_at.astimezone(ZoneInfo(hospital.timezone))
    days = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    outreach.queue_message(
        key=key,
        patient_id=appointment.patient_id,
        organization_id=appointment.organization_id,
        template=occasion,
        variables={
            "patient": appointment.patient.name,
            "hospital": hospital.display_name,
            "department": appointment.department.name if appointment.department else "",
            "doctor": appointment.practitioner.name if appointment.practitioner else "",
            "starts_at": f"{local:%Y-%m-%d} {days[local.weekday()]} {local:%H:%M}",
            "link": f"{settings.PUBLIC_URL}{appointment_url(hospital.slug, appointment)}",
        },
        now=now,
    )
