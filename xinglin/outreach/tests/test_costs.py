"""A budget has a price, the price comes from the account, and the pre-flight tells it channel by channel."""

from typing import Any

import pytest
from django.urls import reverse

from xinglin.core.errors import Invalid
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.outreach import actions, queries
from xinglin.outreach.models import Campaign
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_people,
    make_provider,
    make_template_version,
    run_plan,
)
from xinglin.outreach.tests.test_pages import sign_in

pytestmark = pytest.mark.django_db
VOID = "有预算上限就要写每条成本"


def by_sms(hospital: Any, body: str, **facts: Any) -> Campaign:
    version = make_template_version(hospital, channels=["sms", "email"], body=body)
    people = make_people(hospital, 4, channel="sms")
    return make_campaign(hospital, people, version=version, channels=["sms"], **facts)


def test_a_cap_without_a_price_is_refused_at_the_form_and_by_rest() -> None:
    hospital = make_organization()
    campaign, client = by_sms(hospital, "您好"), sign_in(hospital)
    url = reverse("outreach:campaign-money", args=[campaign.public_id])
    money = {"holdout_percent": "0", "unit_cost_fen": "0", "budget_cap_fen": "200"}
    answer = client.post(url, money)
    assert answer.status_code == 422
    assert VOID in answer.content.decode()
    body = {"name": "x", "budget_cap_fen": 20_000}
    answer = client.post("/api/v1/outreach/campaigns", body, content_type="application/json")
    assert answer.status_code == 422
    assert "unit_cost_fen" in answer.content.decode()
    body["unit_cost_fen"] = 5
    assert client.post("/api/v1/outreach/campaigns", body, content_type="application/json").status_code == 201
    assert client.post(url, {**money, "unit_cost_fen": "0.05"}).status_code == 302


def test_an_older_draft_with_a_void_cap_goes_on_but_is_not_checked() -> None:
    hospital = make_organization()
    campaign, actor = by_sms(hospital, "您好", budget_cap_fen=100), make_actor("director", hospital)
    actions.update_campaign(actor=actor, public_id=campaign.public_id, name="改名", now=NOON)
    with pytest.raises(Invalid) as refused:
        actions.request_preflight(actor=actor, public_id=campaign.public_id, now=NOON)
    assert list(refused.value.fields) == ["unit_cost_fen"]


def test_the_price_of_the_account_is_filled_in_by_segments() -> None:
    hospital = make_organization()
    campaign, client = by_sms(hospital, "复诊季已开始，" * 15), sign_in(hospital)
    url = reverse("outreach:campaign-money", args=[campaign.public_id])
    assert 'value="0.00"' in client.get(url).content.decode()
    make_provider(hospital, unit_cost_fen=4)
    assert [(one.segments, one.each_fen) for one in queries.channel_prices(campaign)] == [(2, 8)]
    text = client.get(url).content.decode()
    assert 'value="0.08"' in text
    assert "2 条计费" in text
    campaign.unit_cost_fen = 6
    campaign.save()
    assert 'value="0.06"' in client.get(url).content.decode()  # what somebody wrote stays


def test_the_preflight_tells_the_cost_of_each_channel() -> None:
    hospital = make_organization()
    make_provider(hospital, kind="http", unit_cost_fen=4, settings={"medical": "yes"})
    people = [*make_people(hospital, 3), *make_people(hospital, 2, channel="sms")]
    version = make_template_version(hospital, channels=["sms", "email"], body="您好")
    campaign = make_campaign(hospital, people, version=version, channels=["email", "sms"], unit_cost_fen=3)
    run_plan(campaign, preflight=True)
    costs = {one.code: (one.people, one.cost_fen, one.is_dearer) for one in queries.channel_costs(campaign)}
    assert costs["email"] == (3, 9, False)
    assert sum(cost for _people, cost, _dear in costs.values()) == campaign.preflight["cost_fen"]
    client = sign_in(hospital)
    text = client.get(reverse("outreach:campaign-preflight", args=[campaign.public_id])).content.decode()
    assert "花 ¥0.09" in text
    found = client.get(f"/api/v1/outreach/campaigns/{campaign.public_id}").json()
    assert found["costs"]["email"] == 9
    assert costs["sms"] == (2, 6, True)
    assert "比填的成本高" in text
