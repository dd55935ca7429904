"""Five hundred people on fifty slots: exactly fifty bookings, whatever the database."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection, connections

from xinglin.booking import actions
from xinglin.booking.models import Appointment, Slot
from xinglin.booking.tests.factories import NOW, make_doctor, make_patient, make_slot, system
from xinglin.core.errors import DomainError
from xinglin.ledger.models import Touch
from xinglin.patients.models import Patient

PEOPLE, PLACES = 500, 50


@pytest.mark.django_db(transaction=True)
def test_never_oversold() -> None:
    doctor = make_doctor()
    organization = doctor.organization
    slots = [make_slot(doctor, capacity=1) for _ in range(PLACES - 5)] + [make_slot(doctor, capacity=5)]
    people = Patient.objects.bulk_create(
        [Patient(organization=organization, name=f"患者{number}") for number in range(PEOPLE)]
    )

    def book(number: int) -> str:
        try:
            actions.book_appointment(
                actor=system(organization),
                slot=UUID(str(slots[number % len(slots)].public_id)),
                patient=people[number].public_id,
                now=NOW,
            )
        except DomainError as error:
            return error.code
        finally:
            connections.close_all()
        return "booked"

    workers = 24 if connection.vendor == "postgresql" else 6
    with ThreadPoolExecutor(workers) as pool:
        outcomes = list(pool.map(book, range(PEOPLE)))

    assert outcomes.count("booked") == PLACES
    assert outcomes.count("slot-full") == PEOPLE - PLACES
    assert Appointment.objects.count() == PLACES
    assert all(slot.booked_count == slot.capacity for slot in Slot.objects.all())
    assert Touch.objects.filter(kind="appointment.booked").count() == PLACES


@pytest.mark.django_db(transaction=True)
def test_two_swapping_places_do_not_wait_for_each_other() -> None:
    doctor = make_doctor()
    organization, actor = doctor.organization, system(doctor.organization)
    first, second = make_slot(doctor, capacity=2), make_slot(doctor, capacity=2)
    visits = [
        actions.book_appointment(
            actor=actor, slot=slot.public_id, patient=make_patient(organization).public_id, now=NOW
        )
        for slot in (first, second)
    ]

    def swap(pair: tuple[Appointment, Slot]) -> None:
        try:
            actions.reschedule_appointment(
                actor=actor, public_id=pair[0].public_id, slot=pair[1].public_id, now=NOW
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(swap, [(visits[0], second), (visits[1], first)]))
    assert list(Slot.objects.order_by("pk").values_list("booked_count", flat=True)) == [1, 1]
