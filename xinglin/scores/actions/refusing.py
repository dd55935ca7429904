"""A person's wish not to be scored (PIPL art. 24, para. 2 and 3)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.patients import queries as patients
from xinglin.scores.actions.noting import note_down, who
from xinglin.scores.models import Refusal, Score
from xinglin.scores.permissions import Permission
from xinglin.scores.touches import ScoringAllowed, ScoringRefused


@transaction.atomic
def refuse(
    *, actor: Actor, patient: UUID, note: str = "", by_patient: bool = False, now: datetime
) -> Refusal:
    """Keep the wish and delete the person's scores at once; the same twice is one.

    ``by_patient``: they did it themselves on the hospital's site.

    Raises NotFound, PermissionDenied.
    """
    require(actor, Permission.EDIT_REFUSAL)
    person = patients.get_patient(actor, patient)
    row, is_new = Refusal.objects.get_or_create(
        patient=person,
        defaults={
            "organization_id": person.organization_id, "at": now,
            "by_name": _("本人") if by_patient else actor.name[:120],
            "note": note.strip()[:200],
        },
    )  # fmt: skip
    Score.objects.filter(patient=person).delete()
    if is_new:
        audit.record(actor, "scores.refusal.given", person, at=now, reason=note, by_patient=by_patient)
        note_down(person, ScoringRefused(noted_by=who(by_patient)), by_patient=by_patient, now=now)
    return row


@transaction.atomic
def allow(*, actor: Actor, patient: UUID, by_patient: bool = False, now: datetime) -> None:
    """The person changed their mind; numbers come with the next night. Raises NotFound, PermissionDenied."""
    require(actor, Permission.EDIT_REFUSAL)
    person = patients.get_patient(actor, patient)
    gone, _by_model = Refusal.objects.filter(patient=person).delete()
    if gone:
        audit.record(actor, "scores.refusal.withdrawn", person, at=now, by_patient=by_patient)
        note_down(person, ScoringAllowed(noted_by=who(by_patient)), by_patient=by_patient, now=now)
