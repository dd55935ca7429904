"""Writing: every saved text of an item that was submitted once is a new version.

Every change goes through the lock of the item's row, as every decision does: of an edit and an approval
at the same moment one comes first, and the other sees it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.compliance import review
from xinglin.compliance.review import LevelStatus, ReviewStatus
from xinglin.content import queries
from xinglin.content.actions.judging import judge_version
from xinglin.content.actions.stages import next_number, settle
from xinglin.content.models import (
    AdCertificate,
    ContentItem,
    ContentReview,
    ContentTag,
    ContentVersion,
)
from xinglin.content.models.items import SLUG, slug_validator
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import Audience, CareStage, Channel, Kind, Level, Stage
from xinglin.content.rules.page_class import PageClass
from xinglin.content.rules.slugs import slug_of
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.core.ids import uuid7
from xinglin.directory.queries import find_department_by_id, hospital_id

TEXT_FIELDS = ("title", "summary", "page_class", "body", "sources", "valid_until", "certificate")
MAX_BODY = 50_000
CLASS_OF = dict.fromkeys((Kind.ARTICLE, Kind.QA, Kind.VIDEO_SCRIPT, Kind.CASE_STORY), PageClass.SCIENCE)


def content_of(
    *,
    organization_id: int,
    title: str,
    page_class: str,
    body: str,
    summary: str = "",
    sources: str = "",
    valid_until: date | None = None,
    certificate: UUID | None = None,
) -> dict[str, Any]:
    """The checked text of a version; Invalid with the fields at fault."""
    wrong: dict[str, list[object]] = {}
    if not title.strip():
        wrong["title"] = [_("写一个标题")]
    if not body.strip():
        wrong["body"] = [_("正文还是空的")]
    elif len(body) > MAX_BODY:
        wrong["body"] = [_("正文最多 5 万字")]
    if page_class not in PageClass.values:
        wrong["page_class"] = [_("选一个页面类别")]
    paper = None
    if certificate is not None:
        paper = AdCertificate.objects.filter(organization_id=organization_id, public_id=certificate).first()
        if paper is None:
            wrong["certificate"] = [_("没有这份审查证明")]
    if wrong:
        raise Invalid(fields=wrong)
    return {
        "title": title.strip()[:120],
        "summary": summary.strip()[:200],
        "page_class": page_class,
        "body": body.replace("\r\n", "\n").strip(),
        "sources": sources.replace("\r\n", "\n").strip(),
        "valid_until": valid_until,
        "certificate": paper if page_class == PageClass.AD else None,
    }


@transaction.atomic
def create_item(
    *,
    actor: Actor,
    title: str,
    body: str,
    now: datetime,
    kind: str = Kind.PAGE,
    page_class: str = "",
    slug: str = "",
    summary: str = "",
    sources: str = "",
    valid_until: date | None = None,
    certificate: UUID | None = None,
    department_id: int | None = None,
    **facts: Any,
) -> ContentVersion:
    """A new item with its first draft. Raises Invalid (fields), Conflict for a taken address.

    ``facts`` are those of ``edit_facts``. Without a slug the title gives one.
    """
    require(actor, Permission.EDIT_CONTENT)
    if kind not in Kind.values:
        raise Invalid(fields={"kind": [_("选一种内容")]})
    organization_id = hospital_id(actor)
    content = content_of(
        organization_id=organization_id,
        title=title,
        page_class=page_class or CLASS_OF.get(Kind(kind), PageClass.DISCLOSURE),
        body=body,
        summary=summary,
        sources=sources,
        valid_until=valid_until,
        certificate=certificate,
    )
    item = ContentItem(
        organization_id=organization_id,
        kind=kind,
        name=content["title"],
        department_id=department_id,
        slug=slug_for(slug, title=content["title"], organization_id=organization_id),
    )
    save_new(item)
    if facts:
        _set_facts(item, actor=actor, **facts)
        item.save()
    version = add_version(item, content, actor=actor)
    audit.record(actor, "content.item.created", item, at=now, label=item.name, kind=kind)
    return version


def slug_for(slug: str, *, title: str, organization_id: int) -> str:
    wanted = slug.strip().lower()
    if wanted:
        if not SLUG.fullmatch(wanted):
            raise Invalid(fields={"slug": [slug_validator.message]})
        return wanted
    made = slug_of(title) or uuid7().hex[-12:]
    if ContentItem.objects.filter(organization_id=organization_id, slug=made).exists():
        made = f"{made}-{uuid7().hex[-6:]}"
    return made


def save_new(item: ContentItem) -> None:
    try:
        with transaction.atomic():
            item.save()
    except IntegrityError as error:
        raise Conflict(fields={"slug": [_("这个网址已经有页面了，换一个")]}) from error


def add_version(item: ContentItem, content: dict[str, Any], *, actor: Actor) -> ContentVersion:
    version = ContentVersion(
        organization_id=item.organization_id,
        item=item,
        number=next_number(item),
        created_by_id=actor.user_id,
        author_ids=[actor.user_id] if actor.user_id else [],
        audience=item.audience,
        cover_id=item.cover_id,
        **content,
    )
    version.medical_reviewer_id = item.medical_reviewer_id
    version.refresh_hash()
    version.save()
    version.authors.set(item.authors.all())
    return version


@transaction.atomic
def revise_item(
    *, actor: Actor, public_id: UUID, seen_hash: str, now: datetime, **text: Any
) -> ContentVersion:
    """Save a text. A draft is changed in place; anything further on gets a new draft beside it.

    ``seen_hash`` is that of the text the author started from: Conflict when somebody saved another since.
    What waits for review waits no longer, what was scheduled is so no longer; what is public stays until
    the new text is approved.
    """
    item = queries.get_item(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_CONTENT, item.organization_id)
    content = content_of(organization_id=item.organization_id, **text)
    newest = queries.newest_version(item)
    if newest.content_hash != seen_hash:
        raise Conflict
    wanted = ContentVersion(item=item, audience=item.audience, cover_id=item.cover_id, **content)
    wanted.refresh_hash()
    if wanted.content_hash == newest.content_hash:
        return newest
    if newest.status == ReviewStatus.DRAFT:
        version = _change_draft(newest, content, wanted.content_hash, actor=actor, now=now)
    else:
        _reopen(item, newest)
        version = add_version(item, content, actor=actor)
    if item.name == newest.title:
        item.name = version.title
    if item.stage == Stage.IDEA:
        item.stage = Stage.DRAFT
    settle(item)
    audit.record(actor, "content.item.revised", item, at=now, label=item.name, number=version.number)
    return version


def _reopen(item: ContentItem, newest: ContentVersion) -> None:
    """The text is being changed: its review, its approval for later and its date are void."""
    if newest.status == ReviewStatus.IN_REVIEW:
        review.withdraw(newest)
        waiting = ContentReview.objects.filter(version=newest)
        waiting.filter(status__in=[LevelStatus.WAITING, LevelStatus.OPEN]).update(status=LevelStatus.VOID)
    if item.scheduled_id is not None:
        item.scheduled = item.scheduled_for = None


def _change_draft(
    draft: ContentVersion, content: dict[str, Any], new_hash: str, *, actor: Actor, now: datetime
) -> ContentVersion:
    review.note_author(draft, actor)
    rows = ContentVersion.objects.filter(
        pk=draft.pk, status=ReviewStatus.DRAFT, content_hash=draft.content_hash
    )
    values = {"content_hash": new_hash, "author_ids": draft.author_ids, "verdict": {}, "updated_at": now}
    if not rows.update(**values, **content):
        raise Conflict
    item = draft.item
    draft.refresh_from_db()
    draft.item = item
    return draft


@transaction.atomic
def check_item(*, actor: Actor, public_id: UUID, now: datetime) -> ContentVersion:
    """The self-check: what the rules say of the newest text is kept beside it."""
    item = queries.get_item(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_CONTENT, item.organization_id)
    version = queries.newest_version(item)
    if version.status != ReviewStatus.DRAFT:
        return version
    verdict = judge_version(version, actor=actor, now=now).as_json(now=now)
    version.verdict = verdict
    version.save(update_fields=["verdict", "updated_at"])
    settle(item)
    audit.record(
        actor,
        "content.item.checked",
        item,
        at=now,
        label=item.name,
        number=version.number,
        verdict=verdict["verdict"],
        rules=verdict["pack_version"],
        text_hash=version.content_hash,
    )
    return version


@transaction.atomic
def edit_facts(*, actor: Actor, public_id: UUID, now: datetime, **facts: Any) -> ContentItem:
    """Change what is known about an item, not its text: name, department, tags, people, channels, dates.

    Audience, cover and the names on it are part of what was approved: a change of them asks for approval
    again; what is public keeps its own until then. Who is to review it may be named until they have. A
    patient's permission stays while an approved version rests on it.
    Raises Invalid (fields), NotFound.
    """
    item = queries.get_item(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_CONTENT, item.organization_id)
    newest = queries.newest_version(item)
    changed = _set_facts(item, actor=actor, **facts)
    item.save()
    if newest.status == ReviewStatus.DRAFT:
        _carry(item, newest)
    elif _is_about_else(item, newest):
        content = {name: getattr(newest, name) for name in TEXT_FIELDS}
        _reopen(item, newest)
        add_version(item, content, actor=actor)
    elif newest.medical_reviewer_id != item.medical_reviewer_id:
        newest.medical_reviewer_id = item.medical_reviewer_id
        newest.save(update_fields=["medical_reviewer", "updated_at"])
    settle(item)
    audit.record(actor, "content.item.edited", item, at=now, label=item.name, fields=sorted(changed))
    return item


def _carry(item: ContentItem, draft: ContentVersion) -> None:
    """A draft goes along with its item."""
    draft.audience, draft.cover_id = item.audience, item.cover_id
    draft.medical_reviewer_id = item.medical_reviewer_id
    draft.refresh_hash()
    draft.save(update_fields=["audience", "cover", "medical_reviewer", "content_hash", "updated_at"])
    draft.authors.set(item.authors.all())


def _is_about_else(item: ContentItem, version: ContentVersion) -> bool:
    """Whether an item has other facts than those that its version was, or is being, judged with."""
    if (version.audience, version.cover_id) != (item.audience, item.cover_id):
        return True
    if set(version.authors.values_list("pk", flat=True)) != set(item.authors.values_list("pk", flat=True)):
        return True
    to_come = version.reviews.filter(level=Level.MEDICAL, status__in=[LevelStatus.WAITING, LevelStatus.OPEN])
    return version.medical_reviewer_id != item.medical_reviewer_id and not to_come.exists()


def _set_facts(item: ContentItem, *, actor: Actor, **facts: Any) -> set[str]:
    """Put facts on an item (not saved, but for tags and people); the names of those given."""
    wrong: dict[str, list[object]] = {}
    given = set(facts)
    for name, choices in (("audience", Audience), ("care_stage", CareStage)):
        value = facts.pop(name, None)
        if value is not None and (value in choices.values or (value == "" and name == "care_stage")):
            setattr(item, name, value)
        elif value is not None:
            wrong[name] = [_("没有这个选项")]
    if "channels" in facts:
        channels = list(facts.pop("channels") or ())
        if set(channels) - set(Channel.values):
            wrong["channels"] = [_("没有这个渠道")]
        item.channels = channels
    for name, longest in (("name", 120), ("related_service", 80), ("origin", 200)):
        if name in facts:
            setattr(item, name, str(facts.pop(name) or "").strip()[:longest])
    if not item.name:
        wrong["name"] = [_("写一个名称")]
    for name in ("due_on", "planned_on", "assignee_id", "column_id", "cover_id"):
        if name in facts:
            setattr(item, name, facts.pop(name))
    if "department" in facts:
        code = facts.pop("department")
        found = find_department_by_id(actor, code)
        if code and found is None:
            wrong["department"] = [_("没有这个科室")]
        item.department_id = found.pk if found else None
    if "medical_reviewer_id" in facts:
        item.medical_reviewer_id = facts.pop("medical_reviewer_id")
    if wrong:
        raise Invalid(fields=wrong)
    if "author_ids" in facts:
        item.authors.set(list(facts.pop("author_ids")))
    if "authorisation_ids" in facts:
        _set_authorisations(item, set(facts.pop("authorisation_ids")))
    if "tags" in facts:
        _set_tags(item, facts.pop("tags"), diseases=facts.pop("diseases", None))
    if facts:
        raise Invalid(fields={name: [_("这里不认识这一项")] for name in facts})
    return given


def _set_authorisations(item: ContentItem, wanted: set[int]) -> None:
    gone = item.authorisations.exclude(pk__in=wanted)
    if gone and item.versions.filter(status=ReviewStatus.APPROVED).exists():
        why = _("批准过的版本用着「%(label)s」：先收回批准，再去掉这份授权") % {"label": gone[0].label}
        raise Invalid(fields={"authorisations": [why]})
    item.authorisations.set(wanted)


def _set_tags(item: ContentItem, words: Iterable[str], *, diseases: Iterable[str] | None) -> None:
    """``diseases`` None: what is known as a disease stays one."""
    wanted = {word.strip()[:24]: False for word in words if word.strip()}
    wanted |= {word.strip()[:24]: True for word in diseases or () if word.strip()}
    if len(wanted) > 20:
        raise Invalid(fields={"tags": [_("标签最多 20 个")]})
    ContentTag.objects.filter(item=item).exclude(word__in=wanted).delete()
    if diseases is not None:
        for row in ContentTag.objects.filter(item=item):
            row.is_disease = wanted[row.word]
            row.save(update_fields=["is_disease"])
    known = set(ContentTag.objects.filter(item=item).values_list("word", flat=True))
    ContentTag.objects.bulk_create(
        ContentTag(item=item, organization_id=item.organization_id, word=word, is_disease=is_disease)
        for word, is_disease in wanted.items()
        if word not in known
    )
