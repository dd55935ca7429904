"""Around a text: remarks, saved lists."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.content import queries
from xinglin.content.models import ContentComment, ContentItem, ContentView
from xinglin.content.permissions import Permission
from xinglin.content.rules.quotes import shortened
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid, PermissionDenied
from xinglin.directory.queries import hospital_id

#: Characters of one remark.
LONGEST = 1000


@transaction.atomic
def add_comment(
    *, actor: Actor, public_id: UUID, text: str, quote: str = "", now: datetime
) -> ContentComment:
    """Leave a remark beside the newest text, ``quote`` the passage it is about. Raises Invalid (text)."""
    item = queries.get_item(actor=actor, public_id=public_id)
    if not text.strip() or actor.user_id is None:
        raise Invalid(fields={"text": [_("写一句话再发")]})
    if len(text.strip()) > LONGEST:
        raise Invalid(fields={"text": [_("最多一千个字，请分成几条")]})
    row = ContentComment.objects.create(
        organization_id=item.organization_id,
        item=item,
        version=queries.newest_version(item),
        author_id=actor.user_id,
        text=text.strip(),
        quote=shortened(quote),
    )
    audit.record(actor, "content.comment.added", item, at=now, label=item.name)
    return row


@transaction.atomic
def resolve_comment(*, actor: Actor, public_id: UUID, now: datetime) -> ContentComment:
    """A remark is dealt with; a second click opens it again."""
    row = queries.get_comment(actor=actor, public_id=public_id)
    if row.author_id != actor.user_id:
        require(actor, Permission.EDIT_CONTENT, row.organization_id)
    is_open = row.resolved_at is None
    row.resolved_at, row.resolved_by_id = (now, actor.user_id) if is_open else (None, None)
    row.save(update_fields=["resolved_at", "resolved_by_id", "updated_at"])
    verb = "resolved" if is_open else "reopened"
    audit.record(actor, f"content.comment.{verb}", row.item, at=now, label=row.item.name)
    return row


@transaction.atomic
def save_view(*, actor: Actor, name: str, query: str, is_shared: bool, now: datetime) -> ContentView:
    """Keep a list under a name."""
    require(actor, Permission.VIEW_CONTENT)
    if not name.strip():
        raise Invalid(fields={"name": [_("给这个视图起个名字")]})
    row = ContentView.objects.create(
        organization_id=hospital_id(actor),
        name=name.strip()[:40],
        query=query[:500],
        user_id=None if is_shared else actor.user_id,
    )
    audit.record(actor, "content.view.saved", row, at=now, label=row.name)
    return row


@transaction.atomic
def delete_view(*, actor: Actor, public_id: UUID, now: datetime) -> None:
    """Forget a kept list; one for everybody only with the right to edit."""
    row = queries.get_view(actor=actor, public_id=public_id)
    if row.user_id is None and not actor.can(Permission.EDIT_CONTENT):
        raise PermissionDenied
    audit.record(actor, "content.view.deleted", row, at=now, label=row.name)
    row.delete()


@transaction.atomic
def note_evidence_taken(*, actor: Actor, item: ContentItem, form: str, now: datetime) -> None:
    """That somebody took the evidence of an item away."""
    audit.record(actor, "content.evidence.taken", item, at=now, label=item.name, form=form)
