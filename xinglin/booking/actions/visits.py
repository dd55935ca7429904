"""The visit itself: into the consulting room and out again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.booking import events, queries, touches
from xinglin.booking.actions.attendance import check_in
from xinglin.booking.actions.errors import AppointmentClosed, VisitClosed
from xinglin.booking.actions.recording import record, words
from xinglin.booking.models import Appointment, Encounter
from xinglin.booking.permissions import Permission
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.core.events import publish
from xinglin.directory import queries as directory
from xinglin.patients import queries as patients


@transaction.atomic
def start_visit(
    *, actor: Actor, appointment: UUID, now: datetime, care: str = Encounter.Care.AMBULATORY
) -> Encounter:
    """Begin the visit of an appointment, checking the patient in if nobody has.

    The visit inherits where the booking came from. Raises NotFound or AppointmentClosed.
    """
    require(actor, Permission.EDIT_VISIT)
    booked = queries.get_appointment(actor=actor, public_id=appointment, lock=True)
    if booked.status in {Appointment.Status.BOOKED, Appointment.Status.NOSHOW}:
        booked = check_in(actor=actor, public_id=appointment, now=now)
    if booked.status != Appointment.Status.ARRIVED or Encounter.objects.filter(appointment=booked).exists():
        raise AppointmentClosed
    encounter = Encounter(
        organization=booked.organization,
        patient_id=booked.patient_id,
        appointment=booked,
        practitioner=booked.practitioner,
        department=booked.department,
        care=care,
        started_at=now,
        **booked.source,
    )
    return _begin(encounter, actor=actor, now=now)


@transaction.atomic
def start_walk_in(
    *,
    actor: Actor,
    patient: UUID,
    department: str,
    now: datetime,
    care: str = Encounter.Care.AMBULATORY,
    source_channel: str = "walk-in",
) -> Encounter:
    """Begin a visit of somebody who came without an appointment. Raises NotFound or Invalid."""
    require(actor, Permission.EDIT_VISIT)
    person = patients.get_patient(actor, patient)
    found = directory.find_department(person.organization_id, department)
    if found is None:
        raise Invalid(fields={"department": [_("没有这个科室")]})
    encounter = Encounter(
        organization_id=person.organization_id,
        patient_id=person.pk,
        department=found,
        care=care,
        started_at=now,
        source_channel=source_channel,
    )
    return _begin(encounter, actor=actor, now=now)


def _begin(encounter: Encounter, *, actor: Actor, now: datetime) -> Encounter:
    encounter.save()
    record(
        encounter,
        touches.VisitStarted(
            visit=str(encounter.public_id),
            appointment=appointment_of(encounter),
            care=str(encounter.care),
            **words(encounter),
        ),
        actor=actor,
        at=now,
        now=now,
        dedupe_key=f"visit.started:{encounter.public_id}",
    )
    audit.record(actor, "booking.visit.started", encounter, at=now)
    return encounter


@transaction.atomic
def end_visit(*, actor: Actor, public_id: UUID, now: datetime, description: str = "") -> Encounter:
    """Finish a visit; its appointment becomes fulfilled. Raises NotFound or VisitClosed."""
    encounter = queries.get_encounter(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_VISIT, encounter.organization_id)
    if encounter.status != Encounter.Status.IN_PROGRESS:
        raise VisitClosed
    encounter.status, encounter.ended_at = Encounter.Status.FINISHED, max(now, encounter.started_at)
    encounter.description = description or encounter.description
    encounter.save(update_fields=["status", "ended_at", "description", "updated_at"])
    if encounter.appointment_id is not None:
        Appointment.objects.filter(pk=encounter.appointment_id, status=Appointment.Status.ARRIVED).update(
            status=Appointment.Status.FULFILLED, updated_at=now
        )
    record(
        encounter,
        touches.VisitEnded(
            visit=str(encounter.public_id),
            appointment=appointment_of(encounter),
            care=str(encounter.care),
            minutes=int((encounter.ended_at - encounter.started_at).total_seconds() // 60),
            **words(encounter),
        ),
        actor=actor,
        at=encounter.ended_at,
        now=now,
        dedupe_key=f"visit.ended:{encounter.public_id}",
    )
    audit.record(actor, "booking.visit.ended", encounter, at=now)
    publish(
        events.VisitEnded(
            organization_id=encounter.organization_id,
            encounter_id=encounter.pk,
            patient_id=encounter.patient_id,
        )
    )
    return encounter


def appointment_of(row: Encounter) -> str:
    """Public id of the appointment behind a visit, or nothing."""
    return str(row.appointment.public_id) if row.appointment else ""
