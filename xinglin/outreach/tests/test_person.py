"""One person's record: what was not sent and why, and stopping by hand."""

import pytest
from django.urls import reverse

from xinglin.directory.tests.factories import make_organization
from xinglin.outreach import actions
from xinglin.outreach.models import Suppression
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_message,
    make_patient,
    make_provider,
    run_plan,
)
from xinglin.outreach.tests.test_pages import sign_in

pytestmark = pytest.mark.django_db


def test_the_record_says_which_checks_kept_a_campaign_from_a_person() -> None:
    hospital = make_organization()
    person = make_patient(hospital, is_verified=False)
    campaign = make_campaign(hospital, [person])
    run_plan(campaign)
    client = sign_in(hospital, "agent")
    shown = client.get(reverse("outreach:person", args=[person.public_id]), {"show": "campaigns"})
    text = shown.content.decode()
    assert campaign.name in text
    assert "身份未核实" in text
    assert "没有同意" in text
    assert "outreach.gate@" in text
    other = sign_in(make_organization(), "agent")
    assert other.get(reverse("outreach:person", args=[person.public_id])).status_code == 404


def test_a_colleague_stops_messages_with_a_reason_and_lets_them_go_again() -> None:
    hospital = make_organization()
    person = make_patient(hospital)
    waiting = make_message(person, state="queued")
    client = sign_in(hospital, "agent")
    url = reverse("outreach:stop-create", args=[person.public_id])
    assert client.post(url, {"kind": "manual", "channel": "", "reason": ""}).status_code == 422
    assert client.post(url, {"kind": "bounced", "channel": "", "reason": "x"}).status_code == 422
    assert client.post(url, {"kind": "manual", "channel": "", "reason": "本人来电"}).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("refused", "manual")
    assert person.name in client.get(reverse("outreach:stop-list")).content.decode()
    stop = Suppression.objects.get()
    lift = reverse("outreach:stop-lift", args=[person.public_id, stop.public_id])
    client.post(lift, {"reason": ""})
    assert Suppression.objects.filter(lifted_at__isnull=True).exists()
    client.post(lift, {"reason": "本人来电说可以"})
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()


def test_who_unsubscribed_is_not_brought_back_by_a_colleague() -> None:
    hospital = make_organization()
    person = make_patient(hospital)
    actions.refuse_further(
        organization_id=hospital.pk, patient_id=person.pk, channel="sms", by="x", how="link", reason="td",
        source="reply", now=NOON,
    )  # fmt: skip
    client = sign_in(hospital, "agent")
    stop = Suppression.objects.get()
    answer = client.post(
        f"/api/v1/outreach/stops/{stop.public_id}/lifting", {"reason": "x"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "needs-consent")


def test_releases_and_group_posts_by_rest() -> None:
    hospital = make_organization()
    client, body = sign_in(hospital), {"text": "周六上午有免费血压测量", "groups": ["g1"], "sender": "wang"}
    url = "/api/v1/outreach/channels/wecom/"
    assert client.post(f"{url}group-posts", body, content_type="application/json").status_code == 422
    make_provider(hospital, channel="wecom", kind="wecom")
    assert client.post(f"{url}group-posts", body, content_type="application/json").status_code == 201
    found = client.get(f"{url}releases").json()["items"]
    assert [(row["groups"], row["status"]) for row in found] == [(["g1"], "asked")]
