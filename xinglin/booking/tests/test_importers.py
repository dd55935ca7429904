"""Appointment lists and bills of the world, written set by set."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from xinglin.booking import actions
from xinglin.booking.models import Appointment, Encounter, Invoice
from xinglin.booking.tests.factories import NOW, make_appointment, make_doctor, make_slot, system
from xinglin.directory.tests.factories import make_department, make_organization
from xinglin.ledger.models import Touch
from xinglin.patients.imports.testing import run_import, undo_import
from xinglin.patients.models import Patient

pytestmark = pytest.mark.django_db

HEAD = [
    "PatientId",
    "AppointmentID",
    "Gender",
    "ScheduledDay",
    "AppointmentDay",
    "Age",
    "Neighbourhood",
    "No-show",
]
ROWS = [
    HEAD,
    ["p1", "a1", "F", "2016-04-29T18:38:08Z", "2016-04-29T00:00:00Z", "62", "X", "No"],
    ["p1", "a2", "F", "2016-04-20T10:00:00Z", "2016-04-29T00:00:00Z", "62", "X", "Yes"],
    ["p2", "a3", "M", "2016-05-10T10:51:53Z", "2016-05-09T00:00:00Z", "38", "X", "Yes"],
    ["p3", "a4", "F", "2016-05-01T10:00:00Z", "2016-05-02T00:00:00Z", "-1", "X", "No"],
]
VISITS = ["Id", "START", "STOP", "PATIENT", "ENCOUNTERCLASS", "DESCRIPTION", "COST", "REASONDESCRIPTION"]


def test_an_appointment_list_is_taken_row_by_row() -> None:
    hospital = make_organization()
    result = run_import("appointments", ROWS, hospital)

    assert (result.created, len(result.refusals)) == (2, 2)
    assert "早于" in result.refusals[4]
    kept, missed = Appointment.objects.order_by("external_id")
    assert (kept.status, missed.status) == ("fulfilled", "noshow")
    assert kept.starts_at == datetime(2016, 4, 28, 16, tzinfo=UTC)
    assert not kept.time_known
    assert kept.booked_at == datetime(2016, 4, 29, 18, 38, 8, tzinfo=UTC)
    assert kept.patient_id == missed.patient_id
    assert Patient.objects.get().age_on(datetime(2016, 4, 29, tzinfo=UTC).date()) == 62

    touches = Touch.objects.filter(kind__startswith="appointment.").order_by("kind", "at")
    assert [touch.kind for touch in touches] == [
        "appointment.booked", "appointment.booked", "appointment.kept", "appointment.missed",
    ]  # fmt: skip
    assert sorted(touch.props["lead_days"] for touch in touches if touch.kind == "appointment.booked") == [
        0,
        9,
    ]
    assert {touch.at for touch in touches.filter(kind="appointment.missed")} == {missed.starts_at}


def test_the_same_file_again_changes_nothing_and_a_newer_one_updates() -> None:
    hospital = make_organization()
    run_import("appointments", ROWS, hospital)
    count = Touch.objects.count()
    again = run_import("appointments", ROWS, hospital)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert Touch.objects.count() == count

    planned = [HEAD[:-1], ["p9", "a9", "F", "2016-06-01T10:00:00Z", "2016-06-03T00:00:00Z", "20", "X"]]
    run_import("appointments", planned, hospital)
    came = [HEAD, [*planned[1], "No"]]
    assert run_import("appointments", came, hospital).updated == 1
    assert Appointment.objects.get(external_id="a9").status == "fulfilled"
    assert run_import("appointments", planned, hospital).unchanged == 1
    assert run_import("appointments", came, hospital).unchanged == 1


def test_an_import_can_be_taken_back() -> None:
    hospital = make_organization()
    result = run_import("appointments", ROWS, hospital)
    undo_import(result.item)
    assert not Appointment.objects.exists()
    assert not Patient.objects.exists()


def test_departments_and_doctors_are_found_by_name_or_code() -> None:
    hospital = make_organization()
    department = make_department(hospital, code="NFM", name="内分泌科")
    doctor = make_doctor(hospital, name="陆明远", department=department)
    rows = [
        ["预约号", "患者编号", "预约时间", "就诊时间", "科室", "医生", "状态"],
        ["1", "p1", "2026-11-01 09:30", "2026-11-03 14:20", "内分泌科", "陆明远", "已就诊"],
        ["2", "p2", "2026-11-01", "2026-11-03", "nfm", "", "已取消"],
        ["3", "p3", "2026-11-01", "2026-11-03", "火星科", "", "已预约"],
    ]
    result = run_import("appointments", rows, hospital)
    assert (result.created, list(result.refusals)) == (2, [4])
    first, second = Appointment.objects.order_by("external_id")
    assert (first.practitioner_id, first.department_id, first.time_known) == (doctor.pk, department.pk, True)
    assert (second.status, second.department_id) == ("cancelled", department.pk)


def test_visits_and_bills_are_exact_to_the_fen_and_counted_once() -> None:
    hospital = make_organization()
    rows = [
        VISITS,
        [
            "e1",
            "2011-07-10T09:54:17Z",
            "2011-07-10T10:09:17Z",
            "p1",
            "ambulatory",
            "Encounter",
            "129.16",
            "Sinusitis",
        ],
        ["e2", "2011-07-11T09:54:17Z", "2011-07-11T10:09:17Z", "p1", "emergency", "Encounter", "0.07", ""],
        ["e3", "2011-07-12T09:54:17Z", "2011-07-10T10:09:17Z", "p1", "wellness", "Encounter", "1", ""],
    ]
    result = run_import("bills", rows, hospital)
    assert (result.created, list(result.refusals)) == (2, [4])
    assert list(Invoice.objects.order_by("number").values_list("amount_fen", flat=True)) == [12_916, 7]
    assert list(Encounter.objects.order_by("external_id").values_list("care", flat=True)) == ["AMB", "EMER"]
    settled = Touch.objects.get(kind="bill.settled", amount_fen=12_916)
    assert settled.at == datetime(2011, 7, 10, 10, 9, 17, tzinfo=UTC)
    assert Touch.objects.filter(kind="visit.ended").count() == 2

    count = Touch.objects.count()
    assert run_import("bills", rows, hospital).unchanged == 2
    assert Touch.objects.count() == count
    changed = run_import("bills", [VISITS, [*rows[1][:6], "130.00", ""]], hospital)
    assert "退款" in changed.refusals[2]


def patient_row(patient: Any, number: str, at: datetime, cost: str) -> list[str]:
    return [number, at.isoformat(), at.isoformat(), patient.name, patient.phone, "门诊", cost]


def test_a_bill_of_the_booked_day_inherits_the_campaign() -> None:
    slot = make_slot(starts_at=NOW + timedelta(days=1))
    visit = make_appointment(slot, campaign_id=41, source_channel="sms", message="m")
    at = visit.starts_at + timedelta(hours=1)
    rows = [
        ["账单号", "就诊时间", "结束时间", "姓名", "手机", "就诊类别", "金额"],
        patient_row(visit.patient, "B1", at, "30"),
    ]
    run_import("bills", rows, visit.organization)
    invoice = Invoice.objects.get()
    assert (invoice.campaign_id, invoice.appointment_id) == (41, visit.pk)
    settled = Touch.objects.get(kind="bill.settled")
    assert (settled.campaign_id, settled.channel, settled.props["message"]) == (41, "sms", "m")
    assert settled.props["appointment"] == str(visit.public_id)


def test_a_visit_the_desk_has_begun_only_gets_the_bill() -> None:
    visit = make_appointment(campaign_id=41)
    actor = system(visit.organization)
    begun = actions.start_visit(actor=actor, appointment=visit.public_id, now=visit.starts_at)
    rows = [
        ["账单号", "就诊时间", "结束时间", "姓名", "手机", "就诊类别", "金额"],
        patient_row(visit.patient, "B1", visit.starts_at, "30"),
    ]
    run_import("bills", rows, visit.organization)
    assert Encounter.objects.count() == 1
    assert Invoice.objects.get().encounter_id == begun.pk
    assert run_import("bills", rows, visit.organization).unchanged == 1
