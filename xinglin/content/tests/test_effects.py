"""What texts bring, from first-party touches: numbers of the site, a doctor's patients and revenue."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.booking.touches import AppointmentBooked, BillRefunded, BillSettled
from xinglin.content import actions, queries
from xinglin.content.models import ContentItem, Placement, PlacementMetric, ShortLink
from xinglin.content.tests.factories import SCIENCE, make_published_item
from xinglin.core.actor import Actor
from xinglin.directory.tests.factories import (
    every_code,
    make_actor,
    make_client,
    make_organization,
    make_staff,
)
from xinglin.ledger import lake
from xinglin.ledger.actions import NewTouch, record
from xinglin.patients.tests.factories import make_patient
from xinglin.portal.touches import LinkClicked, PageViewed

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_DIR", str(tmp_path / "lake"))


def happened(organization: Any, props: Any, days_ago: float, **more: Any) -> None:
    at = NOW - timedelta(days=days_ago)
    record(NewTouch(props=props, organization_id=organization.pk, at=at, **more), now=NOW)


@pytest.fixture
def told() -> tuple[Actor, Any, Any, Any]:
    """Who keeps plans, a doctor, an item that bears the doctor's name, and the doctor's consented plan."""
    hospital = make_organization()
    author, doctor = make_actor("content", hospital, permissions=every_code()), make_staff(hospital)
    version = make_published_item(
        author, kind="article", slug="knee", title="膝盖疼先看三件事", page_class="science", body=SCIENCE,
        sources="指南", author_ids=[doctor.pk],
    )  # fmt: skip
    item = version.item
    plan = actions.save_expert_plan(
        actor=author, doctor_id=doctor.pk, starts_on=(NOW - timedelta(days=60)).date(),
        ends_on=(NOW + timedelta(days=60)).date(), articles_a_month=2, now=NOW,
    )  # fmt: skip
    return author, doctor, item, plan


def read(item: ContentItem, days_ago: float, **who: Any) -> None:
    view = PageViewed(page=f"/p/{item.slug}/", page_class="science")
    happened(item.organization, view, days_ago, content_id=item.pk, **who)


def booked(doctor: Any, person: Any, days_ago: float) -> None:
    props = AppointmentBooked(appointment=str(uuid4()), practitioner=str(doctor.public_id))
    happened(doctor.organization, props, days_ago, patient_id=person.pk)


def paid(doctor: Any, person: Any, days_ago: float, fen: int) -> None:
    props = BillSettled(bill=str(uuid4()), practitioner=str(doctor.public_id))
    happened(doctor.organization, props, days_ago, patient_id=person.pk, amount_fen=fen)


def effects(actor: Actor, plan: Any) -> Any:
    plans = list(queries.list_expert_plans(actor=actor))
    return queries.plan_effects(actor=actor, plans=plans, now=NOW).get(plan.pk)


def test_a_doctors_patients_are_those_who_booked_him_after_his_text_and_in_time(
    told: tuple[Actor, Any, Any, Any],
) -> None:
    author, doctor, item, plan = told
    other = make_staff(doctor.organization)
    people = [make_patient(doctor.organization) for _ in range(6)]
    reader, before, late, elsewhere, nobody, refunded = people
    for person in (reader, late, elsewhere, refunded):
        read(item, 40, patient_id=person.pk)
    read(item, 20, patient_id=before.pk)
    booked(doctor, reader, 39)
    booked(doctor, reader, 12)
    booked(doctor, before, 30)  # ten days before the text
    booked(doctor, late, 5)  # 35 days after it
    booked(other, elsewhere, 39)
    booked(doctor, nobody, 39)
    booked(doctor, refunded, 38)
    paid(doctor, reader, 38, 30_000)
    paid(other, reader, 37, 99_000)
    paid(doctor, before, 10, 70_000)
    paid(doctor, refunded, 37, 20_000)
    refund = BillRefunded(bill="b", refund="r", practitioner=str(doctor.public_id))
    happened(doctor.organization, refund, 36, patient_id=refunded.pk, amount_fen=5_000)
    lake.sync(now=NOW)

    assert effects(author, plan) is None  # the doctor has not agreed
    actions.consent_to_plan(actor=author, public_id=plan.public_id, note="档案 1", now=NOW)
    found = effects(author, plan)
    assert (found.patients, found.revenue_fen) == (2, 45_000)
    actions.withdraw_plan(actor=author, public_id=plan.public_id, now=NOW)
    assert effects(author, plan) is None


def test_bookings_and_bills_count_for_the_text_that_was_seen_last_in_its_channel(
    told: tuple[Actor, Any, Any, Any],
) -> None:
    author, doctor, item, _plan = told
    reader, late, direct = (make_patient(doctor.organization) for _ in range(3))
    read(item, 20, patient_id=reader.pk, channel="sms")
    read(item, 12, patient_id=reader.pk, channel="wechat")
    booked(doctor, reader, 10)
    paid(doctor, reader, 9, 30_000)
    read(item, 50, patient_id=late.pk, channel="wechat")
    booked(doctor, late, 10)
    paid(doctor, late, 9, 99_000)
    props = AppointmentBooked(appointment=str(uuid4()), practitioner=str(doctor.public_id))
    happened(doctor.organization, props, 8, patient_id=direct.pk, content_id=item.pk, channel="douyin")
    lake.sync(now=NOW)
    since, until = (NOW - timedelta(days=30)).date(), NOW.date()

    found = queries.channel_matrix(
        actor=author, since=since, until=until, by="care_stage", measure="bookings"
    )

    numbers = {cell.channel: (cell.bookings, cell.revenue_fen) for cell in found.cells if cell.bookings}
    assert numbers == {"wechat": (1, 30_000), "douyin": (1, 0)}
    assert (found.heads, dict(found.grid)["抖音"]) == (["不限"], [1])


def test_clicks_are_those_of_the_days_that_are_asked_about(told: tuple[Actor, Any, Any, Any]) -> None:
    author, _doctor, item, _plan = told
    version = item.versions.get()
    sheet = actions.open_sheet(actor=author, public_id=version.public_id, channel="weibo", now=NOW)
    actions.record_placement(
        actor=author, public_id=sheet.public_id, final_url="https://weibo.com/1", now=NOW
    )
    for days_ago, channel in ((40, "weibo"), (2, "weibo"), (1, "weibo"), (1, "qr")):
        happened(
            item.organization, LinkClicked(link=sheet.code), days_ago, content_id=item.pk, channel=channel
        )
    ShortLink.objects.filter(code=sheet.code).update(clicks=4)

    found = queries.channel_matrix(
        actor=author, since=(NOW - timedelta(days=7)).date(), until=NOW.date(), measure="clicks"
    )

    assert {cell.channel: cell.clicks for cell in found.cells if cell.clicks} == {"weibo": 2}
    assert dict(found.grid)["微博"] == [2]


def test_only_who_keeps_plans_and_the_doctor_see_it_and_the_page_says_what_it_is(
    told: tuple[Actor, Any, Any, Any],
) -> None:
    author, doctor, item, plan = told
    actions.consent_to_plan(actor=author, public_id=plan.public_id, note="档案 1", now=NOW)
    person = make_patient(doctor.organization)
    read(item, 10, patient_id=person.pk)
    booked(doctor, person, 9)
    paid(doctor, person, 8, 123_400)
    lake.sync(now=NOW)
    sees = frozenset({"content.item.view"})
    stranger = Actor(organization_id=doctor.organization_id, user_id=5, permissions=sees)
    himself = Actor(organization_id=doctor.organization_id, user_id=6, staff_id=doctor.pk, permissions=sees)
    assert effects(stranger, plan) is None
    assert effects(himself, plan).patients == 1

    client = make_client("content", doctor.organization, permissions=every_code())
    page = client.get(reverse("content:expert-list")).content.decode()
    assert "1,234.00" in page
    assert "30 天内约了这位医生" in page
    rows = client.get("/api/v1/content/expert-plans/effects/").json()
    assert rows == [{"plan": str(plan.public_id), "followers": 0, "patients": 1, "revenue_fen": 123_400}]


def test_a_text_on_the_site_is_measured_by_its_own_touches(told: tuple[Actor, Any, Any, Any]) -> None:
    author, doctor, item, _plan = told
    actions.measure_items(now=NOW)
    item.refresh_from_db()
    assert (item.stage, item.measured_at) == ("published", None)

    visitor = uuid4()
    read(item, 3, visitor=visitor)
    read(item, 2, visitor=visitor)
    read(item, 1, visitor=uuid4())
    read(item, 1)  # nobody agreed to be told apart
    props = AppointmentBooked(appointment="a", practitioner=str(doctor.public_id))
    happened(doctor.organization, props, 1, content_id=item.pk)
    lake.sync(now=NOW)
    assert actions.measure_items(now=NOW) == 1
    assert actions.measure_items(now=NOW) == 0
    item.refresh_from_db()
    assert (item.stage, item.site_views, item.site_visitors, item.site_bookings) == ("measured", 4, 2, 1)

    client = make_client("content", doctor.organization, permissions=every_code())
    page = client.get(reverse("content:item-detail", args=[item.public_id])).content.decode()
    assert "浏览 4，访客 2，带来预约 1" in page
    row = client.get("/api/v1/content/items/?stage=measured").json()["items"][0]
    assert (row["site_views"], row["site_bookings"]) == (4, 1)


def test_followers_of_all_plans_are_asked_for_at_once(
    told: tuple[Actor, Any, Any, Any], django_assert_num_queries: Any
) -> None:
    author, doctor, item, plan = told
    organization = doctor.organization
    plans, numbers = [plan], {}
    for number in (1, 2, 3):
        other = make_staff(organization)
        version = make_published_item(
            author, kind="article", slug=f"text-{number}", title="膝盖疼先看三件事", page_class="science",
            body=SCIENCE, sources="指南",
        )  # fmt: skip
        actions.edit_facts(actor=author, public_id=version.item.public_id, author_ids=[other.pk], now=NOW)
        plans.append(
            actions.save_expert_plan(
                actor=author, doctor_id=other.pk, starts_on=(NOW - timedelta(days=60)).date(),
                ends_on=(NOW + timedelta(days=60)).date(), articles_a_month=2, now=NOW,
            )
        )  # fmt: skip
        placement = Placement.objects.create(
            organization=organization, item=version.item, version=version, channel="weibo", code=f"c{number}"
        )
        numbers[plans[-1].pk] = number
        for days, count in ((10, number), (90, 100)):
            PlacementMetric.objects.create(
                placement=placement, day=(NOW - timedelta(days=days)).date(), followers=count, views=1
            )
    for each in plans:
        actions.consent_to_plan(actor=author, public_id=each.public_id, note="档案 1", now=NOW)
    lake.sync(now=NOW)
    rows = list(queries.list_expert_plans(actor=author))
    with django_assert_num_queries(2):
        found = queries.plan_effects(actor=author, plans=rows, now=NOW)
    assert {pk: effect.followers for pk, effect in found.items()} == {plan.pk: 0, **numbers}
