"""Replies that colleagues have seen to."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.outreach.models import Reply
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.replies import list_replies


@transaction.atomic
def mark_replies(*, actor: Actor, public_ids: Iterable[UUID], is_handled: bool, now: datetime) -> int:
    """Somebody has seen to these replies, or they are open again; returns how many changed. Twice is once.

    Refusals that were carried out when they came in stay as they are, and what others handled stays theirs.
    """
    require(actor, Permission.RESOLVE_MESSAGE)
    rows = list_replies(actor, is_open=True if is_handled else None)
    changed = rows.filter(public_id__in=list(public_ids), handled_at__isnull=is_handled)
    ids = list(changed.values_list("pk", flat=True))
    count = Reply.objects.filter(pk__in=ids, handled_at__isnull=is_handled).update(
        handled_at=now if is_handled else None,
        handled_by_name=actor.name[:120] if is_handled else "",
        updated_at=now,
    )
    if count:
        what = "outreach.reply.handled" if is_handled else "outreach.reply.reopened"
        audit.record(actor, what, None, at=now, count=count, replies=ids[:200])
    return count
