"""Several wordings tried at once: who gets which, how many it takes, which one won, and who gets that one."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from xinglin.audiences.actions import AudienceInUse, archive_audience
from xinglin.audiences.models import Audience
from xinglin.core.errors import Invalid
from xinglin.core.models import Job
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_actor, make_client, make_organization
from xinglin.outreach import actions, queries
from xinglin.outreach.actions.hours import next_hour
from xinglin.outreach.models import Campaign, CampaignMember, CampaignVariant, Message
from xinglin.outreach.rules.assignment import PRIME
from xinglin.outreach.rules.experiments import (
    Tried,
    decide,
    intervals,
    p_value,
    people_needed,
    smallest_lift,
)
from xinglin.outreach.rules.occasions import next_occasion
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_people,
    make_template_version,
    run_plan,
)
from xinglin.scores.models import Score, ScoreModel

Arm = CampaignMember.Arm


def test_people_needed_as_published() -> None:
    # Fleiss, Levin and Paik (2003), table A.4 without continuity correction: 0.05 against 0.10, 80 %.
    assert people_needed(base=0.05, lift=0.05, wordings=2) == 435
    assert people_needed(base=0.05, lift=0.05, wordings=4) > 435
    with pytest.raises(ValueError, match="shares"):
        people_needed(base=0.5, lift=0.5, wordings=2)


@given(base=st.floats(0.01, 0.6), people=st.integers(50, 100_000), wordings=st.integers(2, 5))
def test_the_smallest_lift_is_the_one_for_which_the_people_suffice(
    base: float, people: int, wordings: int
) -> None:
    lift = smallest_lift(base=base, people=people, wordings=wordings)
    if lift is None:
        assert people_needed(base=base, lift=1 - base - 1e-6, wordings=wordings) > people
        return
    assert people_needed(base=base, lift=lift, wordings=wordings) <= people


@given(wordings=st.integers(2, 5), share=st.floats(0.05, 1))
def test_every_draw_belongs_to_one_wording_or_waits(wordings: int, share: float) -> None:
    spans = intervals(wordings=wordings, test_share=share)
    assert spans[0][0] == 0
    assert all(one[1] == two[0] for one, two in pairwise(spans))
    assert abs(spans[-1][1] - share * PRIME) <= 1
    sizes = [end - start for start, end in spans]
    assert max(sizes) - min(sizes) <= 1


def test_the_best_wins_clearly_or_not() -> None:
    clear = decide([Tried(0, 1000, 50), Tried(1, 1000, 100), Tried(2, 1000, 55)])
    assert (clear.winner, clear.is_clear) == (1, True)
    close = decide([Tried(0, 1000, 50), Tried(1, 1000, 56)])
    assert (close.winner, close.is_clear) == (1, False)
    assert decide([Tried(0, 0, 0), Tried(1, 0, 0)]).winner == 0


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=5))
def test_adjusted_values_are_never_smaller_than_plain_ones(counts: list[tuple[int, int]]) -> None:
    tried = [Tried(n, people, min(hits, people)) for n, (people, hits) in enumerate(counts)]
    verdict = decide(tried)
    for number, adjusted in verdict.p_values.items():
        assert p_value(tried[verdict.winner], tried[number]) <= adjusted <= 1


def beijing(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=ZoneInfo("Asia/Shanghai"))  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("repeat", "start", "following"),
    [
        ("week", beijing(2026, 1, 1, 10), [beijing(2026, 1, 8, 10), beijing(2026, 1, 15, 10)]),
        (
            "month",
            beijing(2026, 1, 31, 10),
            [beijing(2026, 2, 28, 10), beijing(2026, 3, 31, 10), beijing(2026, 4, 30, 10)],
        ),
        # Before eight in the morning it is still yesterday in Greenwich.
        ("month", beijing(2026, 3, 1, 7), [beijing(2026, 4, 1, 7), beijing(2026, 5, 1, 7)]),
        ("month", beijing(2026, 12, 15, 10), [beijing(2027, 1, 15, 10)]),
        ("", beijing(2026, 1, 1, 10), [None]),
    ],
)
@pytest.mark.parametrize("planned", [True, False])
def test_occasions(repeat: str, start: datetime, following: list[datetime | None], planned: bool) -> None:
    at: datetime | None = start.astimezone(UTC)
    plan = Campaign(repeat=repeat, starts_at=at if planned else None, started_at=at)
    for expected in following:
        assert at is not None
        at = next_occasion(plan, after=at, zone="Asia/Shanghai")
        assert at == expected
    plan.repeat_until = start.date()
    assert next_occasion(plan, after=start, zone="Asia/Shanghai") is None


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


def make_experiment(hospital: Organization, people: int, *, wordings: int = 2, **facts: Any) -> Campaign:
    campaign = make_campaign(hospital, make_people(hospital, people), **facts)
    for number in range(wordings):
        version = campaign.template_version if number == 0 else make_template_version(hospital)
        assert version is not None
        CampaignVariant.objects.create(campaign=campaign, number=number, template_version=version)
    return campaign


def send_all(campaign: Campaign, *, hits: dict[int, int], at: datetime = NOON) -> None:
    """Every message has left; ``hits`` people of each wording clicked."""
    messages = Message.objects.filter(campaign=campaign, state="queued")
    messages.update(state="accepted", sent_at=at)
    for variant in campaign.variants.all():
        ids = list(
            Message.objects.filter(campaign=campaign, template_version=variant.template_version)
            .order_by("id").values_list("pk", flat=True)[: hits.get(variant.number, 0)]
        )  # fmt: skip
        Message.objects.filter(pk__in=ids).update(clicked_at=at)


@pytest.mark.django_db
def test_everybody_gets_one_wording_and_the_groups_are_alike(hospital: Organization) -> None:
    campaign = run_plan(make_experiment(hospital, 300, wordings=3, holdout_share=0.2), size=70)

    sent = Counter(Message.objects.filter(campaign=campaign).values_list("template_version_id", flat=True))
    assert len(sent) == 3
    assert min(sent.values()) > 50
    assert sum(sent.values()) + campaign.counts["holdout"] == 300
    members = CampaignMember.objects.filter(campaign=campaign, arm=Arm.TREATMENT)
    versions = {one.number: one.template_version_id for one in campaign.variants.all()}
    told = dict(Message.objects.filter(campaign=campaign).values_list("patient_id", "template_version_id"))
    assert all(told[one.patient_id] == versions[one.variant] for one in members)
    account = queries.account_of(campaign)
    assert account.is_exact
    assert campaign.counts["variants"] == {str(number): sent[version] for number, version in versions.items()}


@pytest.mark.django_db
def test_the_rest_waits_and_then_gets_the_best_once(hospital: Organization) -> None:
    campaign = run_plan(make_experiment(hospital, 400, test_share=0.5, test_hours=24))
    before = queries.account_of(campaign)
    assert before.is_exact
    assert 150 < before.waiting < 250
    assert before.pending == 400 - before.waiting
    send_all(campaign, hits={1: 40})

    # Nothing is decided before its time, and the campaign does not count as over.
    assert actions.decide_experiments(now=NOON + timedelta(hours=23)) == 0
    assert actions.finish_campaigns(now=NOON + timedelta(hours=23)) == 0
    later = NOON + timedelta(hours=25)
    assert actions.decide_experiments(now=later) == 1
    assert actions.decide_experiments(now=later) == 0
    campaign.refresh_from_db()
    assert (campaign.winner, campaign.decision["is_clear"]) == (1, True)
    assert Job.objects.filter(name="outreach.release_rest").count() == 1

    while actions.release_rest(campaign_id=campaign.pk, now=later, size=60):
        pass
    while actions.release_rest(campaign_id=campaign.pk, now=later, size=60):
        pass

    rest = Message.objects.filter(campaign=campaign, state="queued")
    assert rest.count() == before.waiting
    assert set(rest.values_list("template_version_id", flat=True)) == {
        campaign.variants.get(number=1).template_version_id
    }
    after = queries.account_of(campaign)
    assert (after.waiting, after.is_exact) == (0, True)
    # Those who got the winner afterwards are no part of the comparison.
    assert sum(one.people for one in queries.wording_results(campaign)) == 400 - before.waiting
    rest.update(state="accepted", sent_at=later)
    assert actions.finish_campaigns(now=later) == 1


@pytest.mark.django_db
def test_a_paused_experiment_is_not_decided_and_a_cancelled_one_never(hospital: Organization) -> None:
    campaign = run_plan(make_experiment(hospital, 60, test_share=0.5))
    send_all(campaign, hits={0: 5})
    later = NOON + timedelta(days=3)
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    assert actions.decide_experiments(now=later) == 0
    Campaign.objects.filter(pk=campaign.pk).update(status="cancelled")
    assert actions.decide_experiments(now=later) == 0
    campaign.refresh_from_db()
    account = queries.account_of(campaign)
    assert account.is_exact
    assert account.cancelled > 0


@pytest.mark.django_db
def test_a_share_without_a_second_wording_makes_nobody_wait(hospital: Organization) -> None:
    actor, now = make_actor("director", hospital), timezone.now()
    campaign = make_campaign(hospital, make_people(hospital, 20))
    actions.update_campaign(actor=actor, public_id=campaign.public_id, now=now, test_share=0.4)
    campaign.refresh_from_db()
    run_plan(campaign)

    assert campaign.test_share == 1
    assert Message.objects.filter(campaign=campaign).update(state="accepted", sent_at=NOON) == 20
    assert actions.decide_experiments(now=NOON + timedelta(days=2)) == 0
    assert actions.finish_campaigns(now=NOON + timedelta(days=2)) == 1


@pytest.mark.django_db
def test_wrong_experiments_are_refused_with_the_field(hospital: Organization) -> None:
    actor, now = make_actor("director", hospital), timezone.now()
    own = make_template_version(hospital)
    service = make_template_version(hospital, purpose="service")
    campaign = make_campaign(hospital, version=own)
    for facts in (
        {"wordings": [own.pk]},
        {"wordings": [service.pk]},
        {"wordings": [make_template_version(hospital).pk for _ in range(5)]},
        {"test_share": 0.01},
        {"test_hours": 0},
        {"repeat": "year"},
        {"repeat_until": date(2020, 1, 1)},
    ):
        with pytest.raises(Invalid) as caught:
            actions.update_campaign(actor=actor, public_id=campaign.public_id, now=now, **facts)
        assert caught.value.fields.keys() == facts.keys()
    assert not CampaignVariant.objects.exists()


@pytest.mark.django_db
def test_the_page_sets_up_an_experiment_and_says_how_many_people_it_needs(hospital: Organization) -> None:
    client = make_client("director", hospital)
    own, other = make_template_version(hospital), make_template_version(hospital)
    campaign = make_campaign(hospital, version=own)
    url = reverse("outreach:campaign-wording", args=[campaign.public_id])
    facts: dict[str, Any] = {
        "template_version_id": own.pk, "wordings": [other.pk], "test_percent": 40, "test_metric": "opened",
        "test_hours": 48, "base_percent": 5, "lift_points": 5,
    }  # fmt: skip
    assert client.get(url).status_code == 200
    size = client.get(
        reverse("outreach:campaign-sample-size", args=[campaign.public_id]), facts
    ).content.decode()
    assert "<b>435</b>" in size
    strange = client.get(
        reverse("outreach:campaign-sample-size", args=[campaign.public_id]),
        {"base_percent": "nan", "lift_points": "1e999", "test_percent": "x", "wordings": ["7"]},
    )
    assert strange.status_code == 200

    assert client.post(url, facts).status_code == 302

    campaign.refresh_from_db()
    assert [one.template_version_id for one in campaign.variants.all()] == [own.pk, other.pk]
    assert (campaign.test_share, campaign.test_metric, campaign.test_hours) == (0.4, "opened", 48)


@pytest.mark.django_db
def test_results_stand_on_the_campaigns_page_and_in_the_api(hospital: Organization) -> None:
    client = make_client("director", hospital)
    campaign = run_plan(make_experiment(hospital, 80))
    send_all(campaign, hits={0: 10})
    Campaign.objects.filter(pk=campaign.pk).update(status="done", finished_at=NOON)

    page = client.get(reverse("outreach:campaign-detail", args=[campaign.public_id])).content.decode()
    found = client.get(f"/api/v1/outreach/campaigns/{campaign.public_id}").json()

    assert "内容对比" in page
    assert "p = 0.0" in page
    assert [one["hits"] for one in found["experiment"]["wordings"]] == [10, 0]


@pytest.mark.django_db
def test_each_person_at_their_best_hour_and_nobody_at_night(hospital: Organization) -> None:
    people = make_people(hospital, 5)
    card = ScoreModel.objects.create(
        organization=hospital, name="best_hour", version=1, fitted_at=NOON, has_skill=True
    )
    dull = ScoreModel.objects.create(
        organization=hospital, name="best_hour", version=2, fitted_at=NOON, reason="no-gain"
    )
    # 12:00 in Shanghai it is; hours 19 today, 9 tomorrow, 23 quiet, and one of a model without skill.
    for person, hour, model in zip(people, (19, 9, 23, 20), (card, card, card, dull), strict=False):
        Score.objects.create(
            organization=hospital, patient=person, name="best_hour", value=hour, computed_at=NOON, model=model
        )
    campaign = make_campaign(hospital, people, at_best_hour=True)
    client = make_client("director", hospital)
    run_plan(campaign, preflight=True)
    shown = client.get(reverse("outreach:campaign-preflight", args=[campaign.public_id])).content.decode()
    assert "其中 2 人等到自己的最佳钟点" in shown
    assert "夜间时段" not in shown
    run_plan(campaign)

    due = dict(Message.objects.filter(campaign=campaign).values_list("patient_id", "due_at"))
    local = [due[person.pk].astimezone(ZoneInfo("Asia/Shanghai")) for person in people]
    start = NOON.astimezone(ZoneInfo("Asia/Shanghai"))
    assert [one.hour for one in local] == [19, 9, start.hour, start.hour, start.hour]
    assert (local[0].date(), local[1].date()) == (start.date(), start.date() + timedelta(days=1))
    assert queries.account_of(campaign).is_exact


@given(hour=st.integers(0, 23), minutes=st.integers(0, 3 * 1440))
def test_the_next_hour_is_within_a_day(hour: int, minutes: int) -> None:
    after = NOON + timedelta(minutes=minutes)
    at = next_hour(after, hour=hour, zone="Asia/Shanghai")
    assert after <= at < after + timedelta(days=1)
    assert at.astimezone(ZoneInfo("Asia/Shanghai")).hour == hour


@pytest.mark.django_db
def test_a_repeated_campaign_runs_once_an_occasion_with_the_people_of_that_day(
    hospital: Organization,
) -> None:
    actor = make_actor("director", hospital)
    first = make_experiment(hospital, 5, repeat="week")
    Campaign.objects.filter(pk=first.pk).update(
        status="done", started_at=NOON, next_run_at=NOON + timedelta(days=7)
    )
    assert actions.run_occasions(now=NOON + timedelta(days=6)) == 0

    # Three weeks of standstill are one campaign, not three.
    late = NOON + timedelta(days=22)
    assert actions.run_occasions(now=late) == 1
    assert actions.run_occasions(now=late) == 0

    again = Campaign.objects.get(series=first)
    first.refresh_from_db()
    assert (again.status, again.snapshot_id, again.occasion) == (
        "running",
        None,
        (NOON + timedelta(days=21)).date(),
    )
    assert again.variants.count() == 2
    assert first.next_run_at == NOON + timedelta(days=28)
    assert again.seed != first.seed
    assert Job.objects.filter(name="outreach.plan", args__campaign=again.pk).exists()
    actions.end_series(actor=actor, public_id=first.public_id, now=late)
    assert actions.run_occasions(now=late + timedelta(days=30)) == 0
    with pytest.raises(actions.CampaignClosed):
        actions.end_series(actor=actor, public_id=first.public_id, now=late)


@pytest.mark.django_db
def test_the_audience_of_a_series_stays_until_the_series_ends(hospital: Organization) -> None:
    actor = make_actor("director", hospital)
    first = make_campaign(hospital, make_people(hospital, 2), repeat="week")
    Campaign.objects.filter(pk=first.pk).update(
        status="done", started_at=NOON, next_run_at=NOON + timedelta(days=7)
    )
    audience = Audience.objects.get()
    with pytest.raises(AudienceInUse):
        archive_audience(actor=actor, public_id=audience.public_id, now=NOON)
    actions.end_series(actor=actor, public_id=first.public_id, now=NOON)
    archive_audience(actor=actor, public_id=audience.public_id, now=NOON)
