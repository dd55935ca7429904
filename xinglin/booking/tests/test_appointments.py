from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from xinglin.booking import actions
from xinglin.booking.models import Appointment, Slot
from xinglin.booking.permissions import Permission
from xinglin.booking.tests.factories import (
    NOW,
    make_appointment,
    make_doctor,
    make_patient,
    make_slot,
    system,
)
from xinglin.core.errors import NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.ledger.models import Touch

pytestmark = pytest.mark.django_db


def kinds(organization: Any) -> list[str]:
    rows = Touch.objects.filter(organization_id=organization.pk, kind__regex="^(appointment|visit|bill)")
    return list(rows.order_by("seq").values_list("kind", flat=True))


def test_booking_takes_a_place_and_leaves_a_touch() -> None:
    visit = make_appointment(now=NOW)
    slot = Slot.objects.get(pk=visit.slot_id)
    touch = Touch.objects.get(kind="appointment.booked", organization_id=visit.organization_id)

    assert (slot.booked_count, visit.status) == (1, "booked")
    assert touch.patient_id == visit.patient_id
    assert touch.department_id == visit.department_id
    assert touch.props["appointment"] == str(visit.public_id)
    assert touch.props["lead_days"] == 1
    assert touch.props["department"] == visit.department.code


def test_a_full_slot_is_refused() -> None:
    slot = make_slot()
    make_appointment(slot)
    with pytest.raises(actions.SlotFull):
        make_appointment(slot)
    assert Appointment.objects.filter(slot=slot).count() == 1


def test_one_patient_books_a_slot_once_and_may_return_after_cancelling() -> None:
    slot = make_slot(capacity=3)
    patient = make_patient(slot.organization)
    first = make_appointment(slot, patient)
    with pytest.raises(actions.AlreadyBooked):
        make_appointment(slot, patient)
    slot.refresh_from_db()
    assert slot.booked_count == 1

    actor = system(slot.organization)
    actions.cancel_appointment(actor=actor, public_id=first.public_id, reason="x", now=NOW)
    make_appointment(slot, patient)
    slot.refresh_from_db()
    assert slot.booked_count == 1


def test_closed_and_past_slots_are_refused() -> None:
    with pytest.raises(actions.SlotClosed):
        make_appointment(make_slot(is_open=False))
    with pytest.raises(actions.SlotClosed):
        make_appointment(make_slot(starts_at=NOW - timedelta(hours=1)))


def test_the_database_itself_refuses_one_too_many() -> None:
    slot = make_slot()
    with pytest.raises(IntegrityError), transaction.atomic():
        Slot.objects.filter(pk=slot.pk).update(booked_count=2)
    visit = make_appointment(slot)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=visit.pk).update(status="cancelled")


def test_cancelling_frees_the_place_once() -> None:
    visit = make_appointment()
    actor = system(visit.organization)
    actions.cancel_appointment(actor=actor, public_id=visit.public_id, reason="患者来电", now=NOW)
    with pytest.raises(actions.AppointmentClosed):
        actions.cancel_appointment(actor=actor, public_id=visit.public_id, reason="x", now=NOW)

    visit.refresh_from_db()
    assert (visit.status, visit.cancelled_at) == ("cancelled", NOW)
    assert Slot.objects.get(pk=visit.slot_id).booked_count == 0
    assert kinds(visit.organization) == ["appointment.booked", "appointment.cancelled"]


def test_a_patient_cancels_until_the_afternoon_before() -> None:
    visit = make_appointment()
    actor = system(visit.organization)
    late = visit.starts_at - timedelta(hours=2)
    with pytest.raises(actions.TooLate):
        actions.cancel_appointment(
            actor=actor, public_id=visit.public_id, reason="", by_patient=True, now=late
        )
    actions.cancel_appointment(actor=actor, public_id=visit.public_id, reason="", by_patient=True, now=NOW)


def test_moving_takes_the_new_place_and_frees_the_old_one() -> None:
    visit = make_appointment(campaign_id=7)
    old, new = visit.slot_id, make_slot(visit.practitioner)
    actor = system(visit.organization)
    moved = actions.reschedule_appointment(
        actor=actor, public_id=visit.public_id, slot=new.public_id, now=NOW
    )

    counts = dict(Slot.objects.filter(pk__in=[old, new.pk]).values_list("pk", "booked_count"))
    assert counts == {old: 0, new.pk: 1}
    assert (moved.starts_at, moved.campaign_id) == (new.starts_at, 7)
    assert kinds(visit.organization) == ["appointment.booked", "appointment.moved"]


def test_moving_into_a_full_slot_changes_nothing() -> None:
    visit = make_appointment()
    full = make_slot(visit.practitioner)
    make_appointment(full)
    with pytest.raises(actions.SlotFull):
        actions.reschedule_appointment(
            actor=system(visit.organization), public_id=visit.public_id, slot=full.public_id, now=NOW
        )
    visit.refresh_from_db()
    assert Slot.objects.get(pk=visit.slot_id).booked_count == 1


def test_who_came_and_who_did_not() -> None:
    came, missed = make_appointment(), make_appointment()
    with pytest.raises(actions.NotYet):
        actions.mark_missed(actor=system(missed.organization), public_id=missed.public_id, now=NOW)
    actions.check_in(actor=system(came.organization), public_id=came.public_id, now=came.starts_at)
    later = missed.starts_at + timedelta(minutes=30)
    actions.mark_missed(actor=system(missed.organization), public_id=missed.public_id, now=later)

    assert kinds(came.organization) == ["appointment.booked", "appointment.kept"]
    assert kinds(missed.organization) == ["appointment.booked", "appointment.missed"]
    late = actions.check_in(actor=system(missed.organization), public_id=missed.public_id, now=later)
    assert late.status == "arrived"


def test_another_hospital_sees_nothing_and_changes_nothing() -> None:
    visit = make_appointment()
    entries = AuditEntry.objects.filter(action__startswith="booking.").count()
    stranger = make_actor()
    with pytest.raises(NotFound):
        actions.cancel_appointment(actor=stranger, public_id=visit.public_id, reason="x", now=NOW)
    with pytest.raises(NotFound):
        actions.book_appointment(
            actor=stranger, slot=visit.slot.public_id, patient=visit.patient.public_id, now=NOW
        )
    visit.refresh_from_db()
    assert visit.status == "booked"
    assert AuditEntry.objects.filter(action__startswith="booking.").count() == entries


def test_a_patient_of_another_hospital_cannot_be_booked() -> None:
    slot, stranger = make_slot(), make_patient()
    with pytest.raises(NotFound):
        make_appointment(slot, stranger)
    slot.refresh_from_db()
    assert slot.booked_count == 0


def test_permission_is_needed() -> None:
    hospital = make_organization()
    slot = make_slot(make_doctor(hospital))
    patient = make_patient(hospital)
    onlooker = make_actor(
        organization=hospital, permissions={Permission.VIEW_APPOINTMENT, "patients.patient.view"}
    )
    with pytest.raises(PermissionDenied):
        actions.book_appointment(actor=onlooker, slot=slot.public_id, patient=patient.public_id, now=NOW)
