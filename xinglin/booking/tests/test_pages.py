"""Staff pages and the API, through their addresses."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from xinglin.booking.models import Appointment, Encounter, Invoice, Schedule
from xinglin.booking.tests.factories import make_appointment, make_doctor, make_patient, make_slot, make_visit
from xinglin.directory.tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


def soon(**more: Any) -> Any:
    return timezone.now() + timedelta(**(more or {"hours": 3}))


def signed_in(organization: Any, role: str = "director") -> Client:
    client = Client()
    client.force_login(make_user(role, organization))
    return client


def visit_today(organization: Any) -> Any:
    slot = make_slot(make_doctor(organization), starts_at=soon(minutes=5))
    return make_appointment(slot, now=timezone.now())


def test_the_list_opens_filters_and_counts_its_queries(django_assert_max_num_queries: Any) -> None:
    hospital = make_organization()
    visits = [visit_today(hospital) for _n in range(6)]
    client = signed_in(hospital)
    day = timezone.localtime(visits[0].starts_at).date()
    with django_assert_max_num_queries(28):
        page = client.get(f"/booking/appointments/?day={day}").content.decode()
    assert all(visit.patient.name in page for visit in visits)
    assert visits[0].patient.phone not in page
    filtered = client.get(f"/booking/appointments/?day={day}&doctor={visits[0].practitioner.public_id}")
    assert visits[1].patient.name not in filtered.content.decode()
    opened = client.get(f"/booking/appointments/?day={day}&open={visits[0].public_id}").content.decode()
    assert 'id="side"' in opened
    assert "没有预约" in client.get("/booking/appointments/?day=2020-01-01").content.decode()


def test_check_in_start_end_bill_and_refund_by_clicking() -> None:
    hospital = make_organization()
    visit = visit_today(hospital)
    client = signed_in(hospital, "agent")
    base = f"/booking/appointments/{visit.public_id}"
    assert client.post(f"{base}/check-in/").status_code == 302
    visit.refresh_from_db()
    assert visit.status == "arrived"

    director = signed_in(hospital)
    assert director.post(f"{base}/visit/").status_code == 302
    encounter = Encounter.objects.get()
    page = director.get(f"/booking/visits/{encounter.public_id}/").content.decode()
    assert visit.patient.name in page
    director.post(f"/booking/visits/{encounter.public_id}/end/", {"description": "复诊开药"})

    finance = signed_in(hospital, "finance")
    url = f"/booking/visits/{encounter.public_id}/invoice/"
    wrong = finance.post(url, {"amount": "12.345", "method": "wechat"})
    assert wrong.status_code == 422
    assert finance.post(url, {"amount": "¥129.16", "method": "wechat"}).status_code == 302
    invoice = Invoice.objects.get()
    assert invoice.amount_fen == 12_916
    refund = f"/booking/invoices/{invoice.public_id}/refund/"
    assert finance.post(refund, {"amount": "200", "reason": "多收"}).status_code == 422
    finance.post(refund, {"amount": "29.16", "reason": "多收", "key": "k"})
    finance.post(refund, {"amount": "29.16", "reason": "多收", "key": "k"})
    invoice.refresh_from_db()
    assert invoice.refunded_fen == 2_916
    listed = finance.get("/booking/invoices/").content.decode()
    assert "¥129.16" in listed


def test_an_agent_books_for_somebody_who_calls() -> None:
    hospital = make_organization()
    slot = make_slot(make_doctor(hospital), starts_at=soon())
    client = signed_in(hospital, "agent")
    day = timezone.localtime(slot.starts_at).date().isoformat()
    values: dict[str, Any] = {
        "name": "林秋月", "phone": "13912345678", "doctor": str(slot.practitioner.public_id), "day": day,
        "source_channel": "phone", "note": "",
    }  # fmt: skip
    redrawn = client.post("/booking/appointments/new/", {**values, "redraw": "1"})
    assert redrawn.status_code == 200
    assert str(slot.public_id) in redrawn.content.decode()
    assert "13912345678" in redrawn.content.decode()
    assert client.post("/booking/appointments/new/", values).status_code == 422
    assert (
        client.post("/booking/appointments/new/", {**values, "slot": str(slot.public_id)}).status_code == 302
    )
    booked = Appointment.objects.get()
    assert (booked.patient.name, booked.source_channel) == ("林秋月", "phone")

    moved = make_slot(slot.practitioner, starts_at=soon(hours=5))
    assert (
        str(moved.public_id) in client.get(f"/booking/appointments/{booked.public_id}/move/").content.decode()
    )
    client.post(f"/booking/appointments/{booked.public_id}/move/", {"slot": str(moved.public_id)})
    cancel = f"/booking/appointments/{booked.public_id}/cancellation/"
    assert client.post(cancel, {"reason": ""}).status_code == 422
    client.post(cancel, {"reason": "患者来电取消"})
    booked.refresh_from_db()
    assert (booked.slot_id, booked.status) == (moved.pk, "cancelled")


def test_schedules_are_edited_on_one_page() -> None:
    hospital = make_organization()
    doctor = make_doctor(hospital)
    client = signed_in(hospital)
    url = f"/booking/schedules/{doctor.public_id}/"
    line: dict[str, Any] = {
        "weekday": "0",
        "starts": "08:00",
        "ends": "12:00",
        "slot_minutes": "20",
        "capacity": "1",
    }
    assert client.post(url, {**line, "ends": "07:00"}).status_code == 422
    assert client.post(url, line).status_code == 302
    assert client.post(url, line).status_code == 422
    leave: dict[str, Any] = {"starts_at": "2026-11-30T08:00", "ends_at": "2026-11-30T12:00", "reason": "会诊"}
    assert client.post(f"{url}leave/", leave).status_code == 302
    page = client.get(url).content.decode()
    assert "08:00–12:00" in page
    assert "会诊" in page
    assert client.get("/booking/schedules/").status_code == 200
    assert client.get(f"/booking/calendar/?doctor={doctor.public_id}").status_code == 200
    assert client.get("/booking/calendar/").status_code == 200
    client.post(f"/booking/schedules/lines/{Schedule.objects.get().public_id}/removal/")
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("role", ["rep", "admin"])
def test_roles_without_the_permission_are_turned_away(role: str) -> None:
    client = signed_in(make_organization(), role)
    for path in ("schedules/", "invoices/", "visits/new/"):
        assert client.get(f"/booking/{path}").status_code == 403, path


def test_another_hospitals_rows_are_not_found() -> None:
    visit = make_visit()
    client = signed_in(make_organization())
    for path in (f"appointments/{visit.appointment.public_id}/", f"visits/{visit.public_id}/"):
        assert client.get(f"/booking/{path}").status_code == 404


def test_home_and_the_patients_page_show_what_is_ahead() -> None:
    hospital = make_organization()
    visit = visit_today(hospital)
    client = signed_in(hospital)
    assert "今天的预约" in client.get("/").content.decode()
    page = client.get(f"/patients/{visit.patient.public_id}/").content.decode()
    assert "下次预约" in page


def test_the_api_books_once_and_says_why_not() -> None:
    hospital = make_organization()
    slot = make_slot(make_doctor(hospital), starts_at=soon())
    patient, other = make_patient(hospital), make_patient(hospital)
    client = signed_in(hospital)

    def post(path: str, **body: Any) -> Any:
        return client.post(f"/api/v1/booking/{path}", json.dumps(body), content_type="application/json")

    free = client.get("/api/v1/booking/slots").json()
    assert [one["id"] for one in free] == [str(slot.public_id)]
    made = post("appointments", slot=str(slot.public_id), patient=str(patient.public_id))
    assert made.status_code == 201
    full = post("appointments", slot=str(slot.public_id), patient=str(other.public_id))
    assert (full.status_code, full.json()["code"]) == (409, "slot-full")
    name = made.json()["id"]
    assert client.get(f"/api/v1/booking/appointments/{name}").json()["status"] == "booked"
    assert post(f"appointments/{name}/cancellation", reason="x").json()["status"] == "cancelled"
    assert post(f"appointments/{name}/cancellation", reason="x").json()["code"] == "appointment-closed"
    assert Client().get("/api/v1/booking/slots").status_code == 401
