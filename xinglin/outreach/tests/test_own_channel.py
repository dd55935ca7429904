"""Each person's best channel first: in planning, in the pre-flight, over REST, and when a channel fails."""

from typing import Any

import pytest
from django.urls import reverse

from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_client, make_organization
from xinglin.outreach import dispatch
from xinglin.outreach.models import Campaign, Message, SinkMessage
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_consent,
    make_people,
    make_provider,
    make_template_version,
    run_plan,
)
from xinglin.outreach.tests.providers_server import Reply, Request, provider_server
from xinglin.scores.models import Refusal, Score, ScoreModel

pytestmark = pytest.mark.django_db
BOTH = ["email", "sms"]


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


def score(hospital: Organization, labels: dict[Any, str], *, has_skill: bool = True) -> ScoreModel:
    """The best channel of these people, by a model that has skill or not."""
    model = ScoreModel.objects.create(
        organization=hospital, name="best_channel", version=1, fitted_at=NOON, computed_at=NOON,
        has_skill=has_skill, reason="" if has_skill else "no-gain",
    )  # fmt: skip
    Score.objects.bulk_create(
        Score(
            organization=hospital, patient=person, name="best_channel", value=0.9, label=label,
            computed_at=NOON, model=model,
        )
        for person, label in labels.items()
    )  # fmt: skip
    return model


def mailing(hospital: Organization, people: list[Any], **facts: Any) -> Campaign:
    version = make_template_version(hospital, channels=BOTH)
    return make_campaign(hospital, people, version=version, channels=BOTH, by_best_channel=True, **facts)


def channels_of(campaign: Campaign, people: list[Any]) -> list[str]:
    found = dict(Message.objects.filter(campaign=campaign).values_list("patient_id", "channel"))
    return [found[person.pk] for person in people]


def test_the_best_channel_goes_first_where_it_is_known_and_may_be_used(hospital: Organization) -> None:
    people = make_people(hospital, 5, channel="email")
    for person in (people[0], people[2], people[3], people[4]):
        make_consent(person, channel="sms")
    score(hospital, dict.fromkeys(people[:3], "sms") | {people[3]: "letter"})
    Refusal.objects.create(organization=hospital, patient=people[2], at=NOON)
    campaign = mailing(hospital, people)
    client = make_client("director", hospital)

    run_plan(campaign, preflight=True)
    shown = client.get(reverse("outreach:campaign-preflight", args=[campaign.public_id])).content.decode()
    told = client.get(f"/api/v1/outreach/campaigns/{campaign.public_id}").json()
    assert (told["by_best_channel"], told["preflight"]["by_channel"]) == (True, {"email": 4, "sms": 1})
    assert (told["preflight"]["own_channel"], told["preflight"]["own_barred"]) == ({"sms": 1}, 1)
    assert "1 人走常用渠道，1 人的常用渠道发不了、改按顺序，3 人不知道常用渠道、按顺序" in shown
    assert "1 人因为这是常用渠道" in shown

    run_plan(campaign)
    assert channels_of(campaign, people) == ["sms", "email", "email", "email", "email"]


def test_without_a_model_with_skill_the_choice_says_so_and_changes_nothing(hospital: Organization) -> None:
    people = make_people(hospital, 2)
    for person in people:
        make_consent(person, channel="sms")
    score(hospital, {}, has_skill=False)
    campaign = mailing(hospital, people)
    client = make_client("director", hospital)

    form = client.get(reverse("outreach:campaign-timing", args=[campaign.public_id])).content.decode()
    run_plan(campaign, preflight=True)
    shown = client.get(reverse("outreach:campaign-preflight", args=[campaign.public_id])).content.decode()
    run_plan(campaign)

    assert "还看不出每个人的常用渠道" in form
    assert "全部按顺序" in shown
    assert channels_of(campaign, people) == ["email", "email"]
    ScoreModel.objects.update(has_skill=True, reason="")
    again = client.get(reverse("outreach:campaign-timing", args=[campaign.public_id])).content.decode()
    assert "先用这个人最常回应的" in again


def test_it_is_chosen_in_the_wizard_and_over_rest(hospital: Organization) -> None:
    client = make_client("director", hospital)
    campaign = make_campaign(hospital, make_people(hospital, 1), channels=BOTH)
    url = reverse("outreach:campaign-timing", args=[campaign.public_id])

    client.post(url, {"first": "email", "second": "", "by_best_channel": "on"})
    campaign.refresh_from_db()
    assert campaign.by_best_channel

    body = {"name": "新的", "by_best_channel": False}
    told = client.patch(
        f"/api/v1/outreach/campaigns/{campaign.public_id}", body, content_type="application/json"
    )
    assert told.json()["by_best_channel"] is False
    campaign.refresh_from_db()
    assert not campaign.by_best_channel


def test_when_the_best_channel_fails_the_others_follow_in_their_order(
    hospital: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")

    def refuse(request: Request) -> Reply:
        return 400, {"error": "number out of service"}

    people = make_people(hospital, 2)
    for person in people:
        make_consent(person, channel="sms")
    score(hospital, {people[0]: "sms"})
    with provider_server(refuse) as server:
        make_provider(hospital, kind="http", settings={"endpoint": server.url, "timeout": 1})
        campaign = run_plan(mailing(hospital, people))
        assert channels_of(campaign, people) == ["sms", "email"]
        while dispatch.send_batch(worker="w", now=NOON):
            pass
    rows = {row.patient_id: (row.channel, row.state, row.way) for row in Message.objects.all()}
    assert rows[people[0].pk] == ("email", "delivered", "sms,email")
    assert rows[people[1].pk] == ("email", "delivered", None)
    assert SinkMessage.objects.count() == 2


def test_a_model_that_loses_its_skill_voids_nothing_that_was_seen(hospital: Organization) -> None:
    people = make_people(hospital, 1)
    make_consent(people[0], channel="sms")
    model = score(hospital, {people[0]: "sms"})
    campaign = mailing(hospital, people)
    run_plan(campaign, preflight=True)
    assert campaign.preflight["by_channel"] == {"sms": 1}
    ScoreModel.objects.filter(pk=model.pk).update(has_skill=False, reason="no-gain")
    run_plan(campaign)
    assert channels_of(campaign, people) == ["email"]
