"""Tasks that a journey gave to a colleague."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, NotFound
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
