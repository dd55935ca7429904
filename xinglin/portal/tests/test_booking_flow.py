"""From the doctor's page to the confirmation, without an account and without scripts."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from xinglin.booking.models import Appointment, Slot
from xinglin.core.testing import run_jobs
from xinglin.ledger.models import Touch, VisitorLink
from xinglin.outreach.models import Message
from xinglin.patients.models import ConsentState, Patient
from xinglin.portal.models import PhoneCode
from xinglin.portal.site import Source
from xinglin.portal.tests.factories import ANOTHER, ask_code, book, make_offer, person, sent_code

pytestmark = pytest.mark.django_db


def test_a_person_books_sees_it_and_cancels() -> None:
    slot = make_offer()
    client = person()
    doctor = client.get(f"/h/{slot.organization.slug}/doctors/{slot.practitioner.public_id}/")
    day = timezone.localtime(slot.starts_at).date()
    assert f"?day={day}" in doctor.content.decode()
    chosen = client.get(
        f"/h/{slot.organization.slug}/doctors/{slot.practitioner.public_id}/?day={day}&slot={slot.public_id}"
    )
    assert "您选的号" in chosen.content.decode()

    page = book(client, slot)
    html = page.content.decode()
    assert "约好了" in html
    assert "<svg" in html
    assert "林**" not in html or "林秋月" not in html
    assert "no-store" in page["Cache-Control"]

    appointment = Appointment.objects.get()
    assert (appointment.status, appointment.source_channel) == ("booked", "website")
    assert appointment.patient.name == "林秋月"
    url = page.request["PATH_INFO"]
    ics = client.get(f"{url}calendar.ics").content.decode()
    assert "BEGIN:VEVENT" in ics
    assert all(len(line.encode()) <= 75 for line in ics.split("\r\n"))

    client.post(f"{url}cancellation/")
    appointment.refresh_from_db()
    assert appointment.status == "cancelled"
    assert Slot.objects.get().booked_count == 0
    assert "已取消" in client.get(url).content.decode()


def test_the_phone_is_verified_once_in_half_an_hour() -> None:
    slot = make_offer()
    client = person()
    book(client, slot)
    again = make_offer(slot.organization)
    page = client.get(f"/h/{slot.organization.slug}/booking/{again.public_id}/").content.decode()
    assert "139****5678" in page
    assert "已验证" in page
    response = client.post(f"/h/{slot.organization.slug}/booking/{again.public_id}/", {"name": "林秋月"})
    assert response.status_code == 302
    assert Appointment.objects.count() == 2
    assert Patient.objects.count() == 1
    mine = client.get(f"/h/{slot.organization.slug}/my/").content.decode()
    assert mine.count("/a/") == 2


def test_campaign_and_visitor_reach_the_booking_and_the_patient() -> None:
    slot = make_offer()
    organization = slot.organization
    client = person()
    source = Source(channel="sms", campaign_id=77, content_id=3, message="9").signed(organization.pk)
    client.post(f"/h/{organization.slug}/cookies/", {"choice": "yes", "next": f"/h/{organization.slug}/"})
    client.get(f"/h/{organization.slug}/?s={source}")
    book(client, slot)

    appointment = Appointment.objects.get()
    viewed = Touch.objects.filter(kind="page.viewed").earliest("seq")
    booked = Touch.objects.get(kind="appointment.booked")
    assert (appointment.campaign_id, appointment.content_id, appointment.message) == (77, 3, "9")
    assert viewed.campaign_id == booked.campaign_id == 77
    assert viewed.visitor == booked.visitor == appointment.visitor is not None
    assert VisitorLink.objects.get().patient_id == appointment.patient_id
    assert Touch.objects.get(kind="lead.captured").campaign_id == 77


def test_without_a_yes_there_is_no_visitor_but_the_campaign_is_kept() -> None:
    slot = make_offer()
    client = person()
    source = Source(channel="sms", campaign_id=77).signed(slot.organization.pk)
    client.get(f"/h/{slot.organization.slug}/?s={source}")
    assert "xl_visitor" not in client.cookies
    book(client, slot)
    appointment = Appointment.objects.get()
    assert (appointment.campaign_id, appointment.visitor) == (77, None)
    assert not VisitorLink.objects.exists()


def test_a_forged_or_foreign_source_counts_for_nothing() -> None:
    slot, other = make_offer(), make_offer()
    client = person()
    foreign = Source(channel="sms", campaign_id=77).signed(other.organization.pk)
    for text in (foreign, foreign + "x", "abc"):
        client.get(f"/h/{slot.organization.slug}/?s={text}")
    book(client, slot)
    assert Appointment.objects.get().campaign_id is None


def test_news_only_where_the_box_was_ticked() -> None:
    slot = make_offer()
    book(person(), slot)
    book(person(), slot, phone="13711112222", name="陈小满", news="on")
    states = ConsentState.objects.values_list("patient__name", "purpose", "status")
    assert ("林秋月", "service", "given") in states
    assert ("陈小满", "marketing", "given") in states
    assert not any(row[:2] == ("林秋月", "marketing") for row in states)


def test_a_slot_that_went_meanwhile_leads_back_and_keeps_nobody() -> None:
    slot = make_offer(capacity=1)
    first, second = person(), person()
    url = ask_code(first, slot)
    book(second, slot, phone="13711112222", name="陈小满")
    response = first.post(url, {"code": Message.objects.order_by("pk")[0].variables and _first_code()})
    assert response.status_code == 302
    assert "problem=slot-full" in response["Location"]
    page = first.get(response["Location"])
    assert "刚刚被约走" in page.content.decode()
    assert [one.name for one in Patient.objects.all()] == ["陈小满"]


def _first_code() -> str:
    match = re.search(
        r"\d{6}", str(Message.objects.filter(category="verification_code").order_by("pk")[0].variables)
    )
    assert match
    return match[0]


def test_a_confirmation_goes_through_the_outbox_with_a_signed_link() -> None:
    slot = make_offer()
    book(person(), slot)
    run_jobs()
    message = Message.objects.get(category="appointment.booked")
    assert message.patient_id == Appointment.objects.get().patient_id
    assert f"/h/{slot.organization.slug}/a/" in str(message.variables)


def test_reminders_go_once_a_day_ahead_and_once_two_hours_ahead() -> None:
    from xinglin.portal import actions

    slot = make_offer()
    book(person(), slot)
    starts = slot.starts_at
    for _again in range(2):
        actions.send_due_reminders(kind="day", now=starts - timedelta(hours=23))
        actions.send_due_reminders(kind="hours", now=starts - timedelta(hours=1))
    assert Message.objects.filter(category="appointment.reminder").count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"name": "", "phone": ANOTHER},
        {"name": "林秋月", "phone": "12345"},
        {"name": "<script>alert(1)</script>", "phone": ANOTHER},
        {"name": "林秋月", "phone": "'; DROP TABLE x;--"},
        {"name": "林" * 500, "phone": ANOTHER},
        {"name": "\x00\x01", "phone": "１３９１２３４"},
    ],
)
def test_what_cannot_be_right_is_said_beside_the_field_and_nothing_is_sent(values: dict[str, str]) -> None:
    slot = make_offer()
    response = person().post(f"/h/{slot.organization.slug}/booking/{slot.public_id}/", values)
    assert response.status_code == 422
    assert "<script>alert" not in response.content.decode()
    assert not PhoneCode.objects.exists()


def test_forms_need_the_csrf_token() -> None:
    slot = make_offer()
    client = Client(enforce_csrf_checks=True)
    url = f"/h/{slot.organization.slug}/booking/{slot.public_id}/"
    assert client.post(url, {"name": "林秋月", "phone": ANOTHER}).status_code == 403


def test_another_hospitals_slot_code_and_link_are_not_found() -> None:
    slot, other = make_offer(), make_offer()
    client = person()
    here, there = slot.organization.slug, other.organization.slug
    assert client.get(f"/h/{there}/booking/{slot.public_id}/").status_code == 404
    assert client.get(f"/h/{there}/doctors/{slot.practitioner.public_id}/").status_code == 404
    assert client.get(f"/h/{there}/departments/{slot.department.code}/").status_code == 404
    assert client.get("/h/no-such-hospital/").status_code == 404
    url = ask_code(client, slot)
    assert client.get(url.replace(f"/h/{here}/", f"/h/{there}/")).status_code == 404
    page = book(person(), slot, phone="13711112222", name="陈小满")
    signed = page.request["PATH_INFO"]
    assert person().get(signed).status_code == 200
    assert person().get(signed.replace(f"/h/{here}/", f"/h/{there}/")).status_code == 404
    assert person().get(signed[:-3] + "xx/").status_code == 404


def test_the_code_is_the_newest_one() -> None:
    slot = make_offer()
    client = person()
    url = ask_code(client, slot)
    old = sent_code()
    client.post(f"{url}again/")
    new = sent_code()
    if old != new:
        assert client.post(url, {"code": old}).status_code == 422
    assert client.post(url, {"code": new}).status_code == 302
