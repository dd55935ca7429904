"""What stands around a text: remarks, saved lists, who may take it on, what was done to it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from xinglin.content.models import (
    CaseAuthorisation,
    ContentColumn,
    ContentComment,
    ContentItem,
    ContentVersion,
    ContentView,
    MediaAsset,
)
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import LIVE_STAGES, Stage
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.core.models import AuditEntry
from xinglin.directory.queries import list_staff, names_of_users

_ROWS: dict[str, Any] = {
    "authors": ContentItem.authors.field.related_model,
    "medical_reviewer": ContentItem.authors.field.related_model,
    "assignee": ContentItem.authors.field.related_model,
    "column": ContentColumn,
    "cover": MediaAsset,
    "authorisations": CaseAuthorisation,
}


def comments_of(item: ContentItem) -> list[ContentComment]:
    """An item's remarks, the open ones first, then by age; at most 200."""
    rows = item.comments.order_by("-id")[:200]
    return sorted(rows, key=lambda row: (row.resolved_at is not None, row.pk))


def get_comment(*, actor: Actor, public_id: UUID) -> ContentComment:
    """One remark; NotFound."""
    require(actor, Permission.VIEW_CONTENT)
    row = ContentComment.objects.visible_to(actor).select_related("item").filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def list_views(*, actor: Actor) -> QuerySet[ContentView]:
    """The lists this person kept, and those kept for everybody."""
    mine = Q(user_id=actor.user_id or -1) | Q(user_id__isnull=True)
    return ContentView.objects.visible_to(actor).filter(mine)


def get_view(*, actor: Actor, public_id: UUID) -> ContentView:
    """One kept list; NotFound."""
    row = list_views(actor=actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def list_assignees(*, actor: Actor) -> list[Any]:
    """People with an account who may be given work, by name; as staff rows."""
    require(actor, Permission.VIEW_CONTENT)
    rows: Any = list_staff(Actor.system(actor.organization_id, "content"))
    return list(rows.filter(user__isnull=False, is_active=True).order_by("name", "id")[:300])


def names_of(users: Iterable[int | None]) -> dict[int, str]:
    """Names by user id."""
    return names_of_users(user for user in users if user)


def facts_by_id(*, actor: Actor, facts: dict[str, Any]) -> dict[str, Any]:
    """What ``actions.edit_facts`` takes, from public ids; the other facts pass. Raises NotFound."""
    organization_id, found = actor.organization_id, dict(facts)
    for name, model in _ROWS.items():
        if name not in found:
            continue
        given = found.pop(name)
        many = isinstance(given, list)
        wanted = set(given if many else [given]) - {None}
        rows = {
            row.public_id: row
            for row in model._default_manager.filter(organization_id=organization_id, public_id__in=wanted)
        }
        if wanted - set(rows):
            raise NotFound
        if name in ("authors", "authorisations"):
            found[f"{name[:-1]}_ids"] = [row.pk for row in rows.values()]
        else:
            row = rows.get(given)
            found[f"{name}_id"] = getattr(row, "user_id" if name == "assignee" else "pk", None)
    if "department" in found:
        found["department"] = str(found["department"]) if found["department"] else None
    return found


def trail_of(item: ContentItem, *, limit: int = 60) -> list[AuditEntry]:
    """What was done to an item, the newest first."""
    rows = AuditEntry.objects.filter(
        organization_id=item.organization_id,
        object_type="content.contentitem",
        object_id=str(item.public_id),
    )
    return list(rows.order_by("-id")[:limit])


def tolerated_deviations(version: ContentVersion) -> list[str]:
    """Where an advertisement leaves its sample lawfully, as noted when it was submitted."""
    row = AuditEntry.objects.filter(
        organization_id=version.organization_id,
        object_type="content.contentitem",
        object_id=str(version.item.public_id),
        action="content.item.submitted",
        detail__text_hash=version.content_hash,
    ).first()
    return list(row.detail.get("deviations", ())) if row else []


def list_to_finish(*, actor: Actor, today: date) -> QuerySet[ContentItem]:
    """The actor's items that were given back, or are due within three days and not out yet."""
    mine = Q(assignee_id=actor.user_id or -1)
    late = Q(due_on__lte=today + timedelta(days=3)) & ~Q(stage__in=[*LIVE_STAGES, Stage.RETRACTED])
    back = Q(stage=Stage.REJECTED)
    return ContentItem.objects.visible_to(actor).filter(mine & (late | back)).order_by("due_on", "id")
