"""Points: what people got, less what they spent, corrections included; the ledger is the account."""

from collections.abc import Collection
from typing import Any

from django.db.models import BigIntegerField, Case, F, QuerySet, Sum, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from xinglin.core.actor import Actor, require
from xinglin.journeys.permissions import Permission
from xinglin.ledger import queries as ledger

EARNED, SPENT, CORRECTED = "points.earned", "points.spent", "points.corrected"
#: Everything that changes a balance.
ENTRIES = (EARNED, SPENT, CORRECTED)


def list_entries(*, actor: Actor, patient_id: int) -> QuerySet[Any]:
    """The entries of one person, the latest first, each with ``points``, below zero where it takes away.

    Whoever asks has found the patient through ``patients.queries``. Raises PermissionDenied.
    """
    require(actor, Permission.VIEW_JOURNEY)
    return _entries(actor.organization_id, [patient_id]).order_by("-seq")


def balances(*, organization_id: int, patient_ids: Collection[int]) -> dict[int, int]:
    """What each of these people has; who never had an entry is left out. One statement."""
    rows = _entries(organization_id, patient_ids).order_by().values_list("patient_id")
    return dict(rows.annotate(total=Sum("points")))


def balance_of(*, organization_id: int, patient_id: int) -> int:
    """What one person has; below zero only after a correction."""
    return balances(organization_id=organization_id, patient_ids=[patient_id]).get(patient_id, 0)


def _entries(organization_id: int | None, patient_ids: Collection[int]) -> QuerySet[Any]:
    touches = ledger.list_touches(actor=Actor.system(organization_id, "journeys"))
    said = Cast(KeyTextTransform("points", "props"), BigIntegerField())
    return (
        touches.filter(patient_id__in=patient_ids, kind__in=ENTRIES)
        .annotate(said=said)
        .annotate(
            points=Case(
                When(kind=SPENT, then=Value(0) - F("said")),
                default=F("said"),
                output_field=BigIntegerField(),
            )
        )
    )
