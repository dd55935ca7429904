"""A text of the library becomes a template by one click, and rests on the library's approval from then on."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from xinglin.compliance.review import SamePerson
from xinglin.content import actions as content
from xinglin.content.models import ContentVersion
from xinglin.content.tests.factories import approve_all, make_item, make_reviewer, submit
from xinglin.core.actor import Actor
from xinglin.core.errors import PermissionDenied
from xinglin.directory.tests.factories import every_code, make_actor, make_client, make_organization
from xinglin.outreach.actions import templates as actions
from xinglin.outreach.actions.from_content import draft_from_content
from xinglin.outreach.gate.wording import is_in_force
from xinglin.outreach.models import MessageTemplate, TemplateVersion

pytestmark = pytest.mark.django_db
TEXT = "{{称呼}}，您好！本院周六上午有**免费**量血压，请带好医保卡。\n\n[预约]"


def make_text(author: Actor, **facts: Any) -> ContentVersion:
    """An approved text for messages."""
    values = {
        "kind": "message_text",
        "page_class": "service",
        "title": "周六量血压",
        "slug": "",
        "body": TEXT,
    }
    version = make_item(author, **{**values, **facts})
    if "channels" not in facts:
        content.edit_facts(
            actor=author, public_id=version.item.public_id, channels=["sms", "wechat"], now=timezone.now()
        )
        version.refresh_from_db()
    return approve_all(submit(author, version))


def change(author: Actor, version: ContentVersion, body: str) -> ContentVersion:
    """The next approved version of the same item."""
    newer = content.revise_item(
        actor=author,
        public_id=version.item.public_id,
        seen_hash=version.content_hash,
        title=version.title,
        body=body,
        page_class="service",
        now=timezone.now(),
    )
    return approve_all(submit(author, newer))


def approve(draft: TemplateVersion) -> TemplateVersion:
    facts: dict[str, Any] = {"public_id": draft.template.public_id, "now": timezone.now()}
    one = make_actor("director", draft.organization)
    actions.submit_template(actor=one, seen_hash=draft.content_hash, **facts)
    other = make_actor("director", draft.organization)
    return actions.approve_template(actor=other, seen_hash=draft.content_hash, evidence="看过", **facts)


@pytest.fixture
def author() -> Actor:
    return make_actor("content", make_organization(), permissions=every_code())


def click(client: Client, version: ContentVersion) -> Any:
    return client.post(reverse("outreach:template-from-content", args=[version.public_id]), follow=True)


def test_one_click_on_the_items_page_makes_a_draft_of_each_channel_and_both_pages_link(author: Actor) -> None:
    version = make_text(author)
    client = make_client("director", version.organization)
    item_page = reverse("content:item-detail", args=[version.item.public_id])
    assert "做成消息模板" in client.get(item_page).content.decode()

    page = click(client, version).content.decode()
    template = MessageTemplate.objects.get()
    draft = template.versions.get()
    words = "{{称呼}}，您好！本院周六上午有免费量血压，请带好医保卡。\n{{链接}}"
    assert draft.bodies == {"sms": {"body": words}, "wechat": {"body": words}}
    assert (draft.status, template.purpose, template.name) == ("draft", "service", "周六量血压")
    assert "来自内容库" in page
    assert item_page in page

    back = client.get(item_page).content.decode()
    assert reverse("outreach:template-edit", args=[template.public_id]) in back
    assert "做成消息模板" not in back
    click(client, version)
    assert TemplateVersion.objects.count() == 1


def test_a_changed_text_opens_the_next_version_and_what_was_written_by_hand_stays(author: Actor) -> None:
    version = make_text(author)
    first = draft_from_content(actor=author, version=version.public_id, now=timezone.now())
    by_hand = {**first.bodies, "phone": {"body": "您好，这里是医院。"}}
    actions.save_draft(
        actor=author, public_id=first.template.public_id, seen_hash=first.content_hash, name="量血压",
        purpose="service", bodies=by_hand, now=timezone.now(),
    )  # fmt: skip
    newer = change(author, version, TEXT.replace("周六", "周日"))
    client = make_client("director", version.organization)
    page = client.get(reverse("outreach:template-edit", args=[first.template.public_id])).content.decode()
    assert f"内容库里已批准 v{newer.number}" in page

    click(client, newer)
    one, two = first.template.versions.order_by("number")
    assert (one.source_id, two.source_id, two.number) == (version.pk, newer.pk, 2)
    assert "周六" in one.bodies["sms"]["body"]
    assert "周日" in two.bodies["sms"]["body"]
    assert two.bodies["phone"] == by_hand["phone"]
    assert MessageTemplate.objects.get().name == "量血压"


def test_it_has_to_pass_the_templates_own_review_by_somebody_who_wrote_neither(author: Actor) -> None:
    version = make_text(author)
    maker = make_actor("director", version.organization)
    draft = draft_from_content(actor=maker, version=version.public_id, now=timezone.now())
    now = timezone.now()
    assert not is_in_force(draft, at=now)
    facts: dict[str, Any] = {
        "public_id": draft.template.public_id,
        "seen_hash": draft.content_hash,
        "now": now,
    }
    actions.submit_template(actor=maker, **facts)
    for writer in (author, maker):
        with pytest.raises(SamePerson):
            actions.approve_template(actor=writer, evidence="看过", **facts)


def test_what_loses_its_approval_in_the_library_passes_the_gate_no_longer(author: Actor) -> None:
    today = timezone.localdate()
    version = make_text(author, valid_until=today + timedelta(days=5))
    approved = approve(draft_from_content(actor=author, version=version.public_id, now=timezone.now()))
    now = timezone.now()
    assert is_in_force(approved, at=now)
    assert not is_in_force(approved, at=now + timedelta(days=7))

    reviewer = make_reviewer(author.organization_id)
    content.retire_version(actor=reviewer, public_id=version.public_id, reason="数字有误", now=now)
    assert not is_in_force(approved, at=now)
    client = make_client("director", version.organization)
    page = client.get(reverse("outreach:template-edit", args=[approved.template.public_id]))
    assert "闸门不放行" in page.content.decode()


def test_what_is_not_approved_or_no_message_is_refused_with_the_reason(author: Actor) -> None:
    draft = make_item(author, kind="message_text", page_class="service", slug="", body=TEXT)
    article = approve_all(submit(author, make_item(author)))
    client = make_client("director", draft.organization)
    assert "只能发布已批准" in click(client, draft).content.decode()
    assert "只有「消息文案」" in click(client, article).content.decode()
    unknown = make_text(author, body="您好，{{楼层}}见。", channels=["sms"], title="楼层")
    assert "没有「楼层」这个变量" in click(client, unknown).content.decode()
    assert not MessageTemplate.objects.exists()
    nobody = make_actor("doctor", draft.organization, permissions={"content.item.view"})
    with pytest.raises(PermissionDenied):
        draft_from_content(actor=nobody, version=unknown.public_id, now=timezone.now())


def test_by_rest(author: Actor) -> None:
    version = make_text(author)
    client, stranger = make_client("director", version.organization), make_client("director")
    path, body = "/api/v1/outreach/templates/from-content", {"version": str(version.public_id)}
    assert stranger.post(path, body, content_type="application/json").status_code == 404
    made = client.post(path, body, content_type="application/json")
    assert (made.status_code, made.json()["status"]) == (201, "draft")
    assert made.json()["source"] == str(version.public_id)
    assert made.json()["item"] == str(version.item.public_id)
    of_item = client.get(f"/api/v1/outreach/templates/?item={version.item.public_id}").json()["items"]
    assert [row["public_id"] for row in of_item] == [made.json()["template_id"]]
    assert client.get(f"/api/v1/outreach/templates/?item={version.public_id}").json()["items"] == []
