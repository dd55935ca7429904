"""What became of everybody in a WeCom mass message, written down."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import cast

from django.db import transaction
from django.db.models import F, QuerySet

from xinglin.core import db
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.channels.base import Unavailable
from xinglin.outreach.channels.wecom import Reached, WecomAdapter
from xinglin.outreach.dispatch import accounts, tokens
from xinglin.outreach.dispatch.recipients import recipients
from xinglin.outreach.models import Message, StaffTask
from xinglin.outreach.touches import MessageDelivered, MessageFailed

State, Status = Message.State, StaffTask.Status


@contextmanager
def open_account(task: StaffTask) -> Iterator[WecomAdapter]:
    """The account of a task, with a pass; one that is turned down is renewed for whoever is next."""
    route = accounts.Route("wecom", task.provider_id, accounts.account_of(task.provider))
    adapter = cast(WecomAdapter, route.open())
    try:
        tokens.provide(adapter, provider_id=task.provider_id)
        yield adapter
    finally:
        if adapter.refused:
            with suppress(Unavailable):
                tokens.provide(adapter, provider_id=task.provider_id)
        adapter.close()


@transaction.atomic
def settle(task: StaffTask, reached: Sequence[Reached], now: datetime) -> None:
    """Write down who has been sent to; a task with nobody left waiting is done."""
    if task.chats:
        sent = sum(one.status == 1 for one in reached)
        done = {one.target for one in reached if one.status == 1} >= set(task.chats)
        StaffTask.objects.filter(pk=task.pk).update(
            sent=sent, looked_at=now, error="",
            status=Status.SENT if done else Status.WAITING,
        )  # fmt: skip
        return
    sent = settle_people(task, reached, now)
    StaffTask.objects.filter(pk=task.pk).update(
        sent=F("sent") + sent,
        looked_at=now,
        error="",
        status=Status.WAITING if waiting_of(task).exists() else Status.SENT,
    )


@transaction.atomic
def settle_people(task: StaffTask, reached: Sequence[Reached], now: datetime) -> int:
    """Write down who of those that wait has been sent to or cannot be; returns how many were sent to."""
    rows = list(waiting_locked(task))
    people = [row.recipient_id for row in rows if row.recipient_id is not None]
    to = recipients(organization_id=task.organization_id, channel="wecom", patient_ids=people)
    status_of = {one.target: one.status for one in reached}
    outcome = {
        row.pk: status_of.get(to[row.recipient_id].address, 0) for row in rows if row.recipient_id in to
    }
    _delivered([row for row in rows if outcome.get(row.pk) == 1], now)
    failed([row for row in rows if outcome.get(row.pk) == 2], "not a friend any more", now)
    failed([row for row in rows if outcome.get(row.pk) == 3], "the customer has had enough this month", now)
    return sum(code == 1 for code in outcome.values())


def waiting_locked(task: StaffTask) -> QuerySet[Message]:
    """Its messages that wait, held until the transaction ends."""
    return db.lock_rows(waiting_of(task))


def _delivered(rows: Sequence[Message], now: datetime) -> None:
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.DELIVERED, delivered_at=now)
    _tell(rows, now, "delivered")


def failed(rows: Sequence[Message], error: str, now: datetime) -> None:
    """These have not been sent and will not be."""
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


def waiting_of(task: StaffTask) -> QuerySet[Message]:
    """Its messages that wait for a colleague."""
    return Message.objects.filter(
        organization_id=task.organization_id, provider_id=task.task, state=State.WAITING
    )
