"""Single messages: queued, refused, sent, refused later, tracked."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from xinglin.core.errors import NotFound
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_actor, make_client, make_organization
from xinglin.ledger.models import Touch
from xinglin.outreach import actions, dispatch, queries
from xinglin.outreach.models import Message, SinkMessage, Suppression
from xinglin.outreach.rules.tokens import make_token
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_message,
    make_patient,
    make_people,
    make_template_version,
    run_plan,
)
from xinglin.patients.actions import give_consent, withdraw_consent

pytestmark = pytest.mark.django_db


def drain() -> None:
    while dispatch.send_batch(worker="w", now=NOON):
        pass


def test_a_booking_confirmation_is_sent_once_whatever_the_hour() -> None:
    patient = make_patient(name="王小花")
    night = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
    for _ in range(2):
        message = actions.queue_message(
            key="appointment:1:booked",
            patient_id=patient.pk,
            template="appointment.booked",
            variables={
                "department": "内科",
                "doctor": "李医生",
                "starts_at": "6 月 3 日 09:00",
                "link": "http://x/a",
            },
            now=night,
        )
    assert (message.state, message.channel) == ("queued", "sms")
    while dispatch.send_batch(worker="w", now=night):
        pass

    sent = SinkMessage.objects.get()
    assert sent.text is not None
    assert sent.text.startswith(f"【{patient.organization.display_name}】王女士，您好！您已预约内科李医生")
    assert sent.address == patient.phone
    assert Message.objects.get().state == "delivered"


def test_an_own_approved_wording_wins_over_the_shipped_one() -> None:
    patient = make_patient()
    make_template_version(
        patient.organization,
        purpose="service",
        category="appointment.booked",
        channels=["email"],
        body="到时见，{姓名}",
    )
    actions.queue_message(key="k", patient_id=patient.pk, template="appointment.booked", now=NOON)
    drain()
    assert "到时见，" in (SinkMessage.objects.get().text or "")


def test_unknown_occasion_or_person() -> None:
    patient = make_patient()
    message = actions.queue_message(key="k", patient_id=patient.pk, template="no.such.thing", now=NOON)
    assert (message.state, message.reason) == ("refused", "template")
    with pytest.raises(NotFound):
        actions.queue_message(key="k2", patient_id=0, template="appointment.booked", now=NOON)
    assert Touch.objects.filter(kind="message.refused").count() == 1


def test_unlawful_variables_are_refused() -> None:
    patient = make_patient(consents=[("marketing", "sms")])
    version = make_template_version(patient.organization, channels=["sms"], body="{words}，预约：{链接}")
    message = actions.queue_message(
        key="k",
        patient_id=patient.pk,
        template=version.pk,
        purpose="marketing",
        variables={"words": "糖尿病根治，无效退款，保证治愈"},
        now=NOON,
    )
    assert (message.state, message.reason) == ("refused", "compliance")


def test_a_code_goes_to_a_stranger_and_leaves_no_trace() -> None:
    organization = make_organization()
    for _ in range(2):
        actions.send_code(
            organization_id=organization.pk,
            phone="13912345678",
            code="482913",
            minutes=5,
            key="code:1",
            now=NOON,
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outreach_message")
        stored = repr([bytes(v) if isinstance(v, memoryview) else v for row in cursor for v in row])
    assert "13912345678" not in stored
    assert "482913" not in stored

    drain()
    message, sent = Message.objects.get(), SinkMessage.objects.get()
    assert (message.state, message.variables, message.address) == ("delivered", None, None)
    assert "482913" in (sent.text or "")


def test_marketing_mail_carries_sender_refusal_and_tracked_links() -> None:
    organization = make_organization()
    people = make_people(organization, 1)
    version = make_template_version(
        organization, body="{称呼}：看 https://hospital.example/a?b=1&c=<2> 或 {链接} <b>{姓名}</b>"
    )
    people[0].name = "<script>alert(1)</script>"
    people[0].save()
    run_plan(make_campaign(organization, people, version=version))
    drain()

    sent, message = SinkMessage.objects.get(), Message.objects.get()
    assert sent.subject.startswith(f"【{organization.display_name}】")
    assert "https://hospital.example" not in (sent.text or "")
    assert (sent.text or "").count("http://testserver/r/") == 2
    assert f"退订：http://testserver/u/{make_token(message_id=message.pk, link=0)}" in (sent.text or "")
    assert "<script>" not in (sent.html or "")
    assert "&lt;script&gt;" in (sent.html or "")
    assert "<b>" not in (sent.html or "")
    assert f"/o/{make_token(message_id=message.pk, link=1)}.gif" in (sent.html or "")


def test_clicks_and_openings_count_once_and_prove_arrival() -> None:
    organization = make_organization()
    run_plan(make_campaign(organization, make_people(organization, 1)))
    drain()
    message, sent = Message.objects.get(), SinkMessage.objects.get()
    token = (sent.text or "").split("/r/")[1].split()[0]

    link = queries.resolve_link(token)
    assert link is not None
    assert (link.message_id, link.campaign_id, link.patient_id) == (
        message.pk,
        message.campaign_id,
        message.patient_id,
    )
    assert link.url == f"http://testserver/h/{organization.slug}/"
    assert (message.state, message.delivered_at) == ("delivered", message.sent_at)
    assert Touch.objects.filter(kind="message.delivered", campaign_id=message.campaign_id).count() == 1
    Message.objects.update(state="unconfirmed")
    for _ in range(2):
        assert actions.record_click(token, now=NOON)
        assert actions.record_open(make_token(message_id=message.pk, link=1), now=NOON)
    message.refresh_from_db()
    assert (message.state, message.clicked_at, message.opened_at) == ("delivered", NOON, NOON)
    assert Touch.objects.filter(kind="message.clicked", campaign_id=message.campaign_id).count() == 1
    assert not actions.record_click(token[:-2] + "AA", now=NOON)
    assert queries.resolve_link("x") is None


def test_unsubscribing_withdraws_consent_and_stops_what_waits() -> None:
    organization = make_organization()
    people = make_people(organization, 2)
    run_plan(make_campaign(organization, people))
    waiting = Message.objects.get(patient=people[0])
    token = make_token(message_id=waiting.pk, link=0)

    shown = queries.find_unsubscribe(token)
    assert shown is not None
    assert (shown.channel, shown.masked_address[1:5], shown.is_done) == ("email", "***@", False)
    assert actions.unsubscribe(token, now=NOON)
    assert actions.unsubscribe(token, now=NOON, how="one-click")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("refused", "unsubscribed")
    assert Suppression.objects.filter(patient=people[0], kind="unsubscribed", channel="email").count() == 1
    assert Touch.objects.filter(kind="consent.withdrawn", patient_id=people[0].pk).count() == 1
    drain()
    assert SinkMessage.objects.count() == 1
    assert not actions.unsubscribe(make_token(message_id=waiting.pk, link=2), now=NOON)


def test_withdrawn_consent_stops_the_queue_and_a_new_one_ends_the_refusal() -> None:
    organization = make_organization()
    actor = make_actor("director", organization)
    people = make_people(organization, 1)
    run_plan(make_campaign(organization, people))
    facts: dict[str, Any] = {
        "actor": actor,
        "patient_id": people[0].pk,
        "purpose": "marketing",
        "channel": "email",
        "how": "counter",
    }
    withdraw_consent(now=NOON, **facts)
    run_jobs()
    assert Message.objects.get().reason == "consent"

    old = make_message(people[0])
    actions.unsubscribe(make_token(message_id=old.pk, link=0), now=NOON)
    give_consent(now=NOON, **facts)
    run_jobs()
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()


def test_receipts_deliver_bounce_and_suppress() -> None:
    patient = make_patient()
    good, bad = make_message(patient), make_message(patient)
    count = actions.record_receipts(
        organization_id=patient.organization_id,
        receipts=[
            actions.Receipt(message_id=good.pk, is_delivered=True, at=NOON),
            actions.Receipt(
                message_id=bad.pk, is_delivered=False, at=NOON, error="550 no such user", is_bad_address=True
            ),
        ],
        now=NOON,
    )
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (count, good.state, bad.state) == (2, "delivered", "failed")
    assert Suppression.objects.get().kind == "bounced"


def test_a_person_settles_what_the_system_cannot() -> None:
    organization = make_organization()
    actor = make_actor("director", organization)
    patient = make_patient(organization, consents=[("marketing", "email")])
    lost, dead = (
        make_message(patient, state="unconfirmed", due_at=NOON),
        make_message(
            patient, state="failed", purpose="service", channel="sms", category="appointment.booked"
        ),
    )
    assert actions.mark_sent(actor=actor, message_ids=[lost.pk, dead.pk], now=NOON) == 1
    assert actions.send_again(actor=actor, message_ids=[lost.pk, dead.pk], now=NOON) == 1
    assert actions.send_again(actor=make_actor("director"), message_ids=[dead.pk], now=NOON) == 0
    drain()
    dead.refresh_from_db()
    assert dead.state == "delivered"


def test_a_message_of_a_cancelled_campaign_is_not_sent_again() -> None:
    organization = make_organization()
    client = make_client("director", organization)
    actor = client.actor
    patient = make_patient(organization, consents=[("marketing", "email")])
    campaign = make_campaign(organization, [patient], status="cancelled", started_at=NOON)
    facts: dict[str, Any] = {"version": campaign.template_version, "state": "failed", "error": "550"}
    dead, free = make_message(patient, campaign=campaign, **facts), make_message(patient, **facts)

    with pytest.raises(actions.CampaignCancelled, match=campaign.name):
        actions.send_again(actor=actor, message_ids=[dead.pk, free.pk], now=NOON)
    answer = client.post(
        "/api/v1/outreach/resolutions",
        {"message_ids": [dead.pk], "outcome": "again"},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "campaign-cancelled")
    url = f"{reverse('outreach:resolution-create')}?state=failed"
    page = client.post(url, {"ids": [dead.pk], "do": "again"}, follow=True)
    assert f"「{campaign.name}」已经取消" in page.content.decode()
    states = Message.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["failed", "failed"]
    client.post(url, {"all": "1", "do": "again"})
    assert list(states.all()) == ["failed", "queued"]
    unknown = make_message(make_patient(organization), campaign=campaign, state="unconfirmed")
    assert actions.mark_sent(actor=actor, message_ids=[unknown.pk], now=NOON) == 1


def test_judgements_name_every_check_and_the_rules() -> None:
    patient = make_patient()
    actor = make_actor("director", patient.organization)
    message = actions.queue_message(
        key="k",
        patient_id=patient.pk,
        template="appointment.booked",
        purpose="marketing",
        channel="email",
        now=NOON,
    )
    judgement = queries.judgements_of(queries.get_message(actor, message.pk))[0]
    assert (message.reason, judgement.rules_version) == ("consent", "outreach.gate@2026.2")
    assert [line.code for line in judgement.checks if not line.is_passed] == ["consent"]
    assert len(judgement.checks) == 18
    assert json.dumps([line.citation for line in judgement.checks])


def test_the_record_of_a_message_names_the_rules_its_text_was_judged_by() -> None:
    organization = make_organization()
    version = make_template_version(
        organization, verdict={"verdict": "pass", "pack_version": "2026-11-01+ab"}
    )
    message = make_message(make_people(organization, 1)[0], version=version)
    client: Any = make_client(role="director", organization=organization)

    answer = client.get(f"/api/v1/outreach/messages/{message.pk}").json()
    page = client.get(f"/outreach/messages/{message.pk}/").content.decode()

    assert answer["decisions"][0]["text_rules"] == "2026-11-01+ab"
    assert "文字规则 2026-11-01+ab" in page
