from datetime import timedelta
from typing import Any

from django.utils import timezone

from xinglin.content import actions
from xinglin.content.models import AdCertificate, CaseAuthorisation, ContentItem, ContentVersion
from xinglin.content.rules.blocks import plain_text
from xinglin.core.actor import Actor
from xinglin.directory.tests.factories import make_actor, make_organization

BODY = "## 服务时间\n- 门诊：周一至周六 8:00–17:00\n\n[预约]"
SCIENCE = "量血压前安静坐五分钟，手臂和心脏一样高。\n\n数值忽高忽低时不要自己增减药量，请先问医生。"
STORY = (
    "一位六十多岁的老人，膝盖疼了两年，听了医生的话减重、练腿，半年后能自己买菜。每个人情况不同，请先看医生。"
)
REVIEWING = {
    "content.item.view",
    "content.item.publish",
    "content.medical.approve",
    "content.compliance.approve",
    "content.final.approve",
    "content.leader.approve",
}


def make_item(author: Actor | None = None, **facts: Any) -> ContentVersion:
    """An item with its first draft; a landing page unless ``kind`` says otherwise."""
    author = author or make_actor("content")
    values = {
        "kind": "page",
        "slug": "clinic",
        "title": "内分泌科门诊",
        "page_class": "disclosure",
        "body": BODY,
    }
    return actions.create_item(actor=author, now=timezone.now(), **{**values, **facts})


def make_reviewer(organization_id: int | None, number: int = 0) -> Actor:
    """Somebody who may decide every level; another person for each number."""
    return Actor(
        organization_id=organization_id, user_id=1_000_000 + number, permissions=frozenset(REVIEWING)
    )


def submit(author: Actor, version: ContentVersion) -> ContentVersion:
    return actions.submit_item(
        actor=author, public_id=version.public_id, seen_hash=version.content_hash, now=timezone.now()
    )


def decide(
    reviewer: Actor, version: ContentVersion, *, is_approved: bool = True, note: str = "看过"
) -> ContentVersion:
    return actions.decide_item(
        actor=reviewer,
        public_id=version.public_id,
        seen_hash=version.content_hash,
        is_approved=is_approved,
        note=note,
        now=timezone.now(),
    )


def approve_all(version: ContentVersion) -> ContentVersion:
    """Every level says yes, each by another person."""
    for number in range(5):
        version.refresh_from_db()
        if version.status != "in_review":
            break
        decide(make_reviewer(version.organization_id, number), version)
    version.refresh_from_db()
    return version


def make_certificate(actor: Actor, *, sample: str, **facts: Any) -> AdCertificate:
    """A certificate in force that approved ``sample``."""
    today = timezone.localdate()
    values: dict[str, Any] = {
        "number": "医广【2026】第01-15-007号",
        "authority": "省卫生健康委员会",
        "valid_from": today - timedelta(days=30),
        "valid_to": today + timedelta(days=300),
        "media_kinds": ["web", "printed"],
        **facts,
    }
    return actions.register_certificate(actor=actor, sample=sample, now=timezone.now(), **values)


def make_published_item(author: Actor | None = None, **facts: Any) -> ContentVersion:
    """An item that went the whole way: written, passed by others, published.

    An advertisement gets a certificate whose sample it is; give ``certificate_facts`` for another.
    """
    author = author or make_actor("content", make_organization())
    papers = facts.pop("certificate_facts", {})
    if facts.get("page_class") == "ad" and "certificate" not in facts:
        sample = plain_text(facts.get("title", "内分泌科门诊"), facts.get("summary", ""), facts["body"])
        facts["certificate"] = make_certificate(author, sample=sample, **papers).public_id
    version = make_item(author, **facts)
    approve_all(submit(author, version))
    publisher = make_reviewer(author.organization_id, 9)
    actions.publish_item(actor=publisher, public_id=version.public_id, now=timezone.now())
    version.refresh_from_db()
    version.item = ContentItem.objects.get(pk=version.item_id)
    return version


def make_case(actor: Actor, **facts: Any) -> CaseAuthorisation:
    """A patient's permission for their story in words, on the hospital's site."""
    values: dict[str, Any] = {
        "label": "骨科 2026-03",
        "identifiers": "李桂芳\n梧桐里小区",
        "scope": ["text", "site"],
        "signed_on": timezone.localdate() - timedelta(days=10),
        **facts,
    }
    return actions.register_case(actor=actor, now=timezone.now(), **values)


def make_story(author: Actor, case: CaseAuthorisation | None = None, **facts: Any) -> Any:
    """A draft of a story and the permission it rests on."""
    case = case or make_case(author)
    values = {
        "kind": "case_story",
        "page_class": "science",
        "title": "一位老人的膝盖",
        "slug": "knee",
        "body": STORY,
    }
    version = make_item(author, **{**values, **facts})
    actions.edit_facts(
        actor=author, public_id=version.item.public_id, authorisation_ids=[case.pk], now=timezone.now()
    )
    version.refresh_from_db()
    return version, case


make_page, make_published_page = make_item, make_published_item
