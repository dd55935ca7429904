"""Texts that went outside without ever being published here come down with what they rest on, too."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.content import actions, queries
from xinglin.content.models import ContentItem, ContentVersion, Placement
from xinglin.content.tests.factories import (
    SCIENCE,
    approve_all,
    make_certificate,
    make_item,
    make_published_item,
    make_reviewer,
    submit,
)
from xinglin.core.actor import Actor
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import (
    every_code,
    make_actor,
    make_client,
    make_organization,
    make_staff,
)

pytestmark = pytest.mark.django_db
SCRIPT = {"kind": "video_script", "page_class": "science", "body": SCIENCE, "slug": "bp"}
AD = "- 诊疗科目：内科、外科\n- 接诊时间：8:00–17:00"


def everybody(**facts: Any) -> Actor:
    return make_actor("content", make_organization(**facts), permissions=every_code())


def place(author: Actor, version: ContentVersion, channel: str = "douyin") -> Placement:
    now = timezone.now()
    row = actions.open_sheet(actor=author, public_id=version.public_id, channel=channel, now=now)
    url = f"https://{channel}.example/1"
    return actions.record_placement(actor=author, public_id=row.public_id, final_url=url, now=now)


def placed(author: Actor, **facts: Any) -> Placement:
    return place(author, approve_all(submit(author, make_item(author, **{**SCRIPT, **facts}))))


def asked(row: Placement) -> bool:
    row.refresh_from_db()
    return row.remove_asked_at is not None


def test_a_script_that_was_only_placed_outside_ends_on_its_day() -> None:
    author, now = everybody(), timezone.now()
    row = placed(author, valid_until=timezone.localdate() + timedelta(days=1))

    assert actions.take_down_lapsed(now=now) == 0
    assert actions.take_down_lapsed(now=now + timedelta(days=2)) == 1
    assert actions.take_down_lapsed(now=now + timedelta(days=2)) == 0

    item = ContentItem.objects.get(pk=row.item_id)
    assert (asked(row), item.stage, item.retracted_reason) == (True, "expired", "过了有效期")


def test_a_newer_text_stays_while_the_sheets_of_the_old_one_come_down() -> None:
    author, now = everybody(), timezone.now()
    body = "## 服务时间\n- 门诊：周一至周六"
    old = make_published_item(author, body=body, valid_until=timezone.localdate() + timedelta(days=1))
    row = place(author, old, "weibo")
    text = {"title": old.title, "page_class": old.page_class, "body": f"{body}\n- 急诊：全天"}
    new = actions.revise_item(
        actor=author, public_id=old.item.public_id, seen_hash=old.content_hash, now=now, **text
    )
    approve_all(submit(author, new))
    actions.publish_item(actor=author, public_id=new.public_id, now=now)
    kept = place(author, new, "zhihu")

    actions.take_down_lapsed(now=now + timedelta(days=2))

    assert (asked(row), asked(kept)) == (True, False)
    assert queries.get_published(old.organization_id, "clinic").version == 2
    assert AuditEntry.objects.get(action="content.sheet.retracted").detail["channels"] == ["weibo"]


def test_a_certificate_that_is_stopped_reaches_what_is_only_outside() -> None:
    author = everybody(first_name="新城杏林医院有限公司")
    paper = make_certificate(author, sample=f"新城杏林医院有限公司\n{AD}")
    facts = {"kind": "poster", "title": "新城杏林医院有限公司", "page_class": "ad", "body": AD}
    row = placed(author, certificate=paper.public_id, **facts)

    actions.withdraw_certificate(
        actor=author, public_id=paper.public_id, reason="登记错了", now=timezone.now()
    )

    assert asked(row)
    assert "登记错了" in ContentItem.objects.get(pk=row.item_id).retracted_reason


def test_an_approval_taken_back_reaches_what_is_only_outside() -> None:
    author = everybody()
    row = placed(author)

    actions.retire_version(
        actor=make_reviewer(author.organization_id),
        public_id=row.version.public_id,
        reason="数字有误",
        now=timezone.now(),
    )

    item = ContentItem.objects.get(pk=row.item_id)
    assert (asked(row), item.stage, item.retracted_reason) == (True, "retracted", "数字有误")


def test_what_has_no_page_of_its_own_is_not_published_but_placed() -> None:
    hospital = make_organization()
    author = make_actor("content", hospital, permissions=every_code())
    client = make_client("content", hospital, permissions=every_code())
    doctor = make_staff(hospital)
    script = approve_all(submit(author, make_item(author, **SCRIPT, author_ids=[doctor.pk])))
    page = approve_all(submit(author, make_item(author)))
    today = timezone.localdate()
    plan = actions.save_expert_plan(
        actor=author, doctor_id=doctor.pk, starts_on=today, ends_on=today, videos_a_week=1, now=timezone.now()
    )

    def shows(version: ContentVersion) -> list[bool]:
        text = client.get(reverse("content:item-detail", args=[version.item.public_id])).content.decode()
        names = ("publication-create", "schedule-create")
        urls = [
            reverse(f"content:{names[0]}", args=[version.public_id]),
            reverse(f"content:{names[1]}", args=[version.item.public_id]),
            f"/p/{version.item.slug}/",
        ]
        return [url in text for url in urls]

    assert (shows(page), shows(script)) == ([True, True, False], [False, False, False])
    actions.publish_item(actor=author, public_id=page.public_id, now=timezone.now())
    assert shows(page) == [False, False, True]
    assert script.item in queries.list_unplanned(actor=author)

    place(author, script)

    script.item.refresh_from_db()
    assert script.item.stage == "published"
    assert script.item not in queries.list_unplanned(actor=author)
    assert queries.plan_progress([plan], today=today)[plan.pk]["videos"] == (1, 1)
    assert shows(script) == [False, False, False]


def test_what_is_only_outside_can_be_taken_down_by_hand_once() -> None:
    hospital = make_organization()
    author = make_actor("content", hospital, permissions=every_code())
    client = make_client("content", hospital, permissions=every_code())
    row = placed(author)
    page, button = reverse("content:item-detail", args=[row.item.public_id]), 'data-dialog="retract"'
    assert button in client.get(page).content.decode()

    client.post(reverse("content:retraction-create", args=[row.item.public_id]), {"reason": "不合适"})

    assert asked(row)
    assert button not in client.get(page).content.decode()
