from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.urls import reverse

from xinglin.core.actor import Actor, Scope
from xinglin.core.errors import NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_actor, make_client, make_organization
from xinglin.insights import actions, home, queries, words
from xinglin.insights.rules import share_difference
from xinglin.insights.tests.factories import START, book, drawn, make_result
from xinglin.ledger import lake
from xinglin.outreach.models import Campaign, Message
from xinglin.outreach.queries import campaign_report
from xinglin.outreach.tests.factories import make_campaign

pytestmark = pytest.mark.django_db
LATER = START + timedelta(days=20)
EVERY = {"insights.report.view", "outreach.campaign.view", "patients.patient.view"}


@pytest.fixture(autouse=True)
def _own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_DIR", str(tmp_path / "lake"))


def result_of(campaign: Any, **values: Any) -> queries.CampaignResult:
    actor = Actor.system(campaign.organization_id)
    return queries.campaign_result(actor=actor, public_id=campaign.public_id, **{"now": LATER, **values})


def test_everybody_drawn_counts_in_their_group() -> None:
    campaign = make_result()
    treated, held = len(drawn(campaign, 1)), len(drawn(campaign, 2))
    # One of those sent to was stopped at the last moment: still one of the group.
    stopped = Message.objects.filter(campaign=campaign, patient_id=drawn(campaign, 1)[0])
    stopped.update(state="refused", reason="consent", sent_at=None)

    result = result_of(campaign)

    assert (result.treated, result.held) == (treated, held)
    assert (result.booked.treated, result.booked.held) == (8, 2)
    assert result.booked.difference == share_difference(
        hits=8, people=treated, other_hits=2, other_people=held
    )
    assert result.booked.extra.point == pytest.approx(8 - 2 / held * treated)
    assert result.outcomes[1].treated == 8
    assert result.revenue.treated.total == 80_000
    assert result.account.is_exact
    assert result.account.sent + result.account.holdout + result.account.refused == result.account.planned
    assert result.fresh_as_of == LATER


def test_the_curve_counts_people_once_from_their_day_on() -> None:
    campaign = make_result(booked=(4, 0))
    book(campaign, 1, 5, at=START + timedelta(days=20))  # after the window
    lake.sync(now=LATER + timedelta(days=2))

    curve = result_of(campaign).curve

    assert len(curve) == 15
    assert [round(treated.point * len(drawn(campaign, 1))) for _, treated, _ in curve] == [0, 0, 0] + [4] * 12
    assert result_of(campaign, days=30).booked.treated == 5
    assert result_of(campaign, days=999).days == 14


def test_the_sentence_claims_no_more_than_the_interval_allows() -> None:
    unclear = words.sentence(result_of(make_result(booked=(6, 3))))
    clear = words.sentence(result_of(make_result(size=200, booked=(60, 2))))
    alone = words.sentence(result_of(make_result(holdout=0.0, booked=(6, 0))))
    worse = words.sentence(result_of(make_result(size=200, booked=(2, 30))))

    assert "看不出它带来了更多预约" in unclear
    assert "多来了约" in clear
    assert "每多一个预约" in clear
    assert "没有留对照组" in alone
    assert "反而少来了" in worse


def test_only_the_own_hospital_and_only_with_permission() -> None:
    campaign = make_result()
    with pytest.raises(NotFound):
        queries.campaign_result(actor=Actor.system(10**6), public_id=campaign.public_id, now=LATER)
    with pytest.raises(PermissionDenied):
        queries.campaign_result(actor=make_actor(permissions=set()), public_id=campaign.public_id, now=LATER)
    assert make_client(permissions=EVERY).get(page_of(campaign)).status_code == 404


def page_of(campaign: Any, name: str = "campaign-result") -> str:
    return reverse(f"insights:{name}", args=[campaign.public_id])


def test_the_page_and_the_people_behind(django_assert_max_num_queries: Any) -> None:
    client: Any = make_client(permissions=EVERY)
    campaign = make_result(client.membership.organization)

    with django_assert_max_num_queries(30):
        text = client.get(page_of(campaign)).content.decode()
    assert "一人不差" in text
    assert "看不出差别" in text
    people = client.get(page_of(campaign, "campaign-people") + "?of=booked&arm=1").content.decode()
    assert people.count("¥100.00") == 8
    assert (
        client.get(page_of(campaign, "campaign-people") + "?of=paid&arm=2").content.decode().count("¥100")
        == 2
    )
    assert client.get(page_of(campaign, "campaign-people") + "?of=nonsense").status_code == 404
    assert (
        "还没有人" in client.get(page_of(campaign, "campaign-people") + "?of=unsubscribed").content.decode()
    )

    empty = make_campaign(client.membership.organization)
    assert "发出后才有结果" in client.get(page_of(empty)).content.decode()


