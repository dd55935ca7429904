from datetime import time, timedelta
from typing import Any

import pytest

from xinglin.booking import actions, queries
from xinglin.booking.models import Slot
from xinglin.booking.tests.factories import NOW, make_doctor, make_patient, system
from xinglin.core.errors import Invalid
from xinglin.core.testing import run_jobs

pytestmark = pytest.mark.django_db


def add_line(doctor: Any, **facts: Any) -> Any:
    values: dict[str, Any] = {"weekday": 3, "starts": time(8), "ends": time(12), "now": NOW, **facts}
    return actions.save_schedule(actor=system(doctor.organization), practitioner=doctor.public_id, **values)


def slots(doctor: Any) -> list[Slot]:
    return list(Slot.objects.filter(practitioner=doctor).order_by("starts_at"))


def test_a_line_makes_two_weeks_of_slots_and_again_makes_none() -> None:
    doctor = make_doctor()
    add_line(doctor, place="门诊楼三楼 B 区", capacity=2)
    made = slots(doctor)
    assert len(made) == 24
    assert {slot.place for slot in made} == {"门诊楼三楼 B 区"}
    assert actions.generate_slots(actor=system(doctor.organization), now=NOW) == 0
    assert actions.generate_slots(actor=system(doctor.organization), now=NOW + timedelta(days=7)) == 12


def test_clashing_lines_are_refused() -> None:
    doctor = make_doctor()
    add_line(doctor)
    with pytest.raises(Invalid):
        add_line(doctor, starts=time(11, 30), ends=time(13))


def test_a_leave_closes_slots_keeps_bookings_and_can_be_taken_back() -> None:
    doctor = make_doctor()
    add_line(doctor)
    actor, first = system(doctor.organization), slots(doctor)[0]
    patient = make_patient(doctor.organization)
    visit = actions.book_appointment(actor=actor, slot=first.public_id, patient=patient.public_id, now=NOW)
    leave = actions.add_leave(
        actor=actor,
        practitioner=doctor.public_id,
        starts_at=first.starts_at,
        ends_at=first.starts_at + timedelta(hours=4),
        reason="院内会诊",
        now=NOW,
    )
    closed = [slot for slot in slots(doctor) if not slot.is_open]
    assert len(closed) == 12
    assert {slot.closed_reason for slot in closed} == {"院内会诊"}
    stranded = queries.list_stranded(actor=actor, practitioner_id=doctor.pk, now=NOW)
    assert [row.pk for row in stranded] == [visit.pk]
    # Slots made later fall under the leave too.
    Slot.objects.filter(practitioner=doctor, booked_count=0).delete()
    actions.generate_slots(actor=actor, now=NOW)
    assert sum(not slot.is_open for slot in slots(doctor)) == 12

    actions.remove_leave(actor=actor, public_id=leave.public_id, now=NOW)
    assert all(slot.is_open for slot in slots(doctor))


def test_ending_a_line_drops_free_slots_and_closes_booked_ones() -> None:
    doctor = make_doctor()
    line = add_line(doctor)
    actor, first = system(doctor.organization), slots(doctor)[0]
    patient = make_patient(doctor.organization)
    actions.book_appointment(actor=actor, slot=first.public_id, patient=patient.public_id, now=NOW)
    assert actions.end_schedule(actor=actor, public_id=line.public_id, now=NOW) == 1
    assert [(slot.pk, slot.is_open) for slot in slots(doctor)] == [(first.pk, False)]


def test_days_say_in_a_word_whether_one_may_book() -> None:
    doctor = make_doctor()
    add_line(doctor)
    actor = system(doctor.organization)
    zone = doctor.organization.timezone
    from zoneinfo import ZoneInfo

    first = NOW.astimezone(ZoneInfo(zone)).date()

    def states() -> list[str]:
        return [
            offer.state
            for offer in queries.list_day_offers(
                organization_id=doctor.organization_id,
                practitioner_id=doctor.pk,
                first=first,
                days=7,
                zone=ZoneInfo(zone),
                now=NOW,
            )
        ]

    assert states() == ["none", "none", "none", "free", "none", "none", "none"]
    Slot.objects.filter(practitioner=doctor).update(booked_count=1)
    assert states()[3] == "full"
    begins = slots(doctor)[0].starts_at
    actions.add_leave(
        actor=actor,
        practitioner=doctor.public_id,
        starts_at=begins,
        ends_at=begins + timedelta(hours=4),
        now=NOW,
    )
    assert states()[3] == "leave"


def test_the_job_keeps_slots_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = make_doctor()
    add_line(doctor)
    from xinglin.core.jobs import enqueue

    enqueue("booking.generate_slots")
    run_jobs()
    assert Slot.objects.filter(practitioner=doctor).count() >= 24
