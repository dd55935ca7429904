"""A hospital with a doctor and free slots, and a browser that looks like a person's."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from xinglin.booking.tests.factories import make_doctor, make_slot
from xinglin.outreach.models import Message

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0 Mobile Safari/537.36"
)
ANOTHER = "13912345678"


def person(**headers: str) -> Client:
    """A browser on a phone; each has its own network address."""
    return Client(headers={"user-agent": PHONE, **headers})


def tomorrow() -> datetime:
    """Ten in the morning, two days ahead, in Shanghai."""
    day = timezone.localtime() + timedelta(days=2)
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


def make_offer(organization: Any = None, *, capacity: int = 3, **facts: Any) -> Any:
    """A free slot of a doctor of ``organization``."""
    doctor = make_doctor(organization, name="陆明远", title="副主任医师", fee_fen=3000)
    return make_slot(doctor, starts_at=tomorrow(), capacity=capacity, place="门诊楼三楼 B 区", **facts)


def sent_code() -> str:
    """The digits of the newest code, as the outbox would hand them to the provider."""
    message = Message.objects.filter(category="verification_code").order_by("-pk").first()
    assert message is not None
    match = re.search(r"\d{6}", str(message.variables))
    assert match
    return match[0]


def ask_code(client: Client, slot: Any, *, phone: str = ANOTHER, name: str = "林秋月", **more: str) -> str:
    """Fill the form; returns the address where the code is asked."""
    url = f"/h/{slot.organization.slug}/booking/{slot.public_id}/"
    response = client.post(url, {"name": name, "phone": phone, **more})
    assert response.status_code == 302, response.content.decode()[:2000]
    return str(response["Location"])


def book(client: Client, slot: Any, **facts: str) -> Any:
    """The whole way; returns the page with the confirmation."""
    url = ask_code(client, slot, **facts)
    response = client.post(url, {"code": sent_code()})
    assert response.status_code == 302, response.content.decode()[:2000]
    return client.get(response["Location"])
