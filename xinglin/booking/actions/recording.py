"""The touch that goes with each step; attribution is copied from the row, never asked for again."""

from datetime import datetime
from typing import Any

from xinglin.booking.models import Appointment, Encounter, Invoice
from xinglin.core.actor import Actor
from xinglin.ledger import actions as ledger


def words(row: Appointment | Encounter | Invoice) -> dict[str, str]:
    """Department code, practitioner and message as every kind of booking carries them."""
    return {
        "department": row.department.code if row.department else "",
        "practitioner": str(row.practitioner.public_id) if row.practitioner else "",
        "message": row.message,
    }


def record(
    row: Appointment | Encounter | Invoice,
    props: Any,
    *,
    actor: Actor,
    at: datetime,
    now: datetime,
    dedupe_key: str,
    amount_fen: int | None = None,
) -> None:
    """Write one touch of ``row`` at ``at``, once per ``dedupe_key``."""
    ledger.record(
        ledger.NewTouch(
            props=props,
            organization_id=row.organization_id,
            at=at,
            patient_id=row.patient_id,
            visitor=row.visitor,
            channel=row.source_channel,
            campaign_id=row.campaign_id,
            content_id=row.content_id,
            partner_id=row.partner_id,
            staff_id=actor.staff_id,
            department_id=row.department_id,
            amount_fen=amount_fen,
            dedupe_key=dedupe_key,
        ),
        now=now,
    )
