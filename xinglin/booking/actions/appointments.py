"""Booking, moving and cancelling a visit."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from xinglin.booking import events, queries, rules, touches
from xinglin.booking.actions.errors import AlreadyBooked, AppointmentClosed, SlotClosed, SlotFull, TooLate
from xinglin.booking.actions.recording import record, words
from xinglin.booking.models import Appointment, Slot
from xinglin.booking.permissions import Permission
from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.events import publish
from xinglin.patients import queries as patients

MOVED = (
    "slot",
    "starts_at",
    "time_known",
    "practitioner",
    "department",
    "reminded_day_at",
    "reminded_hours_at",
)


@transaction.atomic
def book_appointment(
    *,
    actor: Actor,
    slot: UUID,
    patient: UUID,
    now: datetime,
    source_channel: str = "",
    campaign_id: int | None = None,
    content_id: int | None = None,
    partner_id: int | None = None,
    visitor: UUID | None = None,
    message: str = "",
    note: str = "",
) -> Appointment:
    """Take one place in a slot for a patient; where it came from goes along to visit and bill.

    Never oversold: the place is taken by one conditional update, and the database refuses one too many.
    Raises NotFound, SlotClosed, SlotFull or AlreadyBooked.
    """
    found = queries.get_slot(actor=actor, public_id=slot)
    require(actor, Permission.EDIT_APPOINTMENT, found.organization_id)
    person = patients.get_patient(actor, patient)
    take_place(found, now=now)
    _refuse_twice(slot=found, patient_id=person.pk)
    appointment = Appointment.objects.create(
        organization_id=found.organization_id,
        patient_id=person.pk,
        slot=found,
        practitioner=found.practitioner,
        department=found.department,
        starts_at=found.starts_at,
        booked_at=now,
        booked_by_id=actor.staff_id,
        note=note,
        source_channel=source_channel,
        campaign_id=campaign_id,
        content_id=content_id,
        partner_id=partner_id,
        visitor=visitor,
        message=message,
    )
    appointment.organization = found.organization
    record(
        appointment,
        touches.AppointmentBooked(
            appointment=str(appointment.public_id),
            starts_at=appointment.starts_at.isoformat(),
            lead_days=lead_days(appointment),
            **words(appointment),
        ),
        actor=actor,
        at=now,
        now=now,
        dedupe_key=f"appointment.booked:{appointment.public_id}",
    )
    audit.record(actor, "booking.appointment.booked", appointment, at=now)
    publish(events.AppointmentBooked(**_facts(appointment), starts_at=appointment.starts_at.isoformat()))
    return appointment


@transaction.atomic
def reschedule_appointment(*, actor: Actor, public_id: UUID, slot: UUID, now: datetime) -> Appointment:
    """Move a booked visit to another slot and free the old one, both or neither.

    Raises NotFound, AppointmentClosed, SlotClosed, SlotFull or AlreadyBooked.
    """
    appointment = queries.get_appointment(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_APPOINTMENT, appointment.organization_id)
    if not appointment.is_booked:
        raise AppointmentClosed
    target = queries.get_slot(actor=actor, public_id=slot)
    if target.pk == appointment.slot_id:
        raise AlreadyBooked
    # Both slots are locked in one order, so that two people swapping places cannot wait for each other.
    ids = [pk for pk in (target.pk, appointment.slot_id) if pk is not None]
    list(db.lock_rows(Slot.objects.filter(pk__in=ids).order_by("pk")).values_list("pk", flat=True))
    take_place(target, now=now)
    _refuse_twice(slot=target, patient_id=appointment.patient_id)
    free_place(appointment)
    before = appointment.starts_at
    appointment.slot, appointment.starts_at, appointment.time_known = target, target.starts_at, True
    appointment.practitioner, appointment.department = target.practitioner, target.department
    appointment.reminded_day_at = appointment.reminded_hours_at = None
    appointment.save(update_fields=[*MOVED, "updated_at"])
    record(
        appointment,
        touches.AppointmentMoved(
            appointment=str(appointment.public_id),
            from_at=before.isoformat(),
            starts_at=appointment.starts_at.isoformat(),
            **words(appointment),
        ),
        actor=actor,
        at=now,
        now=now,
        dedupe_key=f"appointment.moved:{appointment.public_id}:{now.isoformat()}",
    )
    audit.record(actor, "booking.appointment.moved", appointment, at=now, from_at=before.isoformat())
    publish(events.AppointmentMoved(**_facts(appointment), starts_at=appointment.starts_at.isoformat()))
    return appointment


@transaction.atomic
def cancel_appointment(
    *, actor: Actor, public_id: UUID, reason: str, now: datetime, by_patient: bool = False
) -> Appointment:
    """Free a slot; ``now`` is aware. Raises NotFound, PermissionDenied, AppointmentClosed.

    ``by_patient`` holds to the patients' deadline (17:00 the day before) and raises TooLate after it.
    """
    appointment = queries.get_appointment(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_APPOINTMENT, appointment.organization_id)
    if not rules.may_follow(appointment.status, Appointment.Status.CANCELLED):
        raise AppointmentClosed
    if by_patient and now > rules.free_cancel_deadline(appointment.starts_at, zone=zone_of(appointment)):
        raise TooLate
    free_place(appointment)
    appointment.status, appointment.cancelled_at = Appointment.Status.CANCELLED, now
    appointment.cancel_reason = reason
    appointment.save(update_fields=["status", "cancelled_at", "cancel_reason", "updated_at"])
    record(
        appointment,
        touches.AppointmentCancelled(
            appointment=str(appointment.public_id),
            reason=reason,
            by="patient" if by_patient else "staff",
            **words(appointment),
        ),
        actor=actor,
        at=now,
        now=now,
        dedupe_key=f"appointment.cancelled:{appointment.public_id}",
    )
    audit.record(actor, "booking.appointment.cancelled", appointment, at=now, reason=reason)
    publish(events.AppointmentCancelled(**_facts(appointment)))
    return appointment


def take_place(slot: Slot, *, now: datetime) -> None:
    """Count one more patient in ``slot`` if there is room; the row stays locked until commit."""
    free = Slot.objects.filter(pk=slot.pk, is_open=True, starts_at__gt=now, booked_count__lt=F("capacity"))
    if free.update(booked_count=F("booked_count") + 1, updated_at=now):
        return
    current = Slot.objects.get(pk=slot.pk)
    raise SlotClosed if not current.is_open or current.starts_at <= now else SlotFull


def free_place(appointment: Appointment) -> None:
    """Count one patient less in the appointment's slot."""
    if appointment.slot_id is not None:
        Slot.objects.filter(pk=appointment.slot_id, booked_count__gt=0).update(
            booked_count=F("booked_count") - 1
        )


def _refuse_twice(*, slot: Slot, patient_id: int) -> None:
    """Nobody else can come between: the slot's row is locked by ``take_place``."""
    held = Appointment.objects.filter(slot=slot, patient_id=patient_id)
    if held.exclude(status=Appointment.Status.CANCELLED).exists():
        raise AlreadyBooked


def zone_of(row: Any) -> ZoneInfo:
    """The hospital's time zone."""
    return ZoneInfo(row.organization.timezone)


def lead_days(appointment: Appointment) -> int:
    """Calendar days between booking and visit."""
    return rules.lead_days(
        booked_at=appointment.booked_at, starts_at=appointment.starts_at, zone=zone_of(appointment)
    )


def _facts(appointment: Appointment) -> dict[str, int]:
    return {
        "organization_id": appointment.organization_id,
        "appointment_id": appointment.pk,
        "patient_id": appointment.patient_id,
    }