def test_replies_are_a_step_of_the_funnel_where_there_are_any() -> None:
    client: Any = make_client(permissions=EVERY)
    campaign = make_result(client.membership.organization)
    steps = [step["label"] for step in words.result_context(result_of(campaign))["funnel"]]
    assert "回复" not in steps
    ids = list(Message.objects.filter(campaign=campaign).values_list("pk", flat=True)[:3])
    Message.objects.filter(pk__in=ids).update(replied_at=START)

    funnel = words.result_context(result_of(campaign))["funnel"]
    assert [(step["label"], step["value"]) for step in funnel if step["label"] == "回复"] == [("回复", 3)]
    assert "点击 0，回复 3" in client.get(page_of(campaign)).content.decode()


def test_people_out_of_sight_stay_out() -> None:
    campaign = make_result()
    organization = Campaign.objects.get(pk=campaign.pk).organization
    own = make_actor("rep", organization, scope=Scope.OWN, permissions=EVERY)

    page = queries.people_behind(
        actor=own, public_id=campaign.public_id, of="booked", arm=1, days=14, now=LATER
    )

    assert (page.rows, page.total) == ([], 8)


def test_a_long_list_comes_in_pages() -> None:
    campaign = make_result(size=140, booked=(70, 0))
    actor = Actor.system(campaign.organization_id)
    seen: list[int] = []
    after = 0
    for _ in range(5):
        page = queries.people_behind(
            actor=actor, public_id=campaign.public_id, of="booked", arm=1, days=14, after=after, now=LATER
        )
        seen += [row.patient.pk for row in page.rows]
        after = page.cursor
        if not after:
            break
    assert seen == drawn(campaign, 1)[:70]


def test_the_workbook_is_on_record() -> None:
    campaign = make_result()
    actor = Actor.system(campaign.organization_id, "周岚")

    body, name = actions.export_campaign(actor=actor, public_id=campaign.public_id, days=14, now=LATER)

    book_ = openpyxl.load_workbook(BytesIO(body))
    assert book_.sheetnames == ["结果", "去向", "曲线"]
    assert book_["结果"].cell(2, 2).value == 8
    assert name.endswith(".xlsx")
    assert AuditEntry.objects.get(action="insights.campaign.exported").actor_name == "周岚"


def test_the_report_of_outreach_carries_it() -> None:
    campaign = make_result()
    report = campaign_report(campaign, now=LATER)
    assert report["result"]["outcomes"]["booked"]["sent_to"] == 8
    client: Any = make_client(permissions=EVERY, organization=campaign.organization)
    plain = client.get(f"/api/v1/insights/campaigns/{campaign.public_id}/result").json()
    assert plain["drawn"] == report["result"]["drawn"]
    assert client.get(f"/api/v1/insights/campaigns/{uuid4()}/result").status_code == 404


def test_the_month_so_far() -> None:
    client: Any = make_client(permissions=EVERY)
    assert "还没有可看的数字" in client.get("/insights/").content.decode()
    organization = client.membership.organization
    make_result(organization)

    found = queries.overview(actor=client.actor, now=START + timedelta(days=4))
    bookings, revenue = found.tiles[1], found.tiles[3]
    assert (bookings.now, bookings.before) == (20, 0)
    assert revenue.now == 100_000
    assert revenue.channels == [("web", 100_000, 0)]
    assert len(revenue.daily) == 30
    before = queries.overview(actor=client.actor, now=START + timedelta(days=35)).tiles[1]
    assert (before.now, before.before, before.change) == (0, 20, -1.0)
    assert queries.overview(actor=make_actor(organization=make_organization()), now=LATER).tiles[1].now == 0


def test_the_home_cards_follow_the_lake() -> None:
    organization = make_organization()
    actor = make_actor(organization=organization, permissions=EVERY)
    assert home.bookings(actor, now=LATER) is None
    make_result(organization)
    card = home.bookings(actor, now=START + timedelta(days=4))
    assert card is not None
    assert card.value == "20"
    assert home.revenue(make_actor(permissions=set()), now=LATER) is None
