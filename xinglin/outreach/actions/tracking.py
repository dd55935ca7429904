"""What people and providers tell us after a message has gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from xinglin.core import db
from xinglin.ledger.actions import NewTouch, record
from xinglin.outreach.models import Message, Suppression, TrackedLink
from xinglin.outreach.models.message import SENT
from xinglin.outreach.rules.tokens import FIRST_LINK, OPEN, read_token
from xinglin.outreach.touches import MessageClicked, MessageDelivered, MessageFailed, MessageOpened

State = Message.State
#: A click or a reading also proves that an unconfirmed message has arrived.
_ARRIVED = sorted(SENT | {"sending", "unconfirmed", "waiting"})


@transaction.atomic
def record_click(token: str, *, now: datetime) -> bool:
    """A link of a message was followed; False for an unknown token. Each message counts once."""
    found = read_token(token)
    if found is None or found.link < FIRST_LINK:
        return False
    link = TrackedLink.objects.filter(pk=found.link - FIRST_LINK).first()
    message = _message(found.message_id)
    if message is None or link is None or link.organization_id != message.organization_id:
        return False
    _mark_arrived(message, now)
    if message.clicked_at is None:
        message.clicked_at = now
        message.opened_at = message.opened_at or now
        message.save(update_fields=["clicked_at", "opened_at"])
        _touch(message, MessageClicked(message=message.pk, url=link.url), "clicked", now, link.content_id)
    return True


@transaction.atomic
def record_open(token: str, *, now: datetime) -> bool:
    """A mail was read, as far as its picture tells; False for an unknown token."""
    found = read_token(token)
    message = _message(found.message_id) if found is not None and found.link == OPEN else None
    if message is None:
        return False
    _mark_arrived(message, now)
    if message.opened_at is None:
        message.opened_at = now
        message.save(update_fields=["opened_at"])
        _touch(message, MessageOpened(message=message.pk), "opened", now)
    return True


def _message(pk: int) -> Message | None:
    return db.lock_rows(Message.objects.filter(pk=pk, state__in=_ARRIVED)).first()


def _mark_arrived(message: Message, now: datetime) -> None:
    if message.state == State.UNCONFIRMED:
        message.state, message.sent_at = State.DELIVERED, message.due_at
        message.delivered_at = now
        message.save(update_fields=["state", "sent_at", "delivered_at"])


def _touch(message: Message, props: object, what: str, now: datetime, content_id: int | None = None) -> None:
    if message.is_test:
        return
    record(
        NewTouch(
            props=props,
            organization_id=message.organization_id,
            at=now,
            patient_id=message.patient_id,
            channel=message.channel,
            campaign_id=message.campaign_id,
            content_id=content_id,
            dedupe_key=f"message:{message.pk}:{what}",
        ),
        now=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A provider's later word on a message: delivered, or failed with a reason."""

    message_id: int
    is_delivered: bool
    at: datetime
    error: str = ""
    is_bad_address: bool = False


@transaction.atomic
def record_receipts(*, organization_id: int, receipts: Sequence[Receipt], now: datetime) -> int:
    """Take receipts over; returns how many changed a message. A bad address goes on the list."""
    by_id = {receipt.message_id: receipt for receipt in receipts}
    rows = Message.objects.filter(
        organization_id=organization_id,
        pk__in=by_id,
        state__in=["accepted", "sending", "unconfirmed", "waiting"],
    )
    count = 0
    for message in db.lock_rows(rows):
        receipt = by_id[message.pk]
        if receipt.is_delivered:
            message.state, message.delivered_at = State.DELIVERED, receipt.at
            message.sent_at = message.sent_at or receipt.at
            props: object = MessageDelivered(message=message.pk, category=message.category)
        else:
            message.state, message.reason, message.error = State.FAILED, "bounced", receipt.error[:200]
            props = MessageFailed(message=message.pk, error="bounced", category=message.category)
            if receipt.is_bad_address and message.recipient_id is not None:
                Suppression.objects.get_or_create(
                    patient_id=message.recipient_id,
                    kind=Suppression.Kind.BOUNCED,
                    channel=message.channel,
                    lifted_at=None,
                    defaults={
                        "organization_id": organization_id,
                        "started_at": now,
                        "reason": receipt.error[:200],
                        "source": f"message:{message.pk}",
                    },
                )
        message.lease_until, message.address = None, None
        if message.is_secret:
            message.variables = None
        message.save(
            update_fields=[
                "state", "delivered_at", "sent_at", "reason", "error", "lease_until", "address", "variables"
            ]
        )  # fmt: skip
        _touch(message, props, "delivered" if receipt.is_delivered else "bounced", receipt.at)
        count += 1
    return count
