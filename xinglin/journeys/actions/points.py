"""Points by hand: spent at the desk, or put right. The ledger keeps every entry; none is ever changed."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries.points import balance_of
from xinglin.journeys.touches import PointsCorrected, PointsSpent
from xinglin.ledger.actions import NewTouch, record
from xinglin.patients import queries as patients

if TYPE_CHECKING:
    from xinglin.patients.models import Patient

MOST = 1_000_000


@transaction.atomic
def spend_points(
    *, actor: Actor, patient_id: UUID, points: int, reason: str, now: datetime, key: str = ""
) -> int:
    """Take points for something; returns what is left. The same ``key`` again is a no-op.

    Raises Invalid for more than there are, NotFound, PermissionDenied.
    """
    patient, have = _held(actor, patient_id, max(points, 0), reason)
    is_new = _write(actor, patient, PointsSpent(points=points, reason=reason.strip()), "spent", now, key)
    if is_new and points > have:
        few = ngettext("只有 %(n)s 分，不够用", "只有 %(n)s 分，不够用", have)
        raise Invalid(fields={"points": [few % {"n": have}]})
    return have - points if is_new else have


@transaction.atomic
def correct_points(
    *, actor: Actor, patient_id: UUID, points: int, reason: str, now: datetime, key: str = ""
) -> int:
    """Add ``points``, or take them away where below zero, because an entry was wrong; returns the balance,
    which a correction alone may bring below zero. Raises Invalid, NotFound, PermissionDenied."""
    patient, have = _held(actor, patient_id, points, reason)
    is_new = _write(
        actor, patient, PointsCorrected(points=points, reason=reason.strip()), "corrected", now, key
    )
    return have + points if is_new else have


def _held(actor: Actor, patient_id: UUID, points: int, reason: str) -> "tuple[Patient, int]":
    """The person, held so that two at once cannot spend the same, and what they have."""
    require(actor, Permission.EDIT_POINTS)
    errors = {}
    if not points or abs(points) > MOST:
        errors["points"] = [_("写一个整数，不能是 0")]
    if not reason.strip():
        errors["reason"] = [_("写一句为什么")]
    if errors:
        raise Invalid(fields=errors)
    patient = patients.get_patient(actor, patient_id, lock=True)
    return patient, balance_of(organization_id=patient.organization_id, patient_id=patient.pk)


def _write(
    actor: Actor, patient: "Patient", props: PointsSpent | PointsCorrected, what: str, now: datetime, key: str
) -> bool:
    """Whether the entry is new."""
    is_new = record(
        NewTouch(
            props=props,
            organization_id=patient.organization_id,
            at=now,
            patient_id=patient.pk,
            staff_id=actor.staff_id,
            dedupe_key=f"points:{key}" if key else None,
        ),
        now=now,
    )
    if is_new:
        action = f"journeys.points.{what}"
        audit.record(actor, action, patient, at=now, reason=props.reason, points=props.points)
    return is_new
