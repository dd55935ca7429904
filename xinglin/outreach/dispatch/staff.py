"""WeCom mass messages that colleagues have to release: waiting, chase, substitute, expiry."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from xinglin.core import db
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.channels.base import Outcome, Unavailable
from xinglin.outreach.channels.calls import NoAnswer, NotSent
from xinglin.outreach.channels.wecom import Refused, WecomAdapter
from xinglin.outreach.dispatch import accounts, staff_stops
from xinglin.outreach.dispatch.recipients import recipients
from xinglin.outreach.dispatch.staff_results import (
    failed,
    open_account,
    settle,
    waiting_locked,
    waiting_of,
)
from xinglin.outreach.models import Message, OrganizationFreeze, SinkMessage, StaffTask
from xinglin.outreach.touches import MessageAccepted

State, Status = Message.State, StaffTask.Status
#: WeCom pings a colleague at most three times a day.
REMINDERS = 3
LOOK_EVERY = timedelta(minutes=5)
#: A task that has been starting for so long was begun by a worker that died.
STARTS_WITHIN = timedelta(minutes=5)
#: How many tasks are asked about, and how many handed over, in one go.
LOOKS, STARTS = 500, 50
LONGEST_AGO = (F("looked_at").asc(nulls_first=True), "id")


def wait(pairs: Sequence[tuple[Message, Outcome]], *, route: accounts.Route, now: datetime) -> None:
    """Write down that these wait for a colleague, one task a mass message; in the caller's transaction."""
    by_task: dict[str, list[Message]] = defaultdict(list)
    texts: dict[str, str] = {}
    for row, outcome in pairs:
        by_task[outcome.provider_id].append(row)
        texts[outcome.provider_id] = outcome.text
    for task, rows in by_task.items():
        Message.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.WAITING, sent_at=now, due_at=now, lease_until=None, provider=route.kind,
            provider_id=task, error="", reason="", variables=None,
        )  # fmt: skip
        _open(task, rows, route=route, text=texts[task], now=now)
    record_many(
        [
            NewTouch(
                props=MessageAccepted(message=row.pk, provider=route.kind, category=row.category),
                organization_id=row.organization_id,
                at=now,
                patient_id=row.patient_id,
                channel=row.channel,
                campaign_id=row.campaign_id,
                dedupe_key=f"message:{row.pk}:accepted",
            )
            for row, _ in pairs
            if row.patient_id is not None
        ],
        now=now,
    )


def _open(task: str, rows: Sequence[Message], *, route: accounts.Route, text: str, now: datetime) -> None:
    known, is_new = StaffTask.objects.get_or_create(
        provider_id=route.provider_id or 0,
        task=task,
        defaults={
            "organization_id": rows[0].organization_id,
            "sender": str(route.account.settings.get("sender") or ""),
            "text": text,
            "people": len(rows),
            "started_at": now,
        },
    )
    if not is_new:
        StaffTask.objects.filter(pk=known.pk).update(people=F("people") + len(rows))


def look_after(*, now: datetime) -> dict[str, int]:
    """Ask WeCom what became of waiting tasks, ping, replace or end them, and hand over queued ones.

    Counts by what was done.
    """
    counts = {"looked": 0, "reminded": 0, "replaced": 0, "expired": 0, "withdrawn": 0, "started": 0}
    due = StaffTask.objects.filter(
        Q(looked_at__isnull=True) | Q(looked_at__lte=now - LOOK_EVERY) | Q(staff_stops.stopped_tasks()),
        status=Status.WAITING,
        provider__kind="wecom",
    )
    for row in due.select_related("provider").order_by(*LONGEST_AGO)[:LOOKS]:
        try:
            with open_account(row) as adapter:
                _look(row, adapter, now, counts)
        except (Unavailable, NotSent, NoAnswer) as error:
            StaffTask.objects.filter(pk=row.pk).update(error=str(error)[:200], looked_at=now)
        except Refused as error:
            if _hours(row, now) >= _limit(row, "expire", 48):  # it can be neither read nor stopped any more
                _give_up(row, Status.UNKNOWN, str(error), now)
            else:
                StaffTask.objects.filter(pk=row.pk).update(error=str(error)[:200], looked_at=now)
    counts["withdrawn"] += staff_stops.drop_stopped(now=now)
    counts["started"] = _start_queued(now)
    return counts


def _start_queued(now: datetime) -> int:
    """Hand over posts to customer groups and what a substitute takes on; returns how many.

    Each is asked for once: what WeCom did not answer about stays unknown.
    """
    frozen = OrganizationFreeze.objects.filter(is_frozen=True).values("organization_id")
    rows = StaffTask.objects.filter(status=Status.QUEUED, provider__is_enabled=True)
    rows = rows.exclude(organization_id__in=frozen).select_related("provider").order_by(*LONGEST_AGO)
    count = sum(_start(row, now) for row in rows[:STARTS])
    for row in StaffTask.objects.filter(status=Status.STARTING, started_at__lt=now - STARTS_WITHIN):
        _give_up(row, Status.UNKNOWN, "the worker died while WeCom was asked", now)
    return count


