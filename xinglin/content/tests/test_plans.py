"""Days, columns, sheets, numbers, doctors' plans."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.content import actions, queries
from xinglin.content.models import ContentItem, Placement, ShortLink
from xinglin.content.rules.calendar import lay_out, month_days, themes, week_days
from xinglin.content.tests.factories import BODY, approve_all, make_item, make_published_item, submit
from xinglin.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import (
    every_code,
    make_actor,
    make_client,
    make_organization,
    make_staff,
)

TODAY = date(2026, 11, 27)


def test_gaps_crowds_themes_and_open_columns_are_seen() -> None:
    entries = {TODAY: ["a", "b", "c", "d"], TODAY + timedelta(days=1): ["e"]}
    rows = lay_out(
        month_days(TODAY), entries=entries, columns=[("周五问医生", [4], None)], month=11, today=TODAY
    )
    by_day = {row.day: row for row in rows}

    assert by_day[TODAY].is_overloaded
    assert by_day[TODAY].due == ("周五问医生",)
    assert not by_day[TODAY + timedelta(days=2)].is_gap
    assert by_day[date(2026, 12, 6)].is_gap
    assert [theme.name for theme in by_day[date(2026, 11, 14)].themes] == ["联合国糖尿病日"]
    assert by_day[date(2026, 12, 1)].is_inside is False
    assert len(week_days(TODAY)) == 7
    assert week_days(TODAY)[0].weekday() == 0
    assert all(theme.source for group in themes().values() for theme in group)


def test_a_day_is_crowded_by_what_comes_out_in_one_channel() -> None:
    entries = {TODAY: ["site", "site", "site", "weibo", "weibo,site"]}

    def lay(*kept: str) -> bool:
        held = {TODAY: [each for each in entries[TODAY] if each in kept]}
        return lay_out([TODAY], entries=held, channels=lambda each: each.split(","), today=TODAY)[
            0
        ].is_overloaded

    assert not lay("site", "weibo")
    assert lay("site", "weibo", "weibo,site")


@pytest.mark.django_db
def test_the_week_of_a_calendar_knows_what_came_out_the_sunday_before() -> None:
    client = make_client("content", make_organization(), permissions=every_code())
    monday = week_days(timezone.localdate() + timedelta(days=14))[0]
    for day in (monday - timedelta(days=1), *[monday + timedelta(days=2)] * 4):
        version = make_item(client.actor, slug="", channels=["site"])
        actions.plan_item(actor=client.actor, public_id=version.item.public_id, day=day, now=timezone.now())
    page = reverse("content:calendar")

    def week() -> tuple[int, int]:
        context = client.get(page, {"span": "week", "at": monday.isoformat()}).context
        return context["gaps"], context["crowded"]

    assert week() == (0, 1)
    moved = ContentItem.objects.order_by("-id")[0]
    moved.channels = ["weibo"]
    moved.save()
    assert week() == (0, 0)


@pytest.mark.django_db
def test_an_item_moves_to_another_day_with_its_hour_and_not_into_the_past() -> None:
    author = make_actor("content")
    version = approve_all(submit(author, make_item(author, body=BODY)))
    at = (timezone.localtime() + timedelta(days=3)).replace(hour=9, minute=30, second=0, microsecond=0)
    actions.schedule_item(actor=author, public_id=version.public_id, at=at, now=timezone.now())
    public_id, day = version.item.public_id, at.date() + timedelta(days=2)

    item = actions.plan_item(actor=author, public_id=public_id, day=day, now=timezone.now())

    assert item.scheduled_for is not None
    assert timezone.localtime(item.scheduled_for).replace(tzinfo=None) == (at + timedelta(days=2)).replace(
        tzinfo=None
    )
    assert queries.calendar_items(actor=author, first=day, last=day)[day] == [item]
    with pytest.raises(Invalid):
        actions.plan_item(
            actor=author, public_id=public_id, day=TODAY - timedelta(days=400), now=timezone.now()
        )
    done = make_published_item(author, slug="done")
    with pytest.raises(Conflict):
        actions.plan_item(actor=author, public_id=done.item.public_id, day=day, now=timezone.now())


def placed() -> tuple[Any, Placement]:
    author = make_actor("content", permissions=every_code())
    version = make_published_item(author)
    row = actions.open_sheet(actor=author, public_id=version.public_id, channel="weibo", now=timezone.now())
    return author, row


@pytest.mark.django_db
def test_a_sheet_is_one_a_channel_and_keeps_the_exact_text_and_address() -> None:
    author, row = placed()
    again = actions.open_sheet(
        actor=author, public_id=row.version.public_id, channel="weibo", now=timezone.now()
    )
    assert again.pk == row.pk
    assert row.text_hash == row.version.content_hash
    assert ShortLink.objects.get(code=row.code).path.endswith("/p/clinic/")
    for wrong in ("javascript:alert(1)", "weibo.com/1", ""):
        with pytest.raises(Invalid):
            actions.record_placement(
                actor=author, public_id=row.public_id, final_url=wrong, now=timezone.now()
            )
    url = "https://weibo.com/1/abc"
    actions.record_placement(actor=author, public_id=row.public_id, final_url=url, now=timezone.now())

    actions.retract_item(actor=author, public_id=row.item.public_id, reason="信息有误", now=timezone.now())

    assert queries.count_to_remove(actor=author) == 1
    actions.record_removal(actor=author, public_id=row.public_id, now=timezone.now())
    assert queries.count_to_remove(actor=author) == 0


@pytest.mark.django_db
def test_numbers_come_by_csv_a_day_again_replaces_and_wrong_lines_are_named() -> None:
    author, row = placed()
    actions.record_placement(
        actor=author, public_id=row.public_id, final_url="https://weibo.com/1", now=timezone.now()
    )
    today = timezone.localdate()
    head = "发布单号,日期,阅读,点赞,转发"
    lines = [f"{row.code},{today},100,5,1", f"nothing,{today},1,1,1", f"{row.code},昨天,1,1,1"]
    text = "\n".join([f"\ufeff{head}", *lines, f"{row.code},{today},x,1,1"])
    numbers = actions.import_metrics(actor=author, text=text, now=timezone.now())
    assert (numbers.taken, len(numbers.wrong)) == (1, 3)
    assert "第 3 行" in numbers.problems[0]
    actions.import_metrics(actor=author, text=f"{head}\n{row.code},{today},160,6,2", now=timezone.now())

    found = queries.channel_matrix(actor=author, since=today, until=today, by="audience")

    weibo = next(cell for cell in found.cells if cell.channel == "weibo")
    assert (weibo.items, weibo.views, weibo.reactions, weibo.views_each) == (1, 160, 8, 160)
    assert found.heads == ["大众"]
    assert dict(found.grid)["微博"] == [160]
    assert ContentItem.objects.get(pk=row.item_id).stage == "measured"
    with pytest.raises(Invalid):
        actions.import_metrics(actor=author, text="a,b\n1,2", now=timezone.now())


@pytest.mark.django_db
def test_a_plan_runs_once_the_doctor_agrees_and_ends_when_they_say_so() -> None:
    hospital = make_organization()
    planner, doctor = make_actor("content", hospital), make_actor("doctor", hospital)
    assert doctor.staff_id
    today = timezone.localdate()
    facts = {"starts_on": today, "ends_on": today + timedelta(days=90), "articles_a_month": 2}
    plan = actions.save_expert_plan(actor=planner, doctor_id=doctor.staff_id, now=timezone.now(), **facts)  # type: ignore[arg-type]
    assert plan.consented_at is None
    with pytest.raises(Invalid):
        actions.consent_to_plan(actor=planner, public_id=plan.public_id, note="", now=timezone.now())
    with pytest.raises(PermissionDenied):
        actions.consent_to_plan(
            actor=make_actor("analyst", hospital), public_id=plan.public_id, note="x", now=timezone.now()
        )

    agreed = actions.consent_to_plan(actor=doctor, public_id=plan.public_id, note="", now=timezone.now())

    assert agreed.consented_at is not None
    assert queries.plan_progress([agreed], today=today)[plan.pk]["articles"] == (0, 2)
    assert actions.withdraw_plan(actor=doctor, public_id=plan.public_id, now=timezone.now()).withdrawn_at
    with pytest.raises(NotFound):
        queries.get_expert_plan(actor=make_actor("content"), public_id=plan.public_id)


def agreed_plan() -> tuple[Any, Any, Any]:
    """A planner, a doctor, and what the doctor has agreed to from the beginning of November 2026."""
    hospital = make_organization()
    planner, doctor = make_actor("content", hospital), make_actor("doctor", hospital)
    plan = actions.save_expert_plan(
        actor=planner, doctor_id=doctor.staff_id or 0, starts_on=date(2026, 11, 1), ends_on=date(2027, 4, 30),
        videos_a_week=2, articles_a_month=2, channels=["douyin"], followers=100, now=timezone.now(),
    )  # fmt: skip
    actions.consent_to_plan(actor=doctor, public_id=plan.public_id, note="", now=timezone.now())
    return planner, doctor, plan


@pytest.mark.django_db
def test_videos_count_by_the_week_and_texts_by_the_month() -> None:
    planner, doctor, plan = agreed_plan()
    wednesday = date(2026, 11, 25)
    out = {
        "article": [date(2026, 11, 3), date(2026, 10, 30)],
        "video_script": [date(2026, 11, 22), date(2026, 11, 23), wednesday],
    }
    for kind, days in out.items():
        for day in days:
            item = make_item(planner, kind=kind, slug=f"{kind[:5]}-{day}", body="多走路。").item
            item.authors.set([doctor.staff_id])
            at = timezone.make_aware(datetime(day.year, day.month, day.day, 9))
            type(item).objects.filter(pk=item.pk).update(published=item.versions.get(), published_at=at)

    done = queries.plan_progress([plan], today=wednesday)[plan.pk]

    assert (done["videos"], done["articles"], done["answers"]) == ((2, 2), (1, 2), (0, 0))


@pytest.mark.django_db
def test_a_changed_promise_asks_the_doctor_again_and_counted_followers_do_not() -> None:
    planner, doctor, plan = agreed_plan()
    hospital = plan.organization

    def edit(who: Any = planner, **facts: Any) -> Any:
        return actions.edit_expert_plan(actor=who, public_id=plan.public_id, now=timezone.now(), **facts)

    assert edit(followers=180, videos_a_week=2).consented_at is not None
    for who, error in (
        (make_actor("analyst", hospital), PermissionDenied),
        (make_actor("content"), NotFound),
    ):
        with pytest.raises(error):
            edit(who, videos_a_week=9)
    for wrong in ({"ends_on": date(2026, 10, 1)}, {"channels": ["radio"]}):
        with pytest.raises(Invalid):
            edit(**wrong)
    plan.refresh_from_db()
    assert (plan.videos_a_week, plan.followers, plan.channels) == (2, 180, ["douyin"])

    changed = edit(videos_a_week=3)

    assert (changed.consented_at, changed.consent_note) == (None, "")
    entry = AuditEntry.objects.filter(action="content.plan.edited").latest("id")
    assert entry.detail["changes"] == {"videos_a_week": ["2", "3"]}
    actions.withdraw_plan(actor=doctor, public_id=plan.public_id, now=timezone.now())
    with pytest.raises(Conflict):
        edit(videos_a_week=1)


@pytest.mark.django_db
def test_a_plan_is_made_and_changed_on_its_page_by_who_keeps_plans() -> None:
    planner, doctor, plan = agreed_plan()
    client = make_client("content", plan.organization)
    url = f"/content/experts/{plan.public_id}/"
    page = client.get(url)
    facts = {name: value for name, value in page.context["form"].initial.items() if value}

    late = client.post(url, {**facts, "answers_a_month": 0, "lectures_a_month": 0, "ends_on": "2026-01-01"})
    kept = client.post(url, {**facts, "answers_a_month": 0, "lectures_a_month": 0, "videos_a_week": 1})

    assert "医生同意的是现在这份" in page.content.decode()
    assert (late.status_code, kept.status_code) == (422, 302)
    assert "截止日在起始日之前" in late.content.decode()
    shown = client.get("/content/experts/").content.decode()
    assert "等医生同意" in shown
    assert url in shown
    assert make_client("analyst", plan.organization).get(url).status_code == 403
    assert make_client("content").get(url).status_code == 404
    other = make_staff(plan.organization, is_practitioner=True)
    whole = {**facts, "doctor": str(other.public_id), "answers_a_month": 4, "lectures_a_month": 1}
    new = client.post("/content/experts/new/", whole)
    assert new.status_code == 302
    assert queries.list_expert_plans(actor=planner).count() == 2
    reader = make_client("analyst", plan.organization).get("/content/experts/").content.decode()
    assert "同意了" not in reader
    assert "停掉" not in reader


@pytest.mark.django_db
def test_every_page_of_the_module_opens_empty_and_filled() -> None:
    hospital = make_organization()
    client = make_client("content", hospital, permissions=every_code())
    paths = [
        "", "new/", "contributions/", "media/", "media/?pick=1", "certificates/", "certificates/new/",
        "stories/", "stories/cases/", "stories/cases/new/", "policy/", "delegations/",
        "calendar/", "calendar/?span=week", "sheets/",
        "matrix/", "experts/", "experts/new/", "reviews/", "reviews/?all=1",
    ]  # fmt: skip
    for path in paths:
        assert client.get(f"/content/{path}").status_code == 200, path
    author = make_actor("content", hospital, permissions=every_code())
    version = make_published_item(author)
    row = actions.open_sheet(actor=author, public_id=version.public_id, channel="weibo", now=timezone.now())
    item = version.item.public_id
    more = [
        f"items/{item}/", f"items/{item}/panel/", f"items/{item}/text/", f"items/{item}/facts/",
        f"items/{item}/evidence/?format=json", f"items/{item}/evidence/", f"versions/{version.public_id}/",
        f"versions/{version.public_id}/preview/", f"sheets/{row.public_id}/", f"?open={item}",
    ]  # fmt: skip
    for path in [*paths, *more]:
        answer = client.get(f"/content/{path}", follow=True)
        assert answer.status_code == 200, path
    assert client.get(f"/content/items/{item}/evidence/").content.startswith(b"%PDF-")
    checked = client.post(
        "/content/findings/",
        {"title": "好", "body": "我院是全国最好的医院", "page_class": "science", "kind": "article"},
    ).content.decode()
    assert "AD-03" in checked
    helped = client.post(
        "/content/science/",
        {"title": "膝盖", "body": "多走路。现在拨打0990-1234567预约。", "page_class": "science"},
    ).content.decode()
    assert "拿掉" in helped
    for channel in ("site", "sms", "douyin", "print"):
        shown = client.post("/content/previews/", {"title": "膝盖", "body": "多走路。", "channel": channel})
        assert "多走路" in shown.content.decode()
