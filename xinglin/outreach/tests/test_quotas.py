"""Daily limits: what is left, on the list of channels, before a campaign starts and by REST."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.directory.tests.factories import make_organization
from xinglin.outreach import queries
from xinglin.outreach.dispatch.accounts import give_back, take_tokens
from xinglin.outreach.models import Campaign
from xinglin.outreach.rules.retry import more_days
from xinglin.outreach.tests.factories import (
    make_campaign,
    make_people,
    make_provider,
    make_template_version,
    run_plan,
)
from xinglin.outreach.tests.test_pages import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("people", "left", "days"), [(0, 0, 0), (5, 5, 0), (6, 5, 1), (15, 5, 1), (16, 5, 2), (10, 0, 1)]
)
def test_further_days(people: int, left: int, days: int) -> None:
    assert more_days(people=people, left=left, daily_limit=10) == days


def by_mail(hospital: Any, **facts: Any) -> Campaign:
    version = make_template_version(hospital)
    return run_plan(
        make_campaign(hospital, make_people(hospital, 9), version=version, **facts), preflight=True
    )


def test_what_is_left_follows_what_was_taken_and_begins_anew_the_next_day() -> None:
    hospital, now = make_organization(), timezone.now()
    provider = make_provider(hospital, channel="email", kind="smtp", daily_limit=5)
    assert take_tokens(provider_id=provider.pk, wanted=3, now=now) == 3
    provider.refresh_from_db()
    assert provider.left_today(now=now) == 2
    assert provider.left_today(now=now + timedelta(days=1)) == 5
    assert take_tokens(provider_id=provider.pk, wanted=9, now=now + timedelta(seconds=1)) == 2
    give_back(provider_id=provider.pk, count=1)
    provider.refresh_from_db()
    assert provider.left_today(now=now) == 1
    other = make_provider(hospital, daily_limit=None)
    assert other.left_today(now=now) is None


def test_pages_and_rest_say_what_is_left() -> None:
    hospital, now = make_organization(), timezone.now()
    provider = make_provider(hospital, channel="email", kind="smtp", daily_limit=4)
    take_tokens(provider_id=provider.pk, wanted=3, now=now)
    campaign, client = by_mail(hospital), sign_in(hospital)
    text = client.get(reverse("outreach:campaign-preflight", args=[campaign.public_id])).content.decode()
    assert "邮件每天最多 4 条，今天还能发 1 条。" in text
    assert "要发 9 人，第一天发不完，其余的还要 2 天。" in text
    listed = client.get(reverse("outreach:provider-list")).content.decode()
    assert '1<span class="t3"> / 4</span>' in listed
    found = client.get(f"/api/v1/outreach/campaigns/{campaign.public_id}").json()
    assert found["quotas"] == {"email": {"left": 1, "daily_limit": 4, "more_days": 2}}
    channels = client.get("/api/v1/outreach/channels/").json()
    assert [row["left_today"] for row in channels] == [1]


def test_a_campaign_of_another_day_has_that_days_limit() -> None:
    hospital, now = make_organization(), timezone.now()
    provider = make_provider(hospital, channel="email", kind="smtp", daily_limit=9)
    take_tokens(provider_id=provider.pk, wanted=9, now=now)
    campaign = by_mail(hospital, starts_at=now + timedelta(days=3))
    [quota] = queries.channel_quotas(campaign, now=now)
    assert (quota.left, quota.more_days, quota.is_today) == (9, 0, False)
    Campaign.objects.filter(pk=campaign.pk).update(starts_at=None)
    campaign.refresh_from_db()
    [quota] = queries.channel_quotas(campaign, now=now)
    assert (quota.left, quota.more_days) == (0, 1)
