"""Calls of other systems: signed, once, by one worker, until they answer."""

from datetime import timedelta
from typing import Any

import pytest

from xinglin.directory.tests.factories import make_organization
from xinglin.journeys.engine import calling
from xinglin.journeys.models import WebhookCall
from xinglin.journeys.tests.factories import NOON, draw, let_in, make_journey, run
from xinglin.outreach.tests.factories import make_people

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BOOKED = ("t", "trigger", {"on": "touch", "kind": "appointment.booked", "occurrence": "booking"})


def test_another_system_is_told_once_signed_and_again_only_until_it_answers(monkeypatch: Any) -> None:
    organization = make_organization()
    person = make_people(organization, 1)[0]
    graph = draw(
        BOOKED,
        ("h", "webhook", {"url": "https://crm.example/hook"}),
        ("e", "exit", {}),
        edges=["t>h", "h>e"],
    )
    journey = make_journey(organization, graph)
    let_in(journey, [person.pk])
    run(NOON)
    asked: list[tuple[str, bytes, dict[str, str]]] = []

    def answer(url: str, *, body: bytes, headers: dict[str, str], **_more: Any) -> Any:
        asked.append((url, body, headers))
        return type("Answer", (), {"status": 500 if len(asked) == 1 else 204})

    monkeypatch.setattr(calling, "fetch", answer)
    assert calling.call_due(worker="w", now=NOON) == 1
    assert calling.call_due(worker="w", now=NOON) == 0
    assert calling.call_due(worker="w", now=NOON + HOUR) == 1
    assert calling.call_due(worker="w", now=NOON + DAY) == 0
    call = WebhookCall.objects.get()
    assert (call.state, call.attempts) == ("done", 2)
    assert {headers["Idempotency-Key"] for _u, _b, headers in asked} == {f"journey-{call.pk}"}
    _url, body, headers = asked[0]
    assert str(person.public_id).encode() in body
    assert headers["X-Xinglin-Signature"] == calling.signature(
        secret=str(journey.secret), body=body, now=NOON
    )


@pytest.mark.parametrize(("seconds", "asked_by_us"), [(8, 20), (130, 1)])
def test_slow_receivers_are_called_by_one_worker_alone(
    seconds: int, asked_by_us: int, monkeypatch: Any
) -> None:
    organization = make_organization()
    graph = draw(
        BOOKED,
        ("h", "webhook", {"url": "https://crm.example/hook"}),
        ("e", "exit", {}),
        edges=["t>h", "h>e"],
    )
    let_in(make_journey(organization, graph), [p.pk for p in make_people(organization, 20)])
    run(NOON)
    asked: list[str] = []
    passed, taken_over = 0, 0

    def answer(url: str, *, headers: dict[str, str], **_more: Any) -> Any:
        nonlocal passed, taken_over
        asked.append(headers["Idempotency-Key"])
        passed += seconds
        taken_over += len(calling.claim(worker="other", now=NOON + timedelta(seconds=passed)))
        return type("Answer", (), {"status": 204})

    monkeypatch.setattr(calling, "fetch", answer)
    monkeypatch.setattr(calling, "monotonic", lambda: float(passed))
    calling.call_due(worker="w", now=NOON)
    # A single call that outlasts a lease loses the whole batch to the other worker, which makes it alone.
    assert (len(set(asked)), len(asked), taken_over) == (asked_by_us, asked_by_us, 0 if seconds == 8 else 20)
    assert WebhookCall.objects.filter(state="done").count() == (20 if seconds == 8 else 0)
