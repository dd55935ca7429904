"""Tracked links, the reading mark, and leaving the list."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from xinglin.booking.models import Appointment
from xinglin.directory.tests.factories import make_organization
from xinglin.ledger.models import Touch
from xinglin.outreach.models import Message, Suppression, TrackedLink
from xinglin.outreach.rules.tokens import FIRST_LINK, OPEN, UNSUBSCRIBE, make_token
from xinglin.outreach.tests.factories import make_patient
from xinglin.patients.models import ConsentState
from xinglin.portal.tests.factories import book, make_offer, person

pytestmark = pytest.mark.django_db


def make_message(organization: Any, **facts: Any) -> Message:
    now = timezone.now()
    patient = make_patient(organization, consents=[("marketing", "email")])
    return Message.objects.create(
        organization=organization, patient=patient, purpose="marketing", channel="email", campaign_id=55,
        state="accepted", decided_at=now, due_at=now, created_at=now, sent_at=now, **facts,
    )  # fmt: skip


def make_link(message: Message, url: str) -> str:
    link = TrackedLink.objects.create(organization_id=message.organization_id, campaign_id=55, url=url)
    return make_token(message_id=message.pk, link=FIRST_LINK + link.pk)


def test_a_click_is_counted_once_and_carries_the_campaign_to_the_booking() -> None:
    slot = make_offer()
    message = make_message(slot.organization)
    token = make_link(message, f"http://testserver/h/{slot.organization.slug}/?x=1")
    client = person()
    response = client.get(f"/r/{token}")
    assert response.status_code == 302
    assert response["Location"].startswith(f"http://testserver/h/{slot.organization.slug}/?x=1&s=")
    client.get(f"/r/{token}")
    clicked = Touch.objects.get(kind="link.clicked")
    assert (clicked.campaign_id, clicked.patient_id, clicked.channel) == (55, message.patient_id, "email")
    assert Touch.objects.filter(kind="message.clicked").count() == 1

    client.get(response["Location"].removeprefix("http://testserver"))
    book(client, slot)
    booked = Appointment.objects.get()
    assert (booked.campaign_id, booked.source_channel, booked.message) == (55, "email", str(message.pk))


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Mozilla/5.0 (compatible; bingbot/2.0)"},
        {"user-agent": "python-requests/2.32"},
        {"purpose": "prefetch"},
        {"user-agent": ""},
    ],
)
def test_machines_follow_uncounted(headers: dict[str, str]) -> None:
    organization = make_organization()
    token = make_link(make_message(organization), f"/h/{organization.slug}/")
    assert person(**headers).get(f"/r/{token}").status_code == 302
    assert person().head(f"/r/{token}").status_code == 302
    assert not Touch.objects.filter(kind__in=["link.clicked", "message.clicked"]).exists()


def test_an_address_of_others_is_followed_without_our_source() -> None:
    organization = make_organization()
    token = make_link(make_message(organization), "https://partner.example/h/x?a=1")
    assert person().get(f"/r/{token}")["Location"] == "https://partner.example/h/x?a=1"


@pytest.mark.parametrize("token", ["x", "AAAAAAAAAAAAAAAAAAA", "a" * 40])
def test_a_token_nobody_made_is_not_found(token: str) -> None:
    for path in (f"/r/{token}", f"/u/{token}"):
        assert person().get(path).status_code == 404
    assert Client().post(f"/u/{token}", {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert person().get(f"/o/{token}.gif").status_code == 200


def test_looking_changes_nothing_and_a_click_leaves_the_list_at_once() -> None:
    organization = make_organization()
    message = make_message(organization)
    waiting = make_message(organization)
    Message.objects.filter(pk=waiting.pk).update(
        state="queued", patient_id=message.patient_id, campaign_id=56
    )
    token = make_token(message_id=message.pk, link=UNSUBSCRIBE)
    client = person()
    page = client.get(f"/u/{token}")
    assert "不再收到" in page.content.decode()
    assert message.patient is not None
    assert str(message.patient.email) not in page.content.decode()
    assert not Suppression.objects.exists()

    response = client.post(f"/u/{token}")
    assert response.status_code == 302
    assert "已退订" in client.get(response["Location"]).content.decode()
    assert ConsentState.objects.get(patient=message.patient, purpose="marketing").status == "withdrawn"
    assert Suppression.objects.filter(patient=message.patient).count() == 1
    waiting.refresh_from_db()
    assert waiting.state in {"cancelled", "refused"}


def test_mail_programs_leave_in_one_click_without_cookies() -> None:
    message = make_message(make_organization())
    token = make_token(message_id=message.pk, link=UNSUBSCRIBE)
    client = Client(enforce_csrf_checks=True)
    for _again in range(2):
        response = client.post(f"/u/{token}", {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
    assert Suppression.objects.count() == 1


def test_the_reading_mark_is_a_picture_and_counts_once() -> None:
    message = make_message(make_organization())
    token = make_token(message_id=message.pk, link=OPEN)
    for _again in range(2):
        response = person().get(f"/o/{token}.gif")
        assert response["Content-Type"] == "image/gif"
        assert response.content[:6] == b"GIF89a"
    assert Touch.objects.filter(kind="message.opened").count() == 1
