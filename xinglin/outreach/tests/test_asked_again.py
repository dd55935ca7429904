"""What the record of a message keeps: the rules at planning, and what was asked again before it left."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xinglin.directory.tests.factories import make_client, make_organization
from xinglin.outreach import actions
from xinglin.outreach.dispatch.claim import claim, lanes
from xinglin.outreach.models import Message, Suppression
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_message,
    make_patient,
    make_people,
    make_provider,
    make_template_version,
    run_plan,
)
from xinglin.outreach.tests.weixin_platform import drain

pytestmark = pytest.mark.django_db
LOCAL = "outreach.channels@2026.1/local"
LATER = NOON + timedelta(minutes=5)


def told(client: Any, message: Message) -> list[tuple[str, str, str]]:
    found = client.get(f"/api/v1/outreach/messages/{message.pk}").json()["decisions"]
    return [(one["stage"], one["reason"], one["channel_rules"]) for one in found]


def test_a_message_of_a_campaign_keeps_both_questions_and_their_rules() -> None:
    hospital = make_organization()
    first, second = make_people(hospital, 2)
    run_plan(make_campaign(hospital, [first, second]))
    Suppression.objects.create(
        organization=hospital, patient=second, kind="manual", reason="x", started_at=NOON
    )
    drain(LATER)

    client = make_client("director", hospital)
    sent, refused = Message.objects.get(patient=first), Message.objects.get(patient=second)
    assert (sent.state, refused.state) == ("delivered", "refused")
    assert told(client, sent) == [("plan", "", LOCAL), ("claim", "", LOCAL)]
    assert told(client, refused) == [("plan", "", LOCAL), ("claim", "manual", LOCAL)]
    page = client.get(reverse("outreach:message-detail", args=[refused.pk])).content.decode()
    assert "排队时" in page
    assert "发出前再问一次" in page
    assert f"通道规则 {LOCAL}" in page


def test_what_stops_a_waiting_message_is_told_apart_from_the_second_question() -> None:
    patient = make_patient()
    client = make_client("director", patient.organization)
    message = actions.queue_message(key="k", patient_id=patient.pk, template="appointment.booked", now=NOON)
    assert told(client, message) == [("plan", "", LOCAL)]
    actions.stop_after_death(
        organization_id=patient.organization_id, patient_id=patient.pk, now=NOON + timedelta(minutes=1)
    )
    assert told(client, message) == [("again", "deceased", LOCAL)]


def test_at_night_the_second_question_says_when_and_the_morning_asks_anew() -> None:
    patient = make_patient(consents=[("marketing", "email")])
    version = make_template_version(patient.organization)
    message = make_message(patient, version=version, state="queued")
    night = NOON + timedelta(hours=13)
    drain(night)
    client = make_client("director", patient.organization)
    assert told(client, message)[-1] == ("claim", "quiet_hours", LOCAL)
    drain(NOON + timedelta(days=1))
    assert told(client, message)[-1] == ("claim", "", LOCAL)


def test_the_stamp_names_whose_rules_of_the_channel_they_were() -> None:
    hospital = make_organization()
    make_provider(hospital, channel="sms", kind="http", settings={"policy": "tencent"})
    patient = make_patient(hospital)
    message = actions.queue_message(
        key="k", patient_id=patient.pk, template="appointment.booked", channel="sms", now=NOON
    )
    assert message.channel_rules == "outreach.channels@2026.1/tencent"


def test_asking_again_costs_no_statement_a_message() -> None:
    def statements(count: int) -> int:
        hospital = make_organization()
        run_plan(make_campaign(hospital, make_people(hospital, count)))
        lane = next(one for one in lanes(now=LATER) if one.organization_id == hospital.pk)
        with CaptureQueriesContext(connection) as said:
            rows, _seen = claim(lane=lane, worker="w", now=LATER)
        assert len(rows) == count
        return len(said)

    assert statements(2) == statements(40)
