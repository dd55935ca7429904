from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from PIL import Image

from xinglin.compliance.review import SamePerson, TextBlocked
from xinglin.content import actions, queries
from xinglin.content.actions.judging import NoCertificate, WayOnSciencePage
from xinglin.content.actions.workflow import NotApproved
from xinglin.content.models import ContentItem, ContentVersion
from xinglin.content.templatetags.xinglin_content import underlined
from xinglin.content.tests.factories import (
    BODY,
    decide,
    make_item,
    make_published_item,
    submit,
)
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import (
    every_code,
    make_actor,
    make_client,
    make_organization,
    make_staff,
)

pytestmark = pytest.mark.django_db


def people() -> tuple[Actor, Actor]:
    hospital = make_organization()
    return make_actor("content", hospital), make_actor("reviewer", hospital)


def revise(author: Actor, version: ContentVersion, **text: Any) -> ContentVersion:
    facts: dict[str, Any] = {"title": version.title, "page_class": version.page_class, "body": version.body}
    return actions.revise_item(
        actor=author,
        public_id=version.item.public_id,
        seen_hash=version.content_hash,
        now=timezone.now(),
        **{**facts, **text},
    )


def test_a_page_is_written_approved_by_another_and_published() -> None:
    author, reviewer = people()
    version = submit(author, make_item(author))
    decide(reviewer, version)
    actions.publish_item(actor=author, public_id=version.public_id, now=timezone.now())

    shown = queries.get_published(author.organization_id or 0, "clinic")
    assert [block.kind for block in shown.blocks] == ["heading", "facts", "booking"]
    assert AuditEntry.objects.filter(action="content.item.approved").count() == 1


def test_nobody_approves_their_own_work() -> None:
    hospital = make_organization()
    author = make_actor(
        "content",
        hospital,
        permissions={"content.item.view", "content.item.edit", "content.compliance.approve"},
    )
    version = submit(author, make_item(author))

    with pytest.raises(SamePerson):
        decide(author, version)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContentVersion.objects.filter(pk=version.pk).update(
            status="approved", approved_by_id=author.user_id, approved_at=timezone.now()
        )


def test_a_blocked_text_cannot_even_be_submitted() -> None:
    author, _ = people()
    version = make_item(author, body="我院是全国最好的医院，根治糖尿病，治愈率达到98%，无效退款。")

    with pytest.raises(TextBlocked):
        submit(author, version)


def test_a_science_page_with_a_way_to_the_hospital_is_refused_with_the_article() -> None:
    author, _ = people()
    version = make_item(author, page_class="science", body="少吃盐，多走路。\n\n[预约]")

    with pytest.raises(WayOnSciencePage, match="互联网广告管理办法第八条"):
        submit(author, version)


def test_an_advertisement_needs_a_certificate_in_force() -> None:
    author, _ = people()
    version = make_item(author, page_class="ad", body="- 诊疗科目：内科、外科\n- 接诊时间：8:00–17:00")

    with pytest.raises(NoCertificate, match="第四十六条"):
        submit(author, version)


def test_only_approved_text_is_published_and_an_edit_needs_a_new_approval() -> None:
    author, reviewer = people()
    version = make_item(author)
    with pytest.raises(NotApproved):
        actions.publish_item(actor=author, public_id=version.public_id, now=timezone.now())
    decide(reviewer, submit(author, version))
    actions.publish_item(actor=author, public_id=version.public_id, now=timezone.now())
    version.refresh_from_db()

    changed = revise(author, version, title="内分泌科门诊时间")

    assert (changed.number, changed.status) == (2, "draft")
    assert queries.get_published(author.organization_id or 0, "clinic").title == "内分泌科门诊"
    with pytest.raises(NotApproved):
        actions.publish_item(actor=author, public_id=changed.public_id, now=timezone.now())


def test_text_changed_behind_the_approvers_back_is_not_published() -> None:
    """Even a direct write to the table does not reach the public."""
    author, reviewer = people()
    version = decide(reviewer, submit(author, make_item(author)))
    ContentVersion.objects.filter(pk=version.pk).update(body="根治一切疾病")

    with pytest.raises(NotApproved):
        actions.publish_item(actor=author, public_id=version.public_id, now=timezone.now())


def test_an_edit_while_a_reviewer_reads_makes_their_approval_a_conflict() -> None:
    author, reviewer = people()
    version = submit(author, make_item(author))
    revise(author, version, body=BODY + "\n- 地点：二楼")

    with pytest.raises(Conflict):
        decide(reviewer, version)


