"""Lists whose rows have no number of their own: known again by what they are about."""

import pytest

from xinglin.booking.models import Appointment, Encounter, Invoice
from xinglin.directory.tests.factories import make_department, make_organization
from xinglin.ledger.models import Touch
from xinglin.patients.imports.testing import run_import, undo_import
from xinglin.patients.models import Patient

pytestmark = pytest.mark.django_db

VISITS = [
    ["患者编号", "姓名", "手机号码", "就诊时间", "科室", "是否爽约"],
    ["p1", "王芳", "13800000001", "2026-03-01 09:00", "内科", "否"],
    ["p1", "王芳", "13800000001", "2026-03-01 10:00", "内科", "否"],
    ["p1", "王芳", "13800000001", "2026-03-01 09:00", "外科", "否"],
    ["p2", "李强", "13800000002", "2026-03-01 09:00", "内科", "是"],
]
BILLS = [
    ["姓名", "手机号码", "收费时间", "金额"],
    ["王芳", "13800000001", "2026-03-01 09:30:00", "120.50"],
    ["王芳", "13800000001", "2026-03-01 09:30:00", "30"],
    ["李强", "13800000002", "2026-03-01 09:30:00", "30"],
]


def test_appointments_are_told_apart_by_person_place_and_time() -> None:
    hospital = make_organization()
    make_department(hospital, name="内科")
    make_department(hospital, name="外科")
    first = run_import("appointments", VISITS, hospital)
    touches = Touch.objects.count()

    again = run_import("appointments", VISITS, hospital)

    assert (first.created, first.refused, again.unchanged, again.created) == (4, 0, 4, 0)
    assert (Appointment.objects.count(), Patient.objects.count(), Touch.objects.count()) == (4, 2, touches)
    undo_import(first.item)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("dry_run", [True, False])
def test_two_rows_about_the_same_are_reported(dry_run: bool) -> None:
    hospital = make_organization()
    make_department(hospital, name="内科")
    rows = [*VISITS[:3], VISITS[1]]

    result = run_import("appointments", rows, hospital, dry_run=dry_run)

    assert (result.created, list(result.refusals)) == (2, [4])
    assert "第 2 行" in result.refusals[4]


def test_bills_are_told_apart_by_person_time_and_amount() -> None:
    hospital = make_organization()
    first = run_import("bills", BILLS, hospital)
    again = run_import("bills", BILLS, hospital)
    twice = run_import("bills", [*BILLS, BILLS[2]], hospital)

    assert (first.refused, again.unchanged, again.created) == (0, 3, 0)
    assert (twice.unchanged, list(twice.refusals)) == (3, [5])
    assert sorted(Invoice.objects.values_list("amount_fen", flat=True)) == [3000, 3000, 12050]
    assert Encounter.objects.count() == Invoice.objects.count() == 3
    assert not Invoice.objects.filter(number__contains="1380000").exists()


def test_a_blank_number_in_a_file_that_has_numbers_is_refused() -> None:
    rows = [["预约号", *VISITS[0][:4]], ["", *VISITS[1][:4]], ["a2", *VISITS[2][:4]]]

    result = run_import("appointments", rows, make_organization())

    assert (result.created, result.refusals) == (1, {2: "缺预约号"})
