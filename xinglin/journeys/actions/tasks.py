"""Tasks that a journey gave to a colleague."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid, NotFound
from xinglin.journeys.models import JourneyTask
from xinglin.journeys.permissions import Permission

Status = JourneyTask.Status


class TaskClosed(Conflict):
    """Somebody has finished the task already."""

    code = "task-closed"


@transaction.atomic
def finish_task(
    *, actor: Actor, public_id: UUID, now: datetime, note: str = "", dropped: bool = False
) -> JourneyTask:
    """Mark a task done, or dropped with a reason in ``note``. Raises NotFound or TaskClosed."""
    require(actor, Permission.DO_TASK)
    rows = JourneyTask.objects.visible_to(actor).filter(public_id=public_id)
    task: JourneyTask | None = db.lock_rows(rows).first()
    if task is None:
        raise NotFound
    if task.status != Status.OPEN:
        raise TaskClosed(_("这项任务已经处理过了"))
    task.status, task.done_at = (Status.DROPPED if dropped else Status.DONE), now
    task.done_by_name, task.note = actor.name[:120], note.strip()[:300]
    task.save(update_fields=["status", "done_at", "done_by_name", "note", "updated_at"])
    audit.record(actor, f"journeys.task.{task.status}", task, at=now, label=task.text, reason=note)
    return task


MOST_AT_ONCE = 1000


@transaction.atomic
def finish_tasks(*, actor: Actor, tasks: QuerySet[Any], now: datetime, note: str, dropped: bool) -> int:
    """Finish those of ``tasks`` that are open, ``MOST_AT_ONCE`` at most; returns how many.

    Dropping many at once needs a reason: Invalid without one.
    """
    if dropped and not note.strip():
        raise Invalid(fields={"note": [_("写一句为什么不做了")]})
    ids = list(tasks.filter(status=Status.OPEN).values_list("public_id", flat=True)[:MOST_AT_ONCE])
    for public_id in ids:
        finish_task(actor=actor, public_id=public_id, now=now, note=note, dropped=dropped)
    return len(ids)
