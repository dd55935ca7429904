"""WeCom mass messages whose campaign was cancelled, and messages left under a task that has ended."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from xinglin.outreach.channels.base import Unavailable
from xinglin.outreach.channels.calls import NoAnswer, NotSent
from xinglin.outreach.channels.wecom import Refused, WecomAdapter
from xinglin.outreach.dispatch.staff_results import (
    failed,
    open_account,
    settle,
    settle_people,
    waiting_locked,
    waiting_of,
)
from xinglin.outreach.models import Campaign, Message, StaffTask

State, Status = Message.State, StaffTask.Status
CANCELLED = Campaign.Status.CANCELLED
#: Over at WeCom and here; messages that wait under one of these wait for nothing.
ENDED = (Status.REPLACED, Status.WITHDRAWN, Status.EXPIRED, Status.SENT, Status.REFUSED, Status.UNKNOWN)
AT_ONCE = 200


def stopped_tasks() -> Exists:
    """Tasks (outer query) with messages that wait for a cancelled campaign."""
    return Exists(_under_task().filter(campaign__status=CANCELLED))


def _under_task() -> QuerySet[Message]:
    return Message.objects.filter(
        organization_id=OuterRef("organization_id"), provider_id=OuterRef("task"), state=State.WAITING
    )


def is_stopped(task: StaffTask) -> bool:
    return waiting_of(task).filter(campaign__status=CANCELLED).exists()


def drop_stopped(*, now: datetime) -> int:
    """Tasks of cancelled campaigns whose account leads to WeCom no more: nobody can be asked about them."""
    rows = StaffTask.objects.filter(stopped_tasks(), status=Status.WAITING).exclude(provider__kind="wecom")
    tasks = list(rows[:AT_ONCE])
    for task in tasks:
        drop(task, now)
    return len(tasks)


def withdraw(task: StaffTask, adapter: WecomAdapter, now: datetime) -> None:
    """Take a task back from WeCom; whom it had reached by then has got it, nobody else will have.

    A task that WeCom does not take back is over for us all the same, with WeCom's words on it: a tap that
    comes later is asked about no more. Raises Refused where WeCom cannot even say whom it reached.
    """
    error = ""
    try:
        adapter.cancel(task.task)
    except Refused as refusal:
        error = str(refusal)
    settle(task, adapter.results(task.task), now)
    drop(task, now, error=error)


@transaction.atomic
def drop(task: StaffTask, now: datetime, *, error: str = "") -> None:
    """What waits under a task for a cancelled campaign is cancelled, and the task with it."""
    _cancel(task)
    rows = StaffTask.objects.filter(pk=task.pk).exclude(status=Status.SENT)
    rows.update(status=Status.WITHDRAWN, looked_at=now, error=error[:200])


def _cancel(task: StaffTask) -> None:
    rows = list(waiting_locked(task).filter(campaign__status=CANCELLED).values_list("pk", flat=True))
    Message.objects.filter(pk__in=rows).update(state=State.CANCELLED, sent_at=None, variables=None)


def heal(*, now: datetime) -> int:
    """Settle messages that still wait under a task that has ended; returns how many were.

    WeCom says whom the task reached. The rest of one that was taken from a colleague goes to the next, unless
    its time is over; of one that WeCom has forgotten nobody knows, so it stays unconfirmed.
    """
    rows = StaffTask.objects.filter(Exists(_under_task()), status__in=ENDED, provider__kind="wecom")
    count = 0
    for task in rows.select_related("provider").order_by("id")[:AT_ONCE]:
        waiting = waiting_of(task).count()
        try:
            with open_account(task) as adapter:
                reached = adapter.results(task.task)
        except (Unavailable, NotSent, NoAnswer):
            continue
        except Refused as error:
            _unconfirmed(task, str(error), now)
        else:
            with transaction.atomic():
                settle_people(task, reached, now)
                _cancel(task)
                _go_on(task, now)
        count += waiting - waiting_of(task).count()
    return count


def _go_on(task: StaffTask, now: datetime) -> None:
    left = waiting_of(task).count()
    hours = float(task.provider.settings.get("expire_hours") or 48)
    if not left:
        return
    if task.status in (Status.SENT, Status.UNKNOWN, Status.REFUSED):  # still alive at WeCom: it knows these
        StaffTask.objects.filter(pk=task.pk).update(status=Status.WAITING, looked_at=None)
    elif task.status == Status.EXPIRED or now - task.started_at >= timedelta(hours=hours):
        failed(list(waiting_locked(task)), "no colleague released it in time", now)
    else:
        sender = str(task.provider.settings.get("substitute") or task.sender)
        hand_on(task, sender=sender, chats=[], now=now)


def hand_on(task: StaffTask, *, sender: str, chats: list[str], now: datetime) -> StaffTask:
    """A task for another colleague with what waits under this one; in the caller's transaction."""
    new = StaffTask.objects.create(
        organization_id=task.organization_id, provider_id=task.provider_id, sender=sender, text=task.text,
        chats=chats, people=waiting_of(task).count() or len(chats), status=Status.QUEUED, started_at=now,
        created_by_id=task.created_by_id, created_by_name=task.created_by_name,
        decided_by_id=task.decided_by_id, decided_by_name=task.decided_by_name, decided_at=task.decided_at,
    )  # fmt: skip
    waiting_of(task).update(provider_id=new.task)
    return new


def _unconfirmed(task: StaffTask, error: str, now: datetime) -> None:
    waiting_of(task).update(state=State.UNCONFIRMED, due_at=now, error=error[:200])
