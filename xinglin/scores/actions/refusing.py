"""A person's wish not to be scored (PIPL art. 24, para. 2 and 3)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.patients import queries as patients
from xinglin.scores.models import Refusal, Score
from xinglin.scores.permissions import Permission


@transaction.atomic
def refuse(*, actor: Actor, patient: UUID, note: str = "", now: datetime) -> Refusal:
    """Keep the wish and delete the person's scores at once; the same twice is one.

    Raises NotFound, PermissionDenied.
    """
    require(actor, Permission.EDIT_REFUSAL)
    person = patients.get_patient(actor, patient)
    row, is_new = Refusal.objects.get_or_create(
        patient=person,
        defaults={
            "organization_id": person.organization_id, "at": now, "by_name": actor.name[:120],
            "note": note.strip()[:200],
        },
    )  # fmt: skip
    Score.objects.filter(patient=person).delete()
    if is_new:
        audit.record(actor, "scores.refusal.given", person, at=now, reason=note)
    return row


@transaction.atomic
def allow(*, actor: Actor, patient: UUID, now: datetime) -> None:
    """The person changed their mind; numbers come with the next night. Raises NotFound, PermissionDenied."""
    require(actor, Permission.EDIT_REFUSAL)
    person = patients.get_patient(actor, patient)
    gone, _by_model = Refusal.objects.filter(patient=person).delete()
    if gone:
        audit.record(actor, "scores.refusal.withdrawn", person, at=now)
