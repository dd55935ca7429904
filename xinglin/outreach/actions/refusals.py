"""Writing the gate's no on messages that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from xinglin.core import db
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.models import Message
from xinglin.outreach.models.message import STOPPABLE
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.touches import MessageRefused


@dataclass(frozen=True, slots=True)
class Asked:
    """A second question to the gate, of messages that are being taken out: by which rules, and when."""

    rules: str
    channel_rules: str
    at: datetime

    def answer(self, *, reason: str = "", failed_checks: int = 0) -> dict[str, object]:
        """The columns that keep it; ``reason`` is "" for a yes."""
        return {
            "asked_at": self.at,
            "asked_reason": reason,
            "asked_failed": failed_checks,
            "asked_rules": self.rules,
            "asked_channel_rules": self.channel_rules,
        }


def refuse(
    rows: Sequence[Message],
    *,
    reason: str,
    failed_checks: int,
    rules_version: str,
    now: datetime,
    asked: Asked | None = None,
) -> None:
    """Refuse these messages, wipe what they carried, tell the ledger; in the caller's transaction.

    With ``asked`` the first decision stays beside this second one.
    """
    said: dict[str, object] = {"rules_version": rules_version, "decided_at": now}
    if asked is not None:
        said = asked.answer(reason=reason, failed_checks=failed_checks)
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Message.State.REFUSED,
        reason=reason,
        failed_checks=failed_checks,
        lease_until=None,
        worker="",
        variables=None,
        address=None,
        **said,
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
