# ruff: noqa: S608 (the SQL is made of our own words, values are parameters or numbers)
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from xinglin.core import audit
from xinglin.core.actor import Actor
from xinglin.ledger.models import Erasure, Touch, Unlock, VisitorLink


@contextmanager
def unlocked() -> Iterator[None]:
    """Let this transaction change touches: the triggers look for a row that nobody else ever sees."""
    with transaction.atomic():
        key = Unlock.objects.create()
        yield
        key.delete()


@transaction.atomic
def erase_patient(*, actor: Actor, patient_id: int, reason: str, now: datetime) -> Erasure:
    """Replace a person by a tombstone (``-erasure.id``) in every touch; amounts and dates remain.

    Properties and visitor ids go, links to visitors go, the lake follows at its next sync and then
    forgets the number too. The caller has asked for the permission to erase the patient.
    """
    assert actor.organization_id is not None
    links = VisitorLink.objects.filter(organization_id=actor.organization_id, patient_id=patient_id)
    visitors = [visitor.hex for visitor in links.values_list("visitor", flat=True)]
    erasure = Erasure.objects.create(
        organization_id=actor.organization_id,
        patient_id=patient_id,
        visitors=visitors,
        last_seq=Touch.objects.aggregate(last=Max("seq"))["last"] or 0,
        erased_at=now,
        actor_name=actor.name[:120],
        reason=reason[:500],
    )
    with unlocked():
        erasure.touches = _blank(erasure, "patient_id = %s", patient_id)
        for visitor in visitors:
            erasure.touches += _blank(erasure, "patient_id IS NULL AND visitor = %s", visitor)
    links.delete()
    erasure.save(update_fields=["touches"])
    audit.record(actor, "ledger.patient.erased", erasure, at=now, reason=reason, touches=erasure.touches)
    return erasure


def _blank(erasure: Erasure, condition: str, value: int | str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_touch SET patient_id = %s, visitor = NULL, props = '{}' "
            f"WHERE organization_id = %s AND seq <= %s AND {condition}",
            [-erasure.pk, erasure.organization_id, erasure.last_seq, value],
        )
        return int(cursor.rowcount)
