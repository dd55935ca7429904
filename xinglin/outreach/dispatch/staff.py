"""WeCom mass messages that colleagues have to release: waiting, chase, substitute, expiry."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.db.models import F, QuerySet

from xinglin.core import db
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.channels.base import Outcome, Unavailable
from xinglin.outreach.channels.calls import NoAnswer, NotSent
from xinglin.outreach.channels.wecom import Reached, Refused, WecomAdapter
from xinglin.outreach.dispatch import accounts, tokens
from xinglin.outreach.dispatch.recipients import recipients
from xinglin.outreach.models import Message, OrganizationFreeze, StaffTask
from xinglin.outreach.touches import MessageAccepted, MessageDelivered, MessageFailed

State = Message.State
#: WeCom pings a colleague at most three times a day.
REMINDERS = 3
LOOK_EVERY = timedelta(minutes=5)


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


def _start_group_posts(now: datetime) -> int:
    """Hand over what colleagues wrote for customer groups; each is asked for once."""
    Status = StaffTask.Status  # noqa: N806
    count = 0
    for row in StaffTask.objects.filter(status=Status.QUEUED).select_related("provider")[:50]:
        frozen = OrganizationFreeze.objects.filter(organization_id=row.organization_id, is_frozen=True)
        if frozen.exists() or not row.provider.is_enabled:
            continue
        route = accounts.Route("wecom", row.provider_id, accounts.account_of(row.provider))
        adapter = cast(WecomAdapter, route.open())
        mine = StaffTask.objects.filter(pk=row.pk)
        try:
            tokens.provide(adapter, provider_id=row.provider_id)
            if not mine.filter(status=Status.QUEUED).update(status=Status.STARTING, started_at=now):
                continue
            task = adapter.to_groups(text=row.text or "", chats=row.chats, sender=row.sender)
            mine.update(status=Status.WAITING, task=task, error="")
            count += 1
        except (Unavailable, NotSent) as error:
            mine.update(status=Status.QUEUED, error=str(error)[:200])
        except Refused as error:
            mine.update(status=Status.REFUSED, error=str(error)[:200])
        except NoAnswer as error:
            mine.update(status=Status.UNKNOWN, error=str(error)[:200])
        finally:
            adapter.close()
    dead = StaffTask.objects.filter(status=Status.STARTING, started_at__lt=now - timedelta(minutes=5))
    dead.update(status=Status.UNKNOWN)
    return count


def look_after(*, now: datetime) -> dict[str, int]:
    """Ask WeCom what became of waiting tasks, ping, replace or end them; counts by what was done."""
    counts = {"looked": 0, "reminded": 0, "replaced": 0, "expired": 0, "started": _start_group_posts(now)}
    waiting = StaffTask.objects.filter(status=StaffTask.Status.WAITING).select_related("provider")
    due = [row for row in waiting[:500] if row.looked_at is None or now - row.looked_at >= LOOK_EVERY]
    for row in due:
        if row.provider.kind != "wecom":
            continue
        route = accounts.Route("wecom", row.provider_id, accounts.account_of(row.provider))
        adapter = cast(WecomAdapter, route.open())
        try:
            tokens.provide(adapter, provider_id=row.provider_id)
            _look(row, adapter, now, counts)
        except (Unavailable, Refused, NotSent, NoAnswer) as error:
            StaffTask.objects.filter(pk=row.pk).update(error=str(error)[:200], looked_at=now)
        finally:
            adapter.close()
    return counts


def _look(task: StaffTask, adapter: WecomAdapter, now: datetime, counts: dict[str, int]) -> None:
    reached = adapter.results(task.task)
    _settle(task, reached, now)
    counts["looked"] += 1
    task.refresh_from_db()
    if task.status != StaffTask.Status.WAITING:
        return
    hours = (now - task.started_at) / timedelta(hours=1)
    settings = task.provider.settings
    substitute = str(settings.get("substitute") or "")
    if hours >= float(settings.get("expire_hours") or 48):
        adapter.cancel(task.task)
        _end(task, now)
        counts["expired"] += 1
    elif substitute and substitute != task.sender and hours >= float(settings.get("substitute_hours") or 24):
        counts["replaced"] += int(_replace(task, adapter, substitute, now))
    elif (
        hours >= float(settings.get("chase_hours") or 4) * (task.reminders + 1) and task.reminders < REMINDERS
    ):
        adapter.remind(task.task)
        StaffTask.objects.filter(pk=task.pk).update(reminded_at=now, reminders=F("reminders") + 1)
        counts["reminded"] += 1


@transaction.atomic
def _settle(task: StaffTask, reached: Sequence[Reached], now: datetime) -> None:
    """Write down who has been sent to; a task with nobody left waiting is done."""
    rows = list(_waiting(task))
    if task.chats:
        sent = sum(one.status == 1 for one in reached)
        done = {one.target for one in reached if one.status == 1} >= set(task.chats)
        StaffTask.objects.filter(pk=task.pk).update(
            sent=sent, looked_at=now, error="",
            status=StaffTask.Status.SENT if done else StaffTask.Status.WAITING,
        )  # fmt: skip
        return
    people = [row.recipient_id for row in rows if row.recipient_id is not None]
    to = recipients(organization_id=task.organization_id, channel="wecom", patient_ids=people)
    status_of = {one.target: one.status for one in reached}
    outcome = {
        row.pk: status_of.get(to[row.recipient_id].address, 0) for row in rows if row.recipient_id in to
    }
    _delivered([row for row in rows if outcome.get(row.pk) == 1], now)
    _failed([row for row in rows if outcome.get(row.pk) == 2], "not a friend any more", now)
    _failed([row for row in rows if outcome.get(row.pk) == 3], "the customer has had enough this month", now)
    left = _waiting(task).count()
    StaffTask.objects.filter(pk=task.pk).update(
        sent=F("sent") + sum(code == 1 for code in outcome.values()),
        looked_at=now,
        error="",
        status=StaffTask.Status.WAITING if left else StaffTask.Status.SENT,
    )


def _waiting(task: StaffTask) -> QuerySet[Message]:
    return db.lock_rows(
        Message.objects.filter(
            organization_id=task.organization_id, provider_id=task.task, state=State.WAITING
        )
    )


def _delivered(rows: Sequence[Message], now: datetime) -> None:
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.DELIVERED, delivered_at=now)
    _tell(rows, now, "delivered")


def _failed(rows: Sequence[Message], error: str, now: datetime) -> None:
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.FAILED, reason="rejected", error=error, due_at=now
    )
    _tell(rows, now, "failed")


def _tell(rows: Sequence[Message], now: datetime, what: str) -> None:
    record_many(
        [
            NewTouch(
                props=MessageDelivered(message=row.pk, category=row.category)
                if what == "delivered"
                else MessageFailed(message=row.pk, error="rejected", category=row.category),
                organization_id=row.organization_id,
                at=now,
                patient_id=row.patient_id,
                channel=row.channel,
                campaign_id=row.campaign_id,
                dedupe_key=f"message:{row.pk}:{what}",
            )
            for row in rows
            if row.patient_id is not None
        ],
        now=now,
    )


@transaction.atomic
def _end(task: StaffTask, now: datetime) -> None:
    """Nobody tapped in time: the rest has not been sent, and will not be."""
    _failed(list(_waiting(task)), "no colleague released it in time", now)
    StaffTask.objects.filter(pk=task.pk).update(status=StaffTask.Status.EXPIRED, looked_at=now)


def _replace(task: StaffTask, adapter: WecomAdapter, substitute: str, now: datetime) -> bool:
    """Take the task from one colleague and give the rest of it to another; False when nothing was left.

    First it is stopped at the old one and looked at again, so that nobody gets it twice.
    """
    adapter.cancel(task.task)
    _settle(task, adapter.results(task.task), now)
    rows = list(_waiting_plain(task))
    StaffTask.objects.filter(pk=task.pk).update(status=StaffTask.Status.REPLACED)
    if not rows and not task.chats:
        return False
    text = task.text or ""
    try:
        if task.chats:
            new = adapter.to_groups(text=text, chats=task.chats, sender=substitute)
        else:
            people = [row.recipient_id for row in rows if row.recipient_id is not None]
            to = recipients(organization_id=task.organization_id, channel="wecom", patient_ids=people)
            new = adapter.again(text=text, targets=[one.address for one in to.values()], sender=substitute)
    except NoAnswer as error:
        ids = [row.pk for row in rows]
        Message.objects.filter(pk__in=ids).update(state=State.UNCONFIRMED, due_at=now, error=str(error)[:200])
        return True
    with transaction.atomic():
        Message.objects.filter(pk__in=[row.pk for row in rows], state=State.WAITING).update(provider_id=new)
        StaffTask.objects.create(
            organization_id=task.organization_id, provider_id=task.provider_id, task=new, sender=substitute,
            text=task.text, chats=task.chats, people=len(rows) or len(task.chats), started_at=now,
        )  # fmt: skip
    return True


def _waiting_plain(task: StaffTask) -> QuerySet[Message]:
    return Message.objects.filter(
        organization_id=task.organization_id, provider_id=task.task, state=State.WAITING
    )
