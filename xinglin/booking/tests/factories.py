"""Rows for tests about booking: a doctor, free slots, appointments, visits."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from xinglin.booking import actions
from xinglin.booking.models import Slot
from xinglin.core.actor import Actor
from xinglin.directory.tests.factories import make_department, make_organization, make_staff
from xinglin.patients import actions as patients

#: Monday 2026-11-23, 09:00 in Shanghai.
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
_numbers = count(1)


def system(organization: Any) -> Actor:
    """The hospital's own system."""
    return Actor.system(organization.pk, "test")


def make_doctor(organization: Any = None, **facts: Any) -> Any:
    """A doctor in a department."""
    organization = organization or make_organization()
    department = facts.pop("department", None) or make_department(organization)
    return make_staff(organization, department=department, is_practitioner=True, **facts)


def make_patient(organization: Any = None, **facts: Any) -> Any:
    """A patient with an own phone."""
    organization = organization or make_organization()
    number = next(_numbers)
    values: dict[str, Any] = {"name": f"患者{number}", "phone": f"138{number:08d}", **facts}
    return patients.register_patient(actor=system(organization), now=NOW, **values)


def make_slot(
    doctor: Any = None, *, starts_at: datetime | None = None, capacity: int = 1, **facts: Any
) -> Any:
    """A free slot tomorrow, each a quarter of an hour after the last."""
    doctor = doctor or make_doctor()
    starts_at = starts_at or NOW + timedelta(days=1, minutes=15 * next(_numbers))
    return Slot.objects.create(
        organization_id=doctor.organization_id,
        practitioner=doctor,
        department=doctor.department,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=15),
        capacity=capacity,
        **facts,
    )


def make_appointment(slot: Any = None, patient: Any = None, **facts: Any) -> Any:
    """A booked visit."""
    slot = slot or make_slot()
    patient = patient or make_patient(slot.organization)
    values: dict[str, Any] = {"now": NOW, **facts}
    return actions.book_appointment(
        actor=system(slot.organization), slot=slot.public_id, patient=patient.public_id, **values
    )


def make_visit(appointment: Any = None, *, now: datetime | None = None) -> Any:
    """A visit under way."""
    appointment = appointment or make_appointment()
    return actions.start_visit(
        actor=system(appointment.organization),
        appointment=appointment.public_id,
        now=now or appointment.starts_at,
    )
