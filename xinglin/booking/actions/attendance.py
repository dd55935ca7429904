"""Who came and who did not."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from xinglin.booking import events, queries, rules, touches
from xinglin.booking.actions.appointments import lead_days
from xinglin.booking.actions.errors import AppointmentClosed, NotYet
from xinglin.booking.actions.recording import record, words
from xinglin.booking.models import Appointment
from xinglin.booking.permissions import Permission
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.events import publish


@transaction.atomic
def check_in(*, actor: Actor, public_id: UUID, now: datetime) -> Appointment:
    """The patient is here, in time or after having been marked missed. Raises AppointmentClosed."""
    appointment = queries.get_appointment(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_APPOINTMENT, appointment.organization_id)
    if not rules.may_follow(appointment.status, Appointment.Status.ARRIVED):
        raise AppointmentClosed
    appointment.status, appointment.arrived_at = Appointment.Status.ARRIVED, now
    appointment.save(update_fields=["status", "arrived_at", "updated_at"])
    record(
        appointment,
        touches.AppointmentKept(
            appointment=str(appointment.public_id), lead_days=lead_days(appointment), **words(appointment)
        ),
        actor=actor,
        at=now,
        now=now,
        dedupe_key=f"appointment.kept:{appointment.public_id}",
    )
    audit.record(actor, "booking.appointment.checked_in", appointment, at=now)
    return appointment


@transaction.atomic
def mark_missed(*, actor: Actor, public_id: UUID, now: datetime) -> Appointment:
    """The patient did not come; only once the time has passed. Raises AppointmentClosed or NotYet."""
    appointment = queries.get_appointment(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_APPOINTMENT, appointment.organization_id)
    if not rules.may_follow(appointment.status, Appointment.Status.NOSHOW):
        raise AppointmentClosed
    if now < appointment.starts_at:
        raise NotYet
    appointment.status, appointment.missed_at = Appointment.Status.NOSHOW, now
    appointment.save(update_fields=["status", "missed_at", "updated_at"])
    record(
        appointment,
        touches.AppointmentMissed(
            appointment=str(appointment.public_id), lead_days=lead_days(appointment), **words(appointment)
        ),
        actor=actor,
        at=now,
        now=now,
        dedupe_key=f"appointment.missed:{appointment.public_id}",
    )
    audit.record(actor, "booking.appointment.missed", appointment, at=now)
    publish(
        events.AppointmentMissed(
            organization_id=appointment.organization_id,
            appointment_id=appointment.pk,
            patient_id=appointment.patient_id,
        )
    )
    return appointment


def note_reminded(*, actor: Actor, public_id: UUID, kind: str, now: datetime) -> bool:
    """Remember that a reminder (``day`` or ``hours``) is in the outbox; False when it was already."""
    require(actor, Permission.EDIT_APPOINTMENT)
    column = {"day": "reminded_day_at", "hours": "reminded_hours_at"}[kind]
    mine = Appointment.objects.visible_to(actor).filter(public_id=public_id, **{f"{column}__isnull": True})
    return mine.update(**{column: now}) == 1
