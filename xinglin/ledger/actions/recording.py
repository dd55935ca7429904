from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from xinglin.core.actor import Actor, require
from xinglin.ledger import writing
from xinglin.ledger.kinds import get_kind
from xinglin.ledger.packing import NewTouch
from xinglin.ledger.permissions import Permission


def record(touch: NewTouch, *, now: datetime) -> bool:
    """Add one touch, in the caller's transaction; False when its ``dedupe_key`` is there already.

    Raises UndeclaredTouch for properties of no declared kind, WrongTouch for a value of a wrong type.
    """
    return writing.insert((touch,), now=now, import_id=None) == 1


def record_many(touches: Iterable[NewTouch], *, now: datetime, import_id: int | None = None) -> int:
    """Add touches in bulk; returns how many were new. ``import_id`` marks them all as of one import.

    Inside a transaction it is all or nothing; outside of one each 20,000 are. Errors as in ``record``.
    """
    return writing.insert(touches, now=now, import_id=import_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideTouch:
    """A touch as another system tells it: the kind by its code, properties not yet checked."""

    kind: str
    props: dict[str, Any]
    at: datetime
    patient_id: int | None = None
    visitor: UUID | None = None
    channel: str = ""
    campaign_id: int | None = None
    department_id: int | None = None
    amount_fen: int | None = None
    dedupe_key: str | None = None


def record_outside(*, actor: Actor, touches: Iterable[OutsideTouch], now: datetime) -> int:
    """Record for another system, into the actor's hospital; returns how many were new.

    Raises PermissionDenied, UndeclaredTouch or WrongTouch; then nothing of the batch is recorded.
    """
    require(actor, Permission.RECORD_TOUCH)
    assert actor.organization_id is not None
    made = [
        NewTouch(
            props=get_kind(touch.kind).parse(touch.props),
            organization_id=actor.organization_id,
            at=touch.at,
            patient_id=touch.patient_id,
            visitor=touch.visitor,
            channel=touch.channel,
            campaign_id=touch.campaign_id,
            department_id=touch.department_id,
            amount_fen=touch.amount_fen,
            dedupe_key=None if touch.dedupe_key is None else f"api:{touch.dedupe_key}",
        )
        for touch in touches
    ]
    return writing.insert(made, now=now, import_id=None)
