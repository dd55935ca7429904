"""A service template may choose "at least once": what may have been lost goes again; marketing never does."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_actor, make_client, make_organization
from xinglin.outreach import actions, dispatch
from xinglin.outreach.channels import sink
from xinglin.outreach.channels.base import Asked, Found, Outcome, Outgoing, Status, Unavailable
from xinglin.outreach.models import Message, MessageTemplate
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_patient,
    make_people,
    make_template_version,
    run_plan,
)
from xinglin.patients import actions as patients
from xinglin.patients.models import Patient

pytestmark = pytest.mark.django_db
REMINDER = "appointment.reminder"


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A provider that takes everything, never answers, and cannot be asked; the keys it was given."""
    given: list[str] = []

    def send(self: Any, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        given.extend(one.key for one in batch)
        return [Outcome(key=one.key, status=Status.UNKNOWN) for one in batch]

    monkeypatch.setattr(sink.SinkAdapter, "send", send)
    monkeypatch.setattr(sink.SinkAdapter, "query", lambda self, asked: None)
    return given


def reminded(hospital: Organization, *, at_least_once: bool) -> Message:
    version = make_template_version(hospital, purpose="service", category=REMINDER)
    MessageTemplate.objects.filter(pk=version.template_id).update(at_least_once=at_least_once)
    return actions.queue_message(
        key="r1", patient_id=make_patient(hospital).pk, organization_id=hospital.pk, template=REMINDER,
        channel="email", now=NOON,
    )  # fmt: skip


def go_round(times: int) -> None:
    """Send what is due, then ask about what may have left, so many times."""
    for number in range(times):
        now = NOON + timedelta(minutes=10 * number)
        while dispatch.send_batch(worker="w", now=now):
            pass
        dispatch.reconcile(now=now + timedelta(minutes=5))


def test_it_goes_again_under_its_key_three_times_at_most(hospital: Organization, keys: list[str]) -> None:
    message = reminded(hospital, at_least_once=True)
    go_round(6)
    message.refresh_from_db()
    assert keys == [dispatch.message_key(message.pk)] * 3
    assert (message.state, message.attempts) == ("unconfirmed", 3)


def test_without_the_choice_it_stays_for_a_person(hospital: Organization, keys: list[str]) -> None:
    message = reminded(hospital, at_least_once=False)
    go_round(3)
    message.refresh_from_db()
    assert (len(keys), message.state) == (1, "unconfirmed")


def test_marketing_goes_once_whatever_happens(hospital: Organization, keys: list[str]) -> None:
    run_plan(make_campaign(hospital, make_people(hospital, 4)))
    go_round(3)
    assert len(keys) == len(set(keys)) == 4
    template = MessageTemplate.objects.get()
    template.at_least_once = True
    with pytest.raises(IntegrityError), transaction.atomic():
        template.save()


def test_while_the_provider_cannot_be_reached_nothing_is_repeated(
    hospital: Organization, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Any, asked: Iterable[Asked]) -> Mapping[str, bool | Found] | None:
        raise Unavailable("connection refused")

    monkeypatch.setattr(sink.SinkAdapter, "query", away)
    reminded(hospital, at_least_once=True)
    go_round(3)
    assert len(keys) == 1


def test_to_whoever_was_erased_meanwhile_nothing_goes_again(hospital: Organization, keys: list[str]) -> None:
    message = reminded(hospital, at_least_once=True)
    while dispatch.send_batch(worker="w", now=NOON):
        pass
    asked = patients.ask_erasure(
        actor=make_actor(organization=hospital), public_id=Patient.objects.get().public_id,
        reason="本人要求", proof="document", now=NOON,
    )  # fmt: skip
    patients.confirm_erasure(
        actor=make_actor(organization=hospital), public_id=asked.public_id, record_number=asked.record_number,
        now=NOON,
    )  # fmt: skip
    go_round(3)
    message.refresh_from_db()
    assert len(keys) == 1
    assert message.address is None
    assert message.state == "unconfirmed"


def test_it_is_chosen_in_the_editor_and_over_rest_for_service_alone(hospital: Organization) -> None:
    client = make_client("director", hospital)
    url = reverse("outreach:template-create")
    typed = {"name": "就诊提醒", "category": REMINDER, "sms_body": "您好，明天就诊。", "at_least_once": "on"}

    refused = client.post(url, {**typed, "purpose": "marketing", "category": ""})
    assert refused.status_code == 422
    assert "营销消息最多发一次" in refused.content.decode()
    client.post(url, {**typed, "purpose": "service"})
    template = MessageTemplate.objects.get()
    assert template.at_least_once

    rest = f"/api/v1/outreach/templates/{template.public_id}"
    version = client.get(f"{rest}/versions").json()[0]
    assert version["at_least_once"] is True
    body = {
        "name": "就诊提醒", "purpose": "service", "category": REMINDER, "seen_hash": version["content_hash"],
        "bodies": {"sms": {"body": "您好，明天就诊。"}},
    }  # fmt: skip
    kept = client.put(f"{rest}/text", body, content_type="application/json")
    assert (kept.status_code, kept.json()["at_least_once"]) == (200, True)
    off = client.put(f"{rest}/text", {**body, "at_least_once": False}, content_type="application/json")
    assert (off.json()["at_least_once"], off.json()["number"]) == (False, 1)
    wrong = {**body, "purpose": "marketing", "at_least_once": True}
    assert client.put(f"{rest}/text", wrong, content_type="application/json").status_code == 422
