"""Every page answers for those who may see it, with empty and with full tables."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xinglin.audiences.models import AudienceMember
from xinglin.directory.tests.factories import PASSWORD, make_client, make_membership, make_organization
from xinglin.outreach import dispatch
from xinglin.outreach.models import Campaign, Message, SinkMessage
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_consent,
    make_message,
    make_patient,
    make_people,
    make_template_version,
    run_plan,
)

pytestmark = pytest.mark.django_db
PLAIN = [
    "campaign-list",
    "campaign-create",
    "message-list",
    "unresolved-list",
    "freeze",
    "rules",
    "provider-list",
    "inbox",
]


def sign_in(organization: Any, role: str = "director") -> Client:
    membership = make_membership(role, organization)
    client = Client()
    assert client.login(username=membership.user.username, password=PASSWORD)
    return client


@pytest.fixture
def hospital() -> Any:
    return make_organization()


@pytest.mark.parametrize("name", PLAIN)
def test_empty_pages(hospital: Any, name: str) -> None:
    assert sign_in(hospital).get(reverse(f"outreach:{name}")).status_code == 200


def test_a_campaign_through_its_pages(hospital: Any) -> None:
    client = sign_in(hospital)
    version = make_template_version(hospital)
    people = [*make_people(hospital, 5), make_patient(hospital)]
    campaign = make_campaign(hospital, people, version=version)

    def url(name: str, *more: str) -> str:
        return reverse(f"outreach:{name}", args=[campaign.public_id, *more])

    for name in ("people-step", "wording", "timing", "money", "preflight"):
        assert client.get(url(f"campaign-{name}")).status_code == 200
    assert client.post(url("campaign-money"), {"holdout_percent": "99"}).status_code == 422
    money = {"holdout_percent": "0", "unit_cost_fen": "0.10", "budget_cap_fen": ""}
    assert client.post(url("campaign-money"), money).status_code == 302
    assert client.post(url("campaign-timing"), {"first": "email", "second": ""}).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.unit_cost_fen, campaign.holdout_share, campaign.channels) == (10, 0.0, ["email"])

    run_plan(campaign, preflight=True)
    shown = client.get(url("campaign-preflight")).content.decode()
    assert "没有同意" in shown
    assert "发给 5 人" in shown
    assert client.get(url("campaign-people", "consent")).status_code == 200
    assert client.get(url("campaign-people", "nonsense")).status_code == 404
    assert client.post(url("campaign-launch"), {"preflight": "old"}).status_code == 302
    assert Campaign.objects.get().status == "draft"

    run_plan(Campaign.objects.get())
    dispatch.send_batch(worker="w", now=NOON)
    page = client.get(url("campaign-detail"))
    assert "一人不差" in page.content.decode()
    part = client.get(url("campaign-detail"), headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    for bucket in ("sent", "holdout", "pending", "consent"):
        assert client.get(url("campaign-people", bucket)).status_code == 200
    assert client.post(url("campaign-pause")).status_code == 302
    assert client.post(url("campaign-resume")).status_code == 302
    assert client.post(url("campaign-cancel")).status_code == 302
    assert client.get(reverse("outreach:campaign-list")).status_code == 200

    message = Message.objects.first()
    assert message is not None
    assert client.get(reverse("outreach:message-detail", args=[message.pk])).status_code == 200
    assert client.get(f"{reverse('outreach:message-list')}?open={message.pk}").status_code == 200
    sink = SinkMessage.objects.get(key__startswith=f"m{message.pk}.")
    assert client.get(f"{reverse('outreach:inbox')}?open={sink.pk}").status_code == 200
    body = client.get(reverse("outreach:inbox-body", args=[sink.pk]))
    assert body["Content-Security-Policy"].startswith("sandbox")


def test_unresolved_messages_are_settled_on_their_page(hospital: Any) -> None:
    client = sign_in(hospital)
    message = make_message(make_patient(hospital), state="unconfirmed")
    url = reverse("outreach:unresolved-list")
    assert "对方已收到" in client.get(url).content.decode()
    answer = client.post(
        f"{reverse('outreach:resolution-create')}?state=unconfirmed", {"ids": [message.pk], "do": "sent"}
    )
    message.refresh_from_db()
    assert (answer.status_code, message.state) == (302, "accepted")


def test_freezing_wants_the_word(hospital: Any) -> None:
    client = sign_in(hospital)
    url = reverse("outreach:freeze")
    assert client.post(url, {"word": "好"}).status_code == 422
    assert client.post(url, {"word": "暂停", "reason": "舆情"}).status_code == 302
    assert "营销发送已暂停" in client.get(url).content.decode()
    assert client.post(url).status_code == 302
    assert "营销发送已暂停" not in client.get(url).content.decode()


def test_a_channel_is_set_up_and_its_password_never_shown(hospital: Any) -> None:
    client = sign_in(hospital)
    url = reverse("outreach:provider-edit", args=["email"])
    facts = {
        "kind": "smtp", "host": "mail.example", "port": "465", "security": "none", "sender": "a@b.example",
        "rate_per_second": "20", "secret": "s3cret-word", "is_enabled": "on",
    }  # fmt: skip
    assert client.post(url, facts).status_code == 422
    assert client.post(url, {**facts, "security": "tls"}).status_code == 302
    assert "s3cret-word" not in client.get(url).content.decode()
    assert client.get(reverse("outreach:provider-list")).status_code == 200


def test_what_changed_between_pre_flight_and_sending_is_told_line_by_line(hospital: Any) -> None:
    people = make_people(hospital, 3)
    campaign = make_campaign(hospital, people)
    url = reverse("outreach:campaign-detail", args=[campaign.public_id])
    run_plan(campaign, preflight=True)
    make_consent(people[0], status="withdrawn")
    run_plan(Campaign.objects.get())
    while dispatch.send_batch(worker="w", now=NOON):
        pass

    shown = sign_in(hospital).get(url)

    assert shown.context["changes"] == {"send": -1, "holdout": 0}
    (line,) = shown.context["lines"]
    assert (line["code"], line["before"], line["people"], line["change"]) == ("consent", 0, 1, 1)


def test_roles_and_other_hospitals(hospital: Any) -> None:
    campaign = make_campaign(hospital, make_people(hospital, 1))
    url = reverse("outreach:campaign-detail", args=[campaign.public_id])
    assert sign_in(make_organization()).get(url).status_code == 404
    assert sign_in(hospital, "rep").get(url).status_code == 403
    message = make_message(make_patient(hospital))
    other = sign_in(make_organization())
    assert other.get(reverse("outreach:message-detail", args=[message.pk])).status_code == 404


def test_a_preflight_says_who_waits_for_the_morning_and_whether_it_adds_up(hospital: Any) -> None:
    director = sign_in(hospital)
    viewer = make_client("rep", hospital, permissions={"outreach.campaign.view"})
    campaign = make_campaign(hospital, make_people(hospital, 4))
    url = reverse("outreach:campaign-preflight", args=[campaign.public_id])
    assert "开始检查" in director.get(url).content.decode()
    assert "开始检查" not in viewer.get(url).content.decode()
    night = NOON + timedelta(hours=13)
    run_plan(campaign, preflight=True, now=night)

    shown, seen = director.get(url).content.decode(), viewer.get(url).content.decode()
    assert "其中 4 人在夜间时段，顺延到早上" in shown
    assert "最佳钟点" not in shown
    assert "一人不差" in shown
    assert ("重新检查" in shown, "重新检查" in seen) == (True, False)

    # Somebody of the audience is gone before the plan gets to them.
    AudienceMember.objects.create(snapshot_id=campaign.snapshot_id or 0, patient_id=2**40)
    run_plan(campaign, preflight=True, now=night)
    shown = director.get(url).content.decode()
    assert ("一人不差" in shown, "对不上" in shown) == (False, True)


def test_replies_stand_beside_the_other_reactions(hospital: Any) -> None:
    campaign = run_plan(make_campaign(hospital, make_people(hospital, 3)))
    first = Message.objects.order_by("pk").first()
    Message.objects.filter(pk=first.pk).update(state="delivered", delivered_at=NOON, replied_at=NOON)  # type: ignore[union-attr]
    page = sign_in(hospital).get(reverse("outreach:campaign-detail", args=[campaign.public_id]))
    assert "送达 1，打开 0，点击 0，回复 1" in page.content.decode()
