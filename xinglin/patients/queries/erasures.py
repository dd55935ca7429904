"""Requests to erase a person, and what became of them."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.patients.models import ErasureRequest, Patient
from xinglin.patients.permissions import Permission


def list_erasures(actor: Actor, *, status: str = "") -> QuerySet[Any]:
    """The hospital's requests, newest first by id; who sees a part of the people sees what waits of these."""
    require(actor, Permission.ERASE_PATIENT)
    rows = ErasureRequest.objects.visible_to(actor).select_related("patient")
    return rows.filter(status=status) if status else rows


def get_erasure(actor: Actor, public_id: UUID | str) -> ErasureRequest:
    """One request; NotFound."""
    row: ErasureRequest | None = list_erasures(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def find_open_erasure(patient: Patient) -> ErasureRequest | None:
    """The request that waits for a second colleague."""
    row: ErasureRequest | None = ErasureRequest.objects.filter(
        patient_id=patient.pk, status=ErasureRequest.Status.ASKED
    ).first()
    return row


def list_erasures_to_decide(actor: Actor) -> QuerySet[Any]:
    """Requests that wait for this colleague, the oldest first: not their own."""
    rows = list_erasures(actor, status=ErasureRequest.Status.ASKED)
    return rows.exclude(asked_by_id=actor.user_id or 0).order_by("id")
