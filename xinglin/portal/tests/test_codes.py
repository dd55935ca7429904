"""Six digits are few: what keeps them from being guessed or read."""

import logging
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from xinglin.core.errors import DomainError
from xinglin.portal import actions
from xinglin.portal.models import PhoneCode
from xinglin.portal.tests.factories import ANOTHER, ask_code, make_offer, person, sent_code

pytestmark = pytest.mark.django_db


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_five_wrong_tries_and_the_right_one_comes_too_late() -> None:
    slot = make_offer()
    client = person()
    url = ask_code(client, slot)
    code = sent_code()
    for _try in range(5):
        assert client.post(url, {"code": wrong(code)}).status_code == 422
    response = client.post(url, {"code": code})
    assert response.status_code == 422
    assert "失效" in response.content.decode()
    assert PhoneCode.objects.get().verified_at is None


def test_an_old_code_and_a_used_one_are_void() -> None:
    slot = make_offer()
    client = person()
    url = ask_code(client, slot)
    row, code = PhoneCode.objects.get(), sent_code()
    late = timezone.now() + timedelta(minutes=11)
    with pytest.raises(actions.CodeOver):
        actions.verify_code(token=row.token, digits=code, address="1.1.1.1", now=late)
    assert client.post(url, {"code": code}).status_code == 302
    with pytest.raises(actions.CodeOver):
        actions.verify_code(token=row.token, digits=code, address="1.1.1.1", now=timezone.now())


def test_a_phone_gets_three_codes_in_ten_minutes() -> None:
    slot = make_offer()
    for _time in range(3):
        ask_code(person(), slot)
    url = f"/h/{slot.organization.slug}/booking/{slot.public_id}/"
    response = person().post(url, {"name": "林秋月", "phone": ANOTHER})
    assert response.status_code == 422
    assert "太频繁" in response.content.decode()
    assert PhoneCode.objects.count() == 3


def test_an_address_gets_twenty_codes_and_forty_tries_an_hour() -> None:
    organization, now = make_offer().organization, timezone.now()
    for number in range(20):
        asking = actions.Asking(
            organization_id=organization.pk, phone=f"1380000{number:04d}", address="203.0.113.9"
        )
        actions.request_code(asking=asking, purpose="view", now=now)
    asking = actions.Asking(organization_id=organization.pk, phone="13900009999", address="203.0.113.9")
    with pytest.raises(actions.TooManyCodes):
        actions.request_code(asking=asking, purpose="view", now=now)

    tokens = list(PhoneCode.objects.values_list("token", flat=True))
    outcomes = [_try(tokens[number % 20], now) for number in range(41)]
    assert outcomes[-1] == "too-many-codes"
    assert "too-many-codes" not in outcomes[:-1]


def _try(token: str, now: datetime) -> str:
    try:
        actions.verify_code(token=token, digits="000000", address="198.51.100.7", now=now)
    except DomainError as error:
        return error.code
    return "right"


def test_neither_code_nor_phone_stands_in_the_database_or_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    slot = make_offer()
    with caplog.at_level(logging.DEBUG):
        url = ask_code(person(), slot)
        code = sent_code()
        person().post(url, {"code": wrong(code)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM portal_phonecode")
        kept = repr(
            [[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()]
        )
        cursor.execute("SELECT * FROM outreach_message")
        kept += repr(
            [[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()]
        )
    assert code not in kept
    assert ANOTHER not in kept
    logged = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    )
    assert code not in logged
    assert ANOTHER not in logged


def test_codes_are_forgotten_after_a_day() -> None:
    ask_code(person(), make_offer())
    assert actions.forget_old_codes(now=timezone.now()) == 0
    assert actions.forget_old_codes(now=timezone.now() + timedelta(days=2)) == 1