def test_two_authors_do_not_overwrite_each_other() -> None:
    author, _ = people()
    version = make_item(author)
    revise(author, version, title="第一位的标题")

    with pytest.raises(Conflict):
        revise(author, version, title="第二位的标题")


def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved() -> None:
    author, _ = people()

    with pytest.raises(Invalid) as caught:
        make_item(author, title=" ", body="", page_class="nonsense")

    assert set(caught.value.fields) == {"title", "body", "page_class"}
    assert not ContentItem.objects.exists()


def test_an_expired_or_retired_item_is_gone_at_the_very_reading() -> None:
    today = timezone.localdate()
    version = make_published_item(valid_until=today)
    organization_id, later = version.organization_id, timezone.now() + timedelta(days=1)
    assert queries.get_published(organization_id, "clinic").valid_until == today
    with pytest.raises(NotFound):
        queries.get_published(organization_id, "clinic", now=later)
    assert queries.list_published(organization_id, now=later).items == ()

    reviewer = make_actor("reviewer", version.organization)
    with pytest.raises(Invalid):
        actions.retire_version(actor=reviewer, public_id=version.public_id, reason=" ", now=timezone.now())
    actions.retire_version(actor=reviewer, public_id=version.public_id, reason="内容过时", now=timezone.now())
    assert queries.list_published(organization_id).items == ()
    assert ContentItem.objects.get().stage == "retracted"


def test_another_hospital_sees_nothing_and_permissions_hold() -> None:
    version = make_item()
    with pytest.raises(NotFound):
        queries.get_version(actor=make_actor("content"), public_id=version.public_id)
    with pytest.raises(PermissionDenied):
        make_item(make_actor("finance"))


def test_the_words_that_were_found_are_underlined_for_the_reviewer() -> None:
    findings = [
        {"quote": "有98%", "severity": "warn", "article": ["广告法第十一条"]},
        {"quote": "研究发现，有98%", "severity": "warn", "article": []},
        {"quote": "<b>", "severity": "block", "article": []},
        {"quote": "血糖", "severity": "info", "article": []},
    ]
    html = underlined("研究发现，有98%血糖下降 <b> 有98%", findings)
    assert html == (
        '<mark class="f w" title="">研究发现，有98%</mark>血糖下降 <mark class="f" title="">&lt;b&gt;</mark>'
        ' <mark class="f w" title="广告法第十一条">有98%</mark>'
    )
    assert underlined("a < b", None) == "a &lt; b"


def test_the_reviewer_sees_the_law_the_reason_and_everything_that_changed() -> None:
    hospital, now = make_organization(), timezone.now()
    author = make_actor("content", hospital, permissions=every_code())
    client = make_client("reviewer", hospital)
    doctor, picture = make_staff(hospital, name="沈医生"), BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, format="PNG")
    picture.seek(0)
    cover = actions.add_media(
        actor=author, file=picture, name="门诊楼", alt="楼", source="本院", licence="own", now=now
    )
    facts: dict[str, Any] = {"kind": "article", "page_class": "science", "title": "在家量血压", "slug": "bp"}
    first = make_published_item(author, body="量前静坐。", summary="三步", sources="甲指南", **facts)
    actions.edit_facts(
        actor=author, public_id=first.item.public_id, now=now, cover_id=cover.pk, author_ids=[doctor.pk],
        audience="elderly",
    )  # fmt: skip
    changed = {"title": "在家怎样量血压", "summary": "四步", "sources": "乙指南", "valid_until": now.date()}
    second = revise(
        author,
        queries.newest_version(first.item),
        body="预约须知：请授权读取通讯录、相册和位置，不同意将无法挂号。",
        **changed,
    )
    second = submit(author, second)

    page = client.get(reverse("content:review", args=[second.public_id])).content.decode()

    for old, new in (("三", "四"), ("甲", "乙"), ("大众", "老年人")):
        assert f'<del class="diff">{old}</del>' in page
        assert f'<ins class="diff">{new}</ins>' in page
    for came in ("怎样", "门诊楼", "沈医生", now.date().isoformat()):
        assert f'<ins class="diff">{came}</ins>' in page
    found = queries.findings_of(second)[0]
    for name in ("name", "law", "why", "suggestion"):
        assert found[name]
        assert escape(found[name]) in page
