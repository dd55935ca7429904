"""The library: items with their newest version's facts."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from xinglin.content.models import ContentItem, ContentReview, ContentTag, ContentVersion
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import LIVE_STAGES, REVIEW_STAGES
from xinglin.core import db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.directory.queries import names_of_users

NEWEST = ("title", "page_class", "status", "number", "content_hash")


def list_items(
    *,
    actor: Actor,
    text: str = "",
    kind: str = "",
    stage: str = "",
    page_class: str = "",
    department: str = "",
    tag: str = "",
    channel: str = "",
    mine: bool = False,
    due_before: date | None = None,
) -> QuerySet[ContentItem]:
    """Items with their newest version's ``title``, ``page_class``, ``status`` and ``number``.

    ``stage`` is one of ``Stage``, or "live", "review", "late"; ``department`` a code.
    """
    require(actor, Permission.VIEW_CONTENT)
    newest = ContentVersion.objects.filter(item=OuterRef("pk")).order_by("-number")
    rows: Any = ContentItem.objects.visible_to(actor).select_related("department", "published", "assignee")
    rows = rows.annotate(**{name: Subquery(newest.values(name)[:1]) for name in NEWEST})
    if text:
        tagged = ContentTag.objects.filter(item=OuterRef("pk"), word__icontains=text)
        rows = rows.filter(
            Q(name__icontains=text) | Q(title__icontains=text) | Q(slug__icontains=text) | Exists(tagged)
        )
    if kind:
        rows = rows.filter(kind=kind)
    if stage == "live":
        rows = rows.filter(published__isnull=False)
    elif stage == "review":
        rows = rows.filter(stage__in=REVIEW_STAGES)
    elif stage:
        rows = rows.filter(stage=stage)
    if page_class:
        rows = rows.filter(page_class=page_class)
    if department:
        rows = rows.filter(department__code=department)
    if tag:
        rows = rows.filter(Exists(ContentTag.objects.filter(item=OuterRef("pk"), word=tag)))
    if channel:
        rows = rows.filter(pk__in=_with_channel(actor, channel))
    if mine:
        rows = rows.filter(Q(assignee_id=actor.user_id) | Q(contributed_by_id=actor.user_id))
    if due_before is not None:
        rows = rows.filter(due_on__lt=due_before).exclude(stage__in=LIVE_STAGES)
    found: QuerySet[ContentItem] = rows
    return found


def _with_channel(actor: Actor, channel: str) -> list[int]:
    """Neither database searches JSON alike; channels are few and are looked at here."""
    rows = ContentItem.objects.visible_to(actor).values_list("pk", "channels")
    return [pk for pk, channels in rows.iterator(chunk_size=2000) if channel in channels]


def get_item(*, actor: Actor, public_id: UUID, lock: bool = False) -> ContentItem:
    """One item; NotFound. ``lock`` keeps everybody else from changing it until the transaction ends."""
    require(actor, Permission.VIEW_CONTENT)
    return _one(ContentItem.objects.visible_to(actor).filter(public_id=public_id), lock)


def _one(rows: Any, lock: bool) -> ContentItem:
    if lock and not db.lock_rows(rows.only("pk")).first():
        raise NotFound
    item: ContentItem | None = rows.select_related("published", "department", "medical_reviewer").first()
    if item is None:
        raise NotFound
    return item


def get_own_contribution(*, actor: Actor, public_id: UUID) -> ContentItem:
    """Something the actor handed in themselves; NotFound."""
    rows = ContentItem.objects.filter(
        organization_id=actor.organization_id or -1,
        contributed_by_id=actor.user_id or -1,
        public_id=public_id,
    )
    return _one(rows, False)


def list_own_contributions(*, actor: Actor) -> QuerySet[ContentItem]:
    """What the actor handed in, whatever their role."""
    rows = ContentItem.objects.filter(
        organization_id=actor.organization_id or -1, contributed_by_id=actor.user_id or -1
    )
    return rows.order_by("-id")


def newest_version(item: ContentItem) -> ContentVersion:
    """The text that was saved last."""
    version = item.versions.select_related("item", "certificate").order_by("-number").first()
    assert version is not None
    version.item = item
    return version


def get_version(*, actor: Actor, public_id: UUID, lock: bool = False) -> ContentVersion:
    """One version with its item; ``lock`` locks the item, which is what every change goes through."""
    require(actor, Permission.VIEW_CONTENT)
    rows = ContentVersion.objects.visible_to(actor).select_related("item", "certificate")
    version = rows.filter(public_id=public_id).first()
    if version is None:
        raise NotFound
    if lock:
        version.item = _one(ContentItem.objects.filter(pk=version.item_id), True)
        version.refresh_from_db(fields=["status", "content_hash", "author_ids", "verdict"])
    return version


def tags_of(item: ContentItem) -> list[str]:
    """An item's words."""
    return list(item.tags.values_list("word", flat=True))


def list_tags(*, actor: Actor, limit: int = 60) -> list[str]:
    """The words in use, most used first."""
    rows = ContentTag.objects.filter(organization_id=actor.organization_id or -1)
    counted = rows.values("word").annotate(n=Count("id")).order_by("-n", "word")[:limit]
    return [row["word"] for row in counted]


def open_levels(items: list[int]) -> dict[int, ContentReview]:
    """The open level of each of these items, by item id; one query."""
    rows = ContentReview.objects.filter(version__item__in=items, status="open").select_related("version")
    return {row.version.item_id: row for row in rows}


def names_in(versions: list[ContentVersion]) -> dict[int, str]:
    """Names of everybody who wrote, submitted or decided these versions; one query."""
    people = {
        user
        for version in versions
        for user in (
            *(version.author_ids or ()),
            version.created_by_id,
            version.submitted_by_id,
            version.decided_by_id,
        )
        if user
    }
    return names_of_users(people)