def _start(task: StaffTask, now: datetime) -> bool:
    mine = StaffTask.objects.filter(pk=task.pk)
    if task.chats and task.decided_at is None:  # nobody else has looked at it yet
        mine.filter(status=Status.QUEUED).update(status=Status.ASKED)
        return False
    if task.provider.kind != "wecom":
        return _into_the_inbox(task, now)
    if staff_stops.is_stopped(task):
        staff_stops.drop(task, now)
        return False
    is_mine = False
    try:
        with open_account(task) as adapter:
            is_mine = bool(mine.filter(status=Status.QUEUED).update(status=Status.STARTING, started_at=now))
            if is_mine:
                _started(task, _hand_over(task, adapter))
    except (Unavailable, NotSent) as error:
        mine.filter(status=Status.STARTING if is_mine else Status.QUEUED).update(
            status=Status.QUEUED, error=str(error)[:200], looked_at=now
        )
        return False
    except Refused as error:
        _give_up(task, Status.REFUSED, str(error), now)
        return False
    except NoAnswer as error:
        _give_up(task, Status.UNKNOWN, str(error), now)
        return False
    return is_mine


@transaction.atomic
def _into_the_inbox(task: StaffTask, now: datetime) -> bool:
    """The local inbox takes a post to groups; nobody has to tap for it, and nothing leaves the machine."""
    mine = StaffTask.objects.filter(pk=task.pk, status=Status.QUEUED)
    if not task.chats or not mine.update(status=Status.SENT, sent=task.people, looked_at=now):
        return False
    SinkMessage.objects.get_or_create(
        key=f"group:{task.public_id}",
        defaults={
            "organization_id": task.organization_id, "channel": "wecom", "text": task.text, "at": now,
            "address": "、".join(task.chats[:5]),
        },
    )  # fmt: skip
    return True


def _hand_over(task: StaffTask, adapter: WecomAdapter) -> str:
    """WeCom's id of the task."""
    if task.chats:
        return adapter.to_groups(text=task.text or "", chats=task.chats, sender=task.sender)
    people = list(waiting_of(task).values_list("guardian_id", "patient_id"))
    ids = [guardian_id or patient_id for guardian_id, patient_id in people]
    to = recipients(organization_id=task.organization_id, channel="wecom", patient_ids=ids)
    if not to:  # without names WeCom takes it as a message to every customer of the colleague
        raise Refused("no such contact")
    targets = [one.address for one in to.values()]
    return adapter.again(text=task.text or "", targets=targets, sender=task.sender)


@transaction.atomic
def _started(task: StaffTask, name: str) -> None:
    waiting_of(task).update(provider_id=name)
    StaffTask.objects.filter(pk=task.pk).update(status=Status.WAITING, task=name, error="")


@transaction.atomic
def _give_up(task: StaffTask, status: StaffTask.Status, error: str, now: datetime) -> None:
    """End a task that WeCom did not take, or may have taken; its messages say which."""
    rows = list(waiting_locked(task))
    if status == Status.REFUSED:
        failed(rows, error[:200], now)
    else:
        Message.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.UNCONFIRMED, due_at=now, error=error[:200]
        )
    StaffTask.objects.filter(pk=task.pk).update(status=status, error=error[:200], looked_at=now)


def _hours(task: StaffTask, now: datetime) -> float:
    return (now - task.started_at) / timedelta(hours=1)


def _limit(task: StaffTask, name: str, usual: float) -> float:
    """After how many hours a task is chased, given to a substitute, or over."""
    return float(task.provider.settings.get(f"{name}_hours") or usual)


def _look(task: StaffTask, adapter: WecomAdapter, now: datetime, counts: dict[str, int]) -> None:
    if staff_stops.is_stopped(task):
        staff_stops.withdraw(task, adapter, now)
        counts["withdrawn"] += 1
        return
    reached = adapter.results(task.task)
    settle(task, reached, now)
    counts["looked"] += 1
    task.refresh_from_db()
    if task.status != Status.WAITING:
        return
    hours = _hours(task, now)
    substitute = str(task.provider.settings.get("substitute") or "")
    if hours >= _limit(task, "expire", 48):
        adapter.cancel(task.task)
        _end(task, now)
        counts["expired"] += 1
    elif substitute and substitute != task.sender and hours >= _limit(task, "substitute", 24):
        counts["replaced"] += int(_replace(task, adapter, substitute, now))
    elif hours >= _limit(task, "chase", 4) * (task.reminders + 1) and task.reminders < REMINDERS:
        adapter.remind(task.task)
        StaffTask.objects.filter(pk=task.pk).update(reminded_at=now, reminders=F("reminders") + 1)
        counts["reminded"] += 1


@transaction.atomic
def _end(task: StaffTask, now: datetime) -> None:
    """Nobody tapped in time: the rest has not been sent, and will not be."""
    failed(list(waiting_locked(task)), "no colleague released it in time", now)
    StaffTask.objects.filter(pk=task.pk).update(status=Status.EXPIRED, looked_at=now)


def _replace(task: StaffTask, adapter: WecomAdapter, substitute: str, now: datetime) -> bool:
    """Take the task from one colleague and queue the rest of it for another; False when nothing was left.

    First it is stopped at the old one and looked at again, so that nobody gets it twice. The new task has
    the messages before the old one ends, so that whatever WeCom says to it finds them.
    """
    adapter.cancel(task.task)
    reached = adapter.results(task.task)
    settle(task, reached, now)
    done = {one.target for one in reached if one.status == 1}
    chats = [chat for chat in task.chats if chat not in done]
    with transaction.atomic():
        if db.lock_rows(StaffTask.objects.filter(pk=task.pk, status=Status.WAITING)).first() is None:
            return False
        staff_stops.hand_on(task, sender=substitute, chats=chats, now=now)
        StaffTask.objects.filter(pk=task.pk).update(status=Status.REPLACED)
    return True
