"""The hospital's own days, columns as they change, texts begun from the calendar."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.content import actions, queries
from xinglin.content.models import ContentColumn, ContentItem, HospitalTheme
from xinglin.content.rules.calendar import lay_out, own_theme, week_days
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_client, make_organization

API = "/api/v1/content"
CALENDAR = "content:calendar"


def test_own_days_come_before_the_health_days() -> None:
    day = date(2026, 11, 14)
    (row,) = lay_out([day], entries={}, own_themes={day: [own_theme("开放日", "三楼")]}, today=day)
    assert [theme.name for theme in row.themes] == ["开放日", "联合国糖尿病日"]
    assert row.themes[0].source == "三楼"


def test_a_yearly_day_comes_every_year_from_its_first_on() -> None:
    rows = [
        HospitalTheme(name="院庆", day=date(2024, 2, 29), is_yearly=True),
        HospitalTheme(name="义诊", day=date(2026, 3, 1)),
    ]
    days = [date(2023, 3, 1), date(2024, 2, 29), date(2027, 2, 28), date(2027, 3, 1), date(2028, 2, 29)]
    found = queries.themes_on(rows, [*days, date(2026, 3, 1)])
    assert {day: [theme.name for theme in found[day]] for day in found} == {
        date(2024, 2, 29): ["院庆"],
        date(2028, 2, 29): ["院庆"],
        date(2026, 3, 1): ["义诊"],
    }


@pytest.mark.django_db
def test_a_day_of_ones_own_is_put_on_changed_and_taken_off_in_the_pages() -> None:
    client = make_client("director")
    day = timezone.localdate() + timedelta(days=3)
    typed = {"name": "糖友开放日", "day": day.isoformat(), "note": "三层会议室"}
    nameless = client.post(reverse("content:theme-create"), {**typed, "name": ""})
    assert nameless.status_code == 422
    assert "三层会议室" in nameless.content.decode()
    answer = client.post(reverse("content:theme-create"), typed)
    assert answer["Location"].endswith(f"?at={day.isoformat()}")
    assert "糖友开放日" in client.get(answer["Location"]).content.decode()
    row = HospitalTheme.objects.get()
    again = client.post(reverse("content:theme-create"), typed)
    assert "这一天已经有同名的主题" in again.content.decode()
    edit = reverse("content:theme-edit", args=[row.public_id])
    assert f'value="{day.isoformat()}"' in client.get(edit).content.decode()
    client.post(edit, {**typed, "name": "开放日", "is_yearly": "on"})
    row.refresh_from_db()
    assert (row.name, row.is_yearly) == ("开放日", True)
    next_year = client.get(reverse(CALENDAR), {"at": f"{day.year + 1}-{day.month:02}-01"}).content.decode()
    assert 'title="三层会议室"' in next_year
    client.post(reverse("content:theme-remove", args=[row.public_id]))
    assert not HospitalTheme.objects.exists()
    assert AuditEntry.objects.filter(action="content.theme.removed").exists()


@pytest.mark.django_db
def test_days_of_ones_own_by_the_api() -> None:
    client = make_client("director")

    def send(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return getattr(client, method)(
            f"{API}{path}", json.dumps(body or {}), content_type="application/json"
        )

    body = {"name": "开放日", "day": "2026-12-05", "note": "三层"}
    made = send("post", "/themes/", body)
    assert made.status_code == 201
    assert send("post", "/themes/", body).status_code == 409
    assert send("post", "/themes/", {**body, "name": " "}).status_code == 422
    own = f"/themes/{made.json()['public_id']}/"
    assert send("put", own, {**body, "is_yearly": True}).json()["is_yearly"]
    assert [one["name"] for one in client.get(f"{API}/themes/").json()] == ["开放日"]
    assert make_client("director").delete(f"{API}{own}").status_code == 404
    reader = make_client("analyst", client.membership.organization)
    assert reader.delete(f"{API}{own}").status_code == 403
    assert client.delete(f"{API}{own}").status_code == 204


@pytest.mark.django_db
def test_a_column_changes_its_name_and_rhythm() -> None:
    client = make_client("director")
    facts = {"kind": "article", "channel": "site", "weekdays": [4]}
    row = actions.save_column(actor=client.actor, name="周五问医生", now=timezone.now(), **facts)  # type: ignore[arg-type]
    actions.save_column(actor=client.actor, name="周三控糖课", now=timezone.now(), **facts)  # type: ignore[arg-type]
    edit = reverse("content:column-edit", args=[row.public_id])
    assert "周五问医生" in client.get(edit).content.decode()
    wrong = client.post(edit, {**facts, "name": "周三控糖课"})
    assert "已有同名的栏目" in wrong.content.decode()
    assert client.post(edit, {**facts, "name": "没有日子", "weekdays": []}).status_code == 422
    client.post(edit, {"name": "周四问药师", "kind": "qa", "channel": "wechat", "weekdays": [3]})
    row.refresh_from_db()
    assert (row.name, row.kind, row.channel, row.weekdays) == ("周四问药师", "qa", "wechat", [3])
    path = f"{API}/columns/{row.public_id}/"
    body = json.dumps({"name": "月初一课", "channel": "wechat", "month_day": 1})
    changed = client.put(path, body, content_type="application/json")
    assert (changed.json()["weekdays"], changed.json()["month_day"]) == ([], 1)
    assert make_client("director").put(path, body, content_type="application/json").status_code == 404
    assert ContentColumn.objects.filter(name="月初一课").exists()


@pytest.mark.django_db
def test_a_text_begun_in_a_gap_or_an_open_slot_knows_its_place() -> None:
    client = make_client("director")
    monday = week_days(timezone.localdate() + timedelta(days=14))[0]
    column = actions.save_column(
        actor=client.actor, name="周三控糖课", kind="qa", channel="wechat", weekdays=[2], now=timezone.now()
    )
    week = client.get(reverse(CALENDAR), {"span": "week", "at": monday.isoformat()}).content.decode()
    wednesday = monday + timedelta(days=2)
    slot = f"{reverse('content:item-create')}?day={wednesday.isoformat()}&column={column.public_id}"
    assert slot.replace("&", "&amp;") in week or slot in week
    gap = f"{reverse('content:item-create')}?day={monday.isoformat()}"
    assert gap in week

    page = client.get(slot)
    assert "周三控糖课" in page.content.decode()
    assert page.context["form"]["kind"].value() == "qa"
    typed = {"kind": "qa", "title": "糖友能吃水果吗", "page_class": "science", "body": "能，看量和时间。"}
    assert client.post(slot, {**typed, "body": ""}).status_code == 422
    assert client.post(slot, typed).status_code == 302
    item = ContentItem.objects.get()
    assert (item.planned_on, item.column, item.channels) == (wednesday, column, ["wechat"])
    filled = client.get(reverse(CALENDAR), {"span": "week", "at": monday.isoformat()}).content.decode()
    assert slot not in filled

    client.post(f"{gap}&channel=weibo&column=nonsense", {**typed, "title": "另一篇"})
    other = ContentItem.objects.latest("id")
    assert (other.planned_on, other.column, other.channels) == (monday, None, ["weibo"])


@pytest.mark.django_db
def test_another_hospitals_column_is_nobodys_place() -> None:
    owner, client = make_client("director"), make_client("director", make_organization())
    column = actions.save_column(
        actor=owner.actor, name="周三", kind="qa", channel="wechat", weekdays=[2], now=timezone.now()
    )
    page = client.get(f"{reverse('content:item-create')}?day=junk&channel=junk&column={column.public_id}")
    assert page.status_code == 200
    assert page.context["place"].facts == {}
    assert client.get(reverse("content:column-edit", args=[column.public_id])).status_code == 404
