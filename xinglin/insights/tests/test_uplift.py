"""Who came because of a campaign: a world in which only people who had been here before are moved."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.urls import reverse

from xinglin.booking.touches import AppointmentBooked, VisitEnded
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound, PermissionDenied
from xinglin.core.models import AuditEntry, Job
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_actor, make_client, make_organization
from xinglin.insights import actions, queries
from xinglin.insights.tests.factories import START, drawn, make_result
from xinglin.ledger import lake
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.tests.factories import make_campaign, make_people, run_plan
from xinglin.patients.models import Patient
from xinglin.scores import actions as scores

pytestmark = pytest.mark.django_db
LATER = START + timedelta(days=20)
EVERY = {"insights.report.view", "outreach.campaign.view", "scores.model.run"}


@pytest.fixture(autouse=True)
def _own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_DIR", str(tmp_path / "lake"))


def make_trial(organization: Any = None, *, moved: float, size: int = 2400, level: float = 0.1) -> Any:
    """Every other person had been here; of those sent to, such people book with ``moved`` more."""
    organization = organization or make_organization()
    people = make_people(organization, size, first=10_000_001)
    campaign = run_plan(make_campaign(organization, people, holdout_share=0.3))
    random, touches = Random(5), list[NewTouch]()

    def touch(patient: int, props: Any, days: float) -> None:
        at = START + timedelta(days=days)
        touches.append(NewTouch(props=props, organization_id=organization.pk, at=at, patient_id=patient))

    for arm in (1, 2):
        for patient in drawn(campaign, arm):
            if patient % 2:
                touch(patient, VisitEnded(visit="v"), -40)
            if random.random() < level + (moved if patient % 2 and arm == 1 else 0):
                touch(patient, AppointmentBooked(appointment="a"), 1 + random.random() * 12)
    record_many(touches, now=LATER)
    lake.sync(now=LATER)
    campaign.refresh_from_db()
    return campaign


def measure(campaign: Any, **asked: Any) -> queries.Uplift:
    facts: dict[str, Any] = {"outcome": "booked", "days": 14, "now": LATER, **asked}
    facts |= {"actor": Actor.system(campaign.organization_id), "public_id": campaign.public_id}
    actions.measure_uplift(**facts)
    return queries.get_uplift(**facts)


def test_those_who_are_moved_are_found_and_described() -> None:
    found = measure(make_trial(moved=0.4))

    assert found.kept is not None
    report = found.kept.report
    assert (found.state, report["has_skill"]) == ("shown", True)
    assert report["qini_interval"][0] > 0
    assert report["best_lift"] > report["mean_lift"] + 0.1
    assert report["groups"][0]["low"] > 0 > report["groups"][-1]["low"]
    assert all(low <= gain <= high for _share, gain, low, high in report["curve"][:-1])
    profile = {name: (best, rest) for name, best, rest in report["profile"]}
    assert profile["visits"][0] == 1
    assert profile["visits"][1] < 0.5
    assert profile["recency_days"] == (40, 40)


@pytest.mark.parametrize(
    ("facts", "state"), [({"moved": 0.0}, "no-gain"), ({"moved": 0.4, "size": 600}, "too-few")]
)
def test_nothing_is_claimed_without_an_effect_or_for_few(facts: dict[str, Any], state: str) -> None:
    assert measure(make_trial(**facts)).state == state


def test_few_outcomes_are_too_few() -> None:
    assert measure(make_trial(moved=0.0, level=0.01)).state == "too-few"


def test_who_refused_to_be_scored_is_not_learned_from() -> None:
    campaign = make_trial(moved=0.0)
    before = measure(campaign).kept
    for patient in Patient.objects.filter(pk__in=drawn(campaign, 1)[:40]):
        scores.refuse(
            actor=Actor.system(campaign.organization_id), patient=patient.public_id, note="", now=LATER
        )

    after = measure(campaign).kept

    assert before is not None
    assert after is not None
    people = [row.report["rows"] + row.report["trained_rows"] for row in (before, after)]
    assert people[0] - people[1] == 40
    assert before.pk == after.pk


def test_it_waits_for_the_days_and_wants_a_holdout() -> None:
    alone = make_result(holdout=0.0)
    campaign = make_result()
    draft = make_campaign(campaign.organization)
    early = START + timedelta(days=13)
    for one, now in ((alone, LATER), (campaign, early), (draft, LATER)):
        with pytest.raises(actions.NotYet):
            measure(one, now=now)
    assert measure(campaign, now=early, days=7).state == "too-few"
    for wrong in ({"outcome": "unsubscribed"}, {"outcome": "x"}, {"days": 15}):
        with pytest.raises(NotFound):
            measure(campaign, **wrong)


def test_the_page_asks_for_it_and_shows_it() -> None:
    client: Any = make_client(permissions=EVERY)
    campaign = make_trial(client.membership.organization, moved=0.4)
    page = reverse("insights:campaign-uplift", args=[campaign.public_id])
    assert page in client.get(reverse("insights:campaign-result", args=[campaign.public_id])).content.decode()
    assert "还没有算过" in client.get(page).content.decode()

    asked = client.post(f"{page}run/", {"outcome": "booked", "days": "14"})
    assert asked.status_code == 302
    assert "正在算" in client.get(page).content.decode()
    assert client.get(f"/api/v1/insights/campaigns/{campaign.public_id}/uplift").json()["is_running"]
    run_jobs()

    assert Job.objects.get(name="insights.uplift").result_url == f"{page}?outcome=booked&days=14"
    text = client.get(page).content.decode()
    assert "下次先发给这样的人" in text
    assert "前三成是什么样的人" in text
    plain = client.get(f"/api/v1/insights/campaigns/{campaign.public_id}/uplift").json()
    assert (plain["state"], len(plain["report"]["groups"])) == ("shown", 5)
    assert AuditEntry.objects.filter(action="insights.uplift.requested").count() == 1


def test_only_the_own_hospital_and_only_with_permission() -> None:
    campaign = make_result()
    reader: Any = make_client(permissions=EVERY - {"scores.model.run"}, organization=campaign.organization)
    path = f"/api/v1/insights/campaigns/{campaign.public_id}/uplift"
    assert reader.get(path).json()["state"] == "none"
    assert reader.post(path, content_type="application/json").status_code == 403
    stranger: Any = make_client(permissions=EVERY)
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, content_type="application/json").status_code == 404
    with pytest.raises(PermissionDenied):
        actions.begin_uplift(
            actor=make_actor(organization=campaign.organization, permissions={"scores.model.run"}),
            public_id=campaign.public_id, outcome="booked", days=14, now=LATER,
        )  # fmt: skip
