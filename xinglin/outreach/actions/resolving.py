"""What a person decides about messages that the system cannot: unconfirmed ones and dead letters."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.models import Campaign, Message
from xinglin.outreach.permissions import Permission
from xinglin.outreach.touches import MessageAccepted
from xinglin.patients import queries as patients

State = Message.State


class CampaignCancelled(Conflict):
    """What a cancelled campaign has left is never sent."""

    code = "campaign-cancelled"


@transaction.atomic
def mark_sent(*, actor: Actor, message_ids: Iterable[int], now: datetime, reason: str = "") -> int:
    """Unconfirmed messages did arrive, says a person who has looked; returns how many."""
    require(actor, Permission.RESOLVE_MESSAGE)
    rows = _unconfirmed(actor, message_ids)
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.ACCEPTED, sent_at=now, variables=None, address=None, error=""
    )
    record_many(
        [
            NewTouch(
                props=MessageAccepted(message=row.pk, provider=row.provider, category=row.category),
                organization_id=row.organization_id,
                at=row.due_at,
                patient_id=row.patient_id,
                channel=row.channel,
                campaign_id=row.campaign_id,
                dedupe_key=f"message:{row.pk}:accepted",
            )
            for row in rows
        ],
        now=now,
    )
    return _record(actor, "outreach.message.marked-sent", rows, reason, now)


@transaction.atomic
def send_again(*, actor: Actor, message_ids: Iterable[int], now: datetime, reason: str = "") -> int:
    """Queue unconfirmed messages and dead letters once more; the gate is asked again. Returns how many.

    For an unconfirmed message this is a person's decision that it did not arrive. Raises CampaignCancelled
    when one of them belongs to a cancelled campaign; then none is queued.
    """
    require(actor, Permission.RESOLVE_MESSAGE)
    wanted = Message.objects.filter(
        organization_id=actor.organization_id or 0,
        pk__in=list(message_ids),
        state__in=[State.UNCONFIRMED, State.FAILED],
        is_secret=False,
    )
    wanted = patients.about_visible(wanted, actor)
    campaigns = Campaign.objects.filter(pk__in=wanted.values("campaign_id")).order_by("pk")
    for campaign in db.lock_rows(campaigns):
        if campaign.status == Campaign.Status.CANCELLED:
            raise CampaignCancelled(_("「%(name)s」已经取消，它的消息不能再发") % {"name": campaign.name})
    rows = list(db.lock_rows(wanted))
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.QUEUED, due_at=now, attempts=0, worker="", reason="", error=""
    )
    Campaign.objects.filter(
        pk__in={row.campaign_id for row in rows if row.campaign_id}, status=Campaign.Status.DONE
    ).update(status=Campaign.Status.RUNNING, finished_at=None, updated_at=now)
    return _record(actor, "outreach.message.sent-again", rows, reason, now)


def _unconfirmed(actor: Actor, message_ids: Iterable[int]) -> list[Message]:
    wanted = Message.objects.filter(
        organization_id=actor.organization_id or 0, pk__in=list(message_ids), state=State.UNCONFIRMED
    )
    return list(db.lock_rows(patients.about_visible(wanted, actor)))


def _record(actor: Actor, what: str, rows: list[Message], reason: str, now: datetime) -> int:
    if rows:
        ids = [row.pk for row in rows]
        audit.record(actor, what, None, at=now, reason=reason, count=len(ids), messages=ids[:200])
    return len(rows)
