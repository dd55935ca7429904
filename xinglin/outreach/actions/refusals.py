"""Writing the gate's no on messages that wait."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from xinglin.core import db
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.models import Message
from xinglin.outreach.models.message import STOPPABLE
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.touches import MessageRefused


def refuse(
    rows: Sequence[Message], *, reason: str, failed_checks: int, rules_version: str, now: datetime
) -> None:
    """Refuse these messages, wipe what they carried, tell the ledger; in the caller's transaction."""
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Message.State.REFUSED,
        reason=reason,
        failed_checks=failed_checks,
        rules_version=rules_version,
        decided_at=now,
        lease_until=None,
        worker="",
        variables=None,
        address=None,
    )
    record_many(
        [
            NewTouch(
                props=MessageRefused(
                    message=row.pk, reason=reason, rules=rules_version, category=row.category
                ),
                organization_id=row.organization_id,
                at=now,
                patient_id=row.patient_id,
                channel=row.channel,
                campaign_id=row.campaign_id,
                dedupe_key=f"message:{row.pk}:refused",
            )
            for row in rows
            if row.leaves_touches
        ],
        now=now,
    )


def stop_waiting(*, organization_id: int, messages: QuerySet[Message], reason: str, now: datetime) -> int:
    """Refuse those of ``messages`` that have not left yet; returns how many."""
    rules = rules_for(organization_id)
    waiting = messages.filter(organization_id=organization_id, state__in=sorted(STOPPABLE))
    rows = list(db.lock_rows(waiting))
    if rows:
        bit = 1 << rules.bit_of(reason)
        refuse(rows, reason=reason, failed_checks=bit, rules_version=rules.stamp, now=now)
    return len(rows)
