from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from xinglin.core import db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.core.masking import normalise_phone
from xinglin.ledger import queries as ledger
from xinglin.patients.models import Patient, PatientIdentifier, Tag
from xinglin.patients.permissions import Permission
from xinglin.patients.rules import identity


def get_patient(actor: Actor, public_id: UUID | str, *, lock: bool = False) -> Patient:
    """One person of the actor's hospital and scope. Raises PermissionDenied or NotFound."""
    require(actor, Permission.VIEW_PATIENT)
    rows: QuerySet[Any] = Patient.objects.visible_to(actor).filter(public_id=public_id)
    if lock:
        rows = db.lock_rows(rows)
    else:
        rows = rows.select_related("responsible", "family_doctor", "source_staff")
    patient: Patient | None = rows.first()
    if patient is None:
        raise NotFound
    return patient


def get_by_id(*, actor: Actor, patient_id: int) -> Patient:
    """The same by primary key, for modules that hold one. Raises PermissionDenied or NotFound."""
    require(actor, Permission.VIEW_PATIENT)
    patient: Patient | None = Patient.objects.visible_to(actor).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    return patient


def find_by_phone(*, actor: Actor, phone: str, name: str | None = None) -> list[Patient]:
    """Everybody of the hospital with this phone number, the oldest record first; families share one.

    With ``name`` only those of that name. Raises PermissionDenied.
    """
    require(actor, Permission.VIEW_PATIENT)
    assert actor.organization_id is not None
    number = normalise_phone(phone)
    if number is None:
        return []
    index = identity.phone_index(actor.organization_id, number)
    rows = Patient.objects.filter(organization_id=actor.organization_id, phone_index=index)
    if name is not None:
        rows = rows.filter(name=name.strip())
    return list(rows.order_by("id"))


def find_by_external_id(*, organization_id: int, value: str, system: str = "his") -> Patient | None:
    """The person whom another system knows under ``value``."""
    index = identity.identifier_index(organization_id, value)
    return Patient.objects.filter(
        pk__in=PatientIdentifier.objects.filter(
            organization_id=organization_id, system=system, value_index=index
        ).values("patient_id")
    ).first()


def find_duplicates(
    *,
    organization_id: int,
    name: str,
    phone: str = "",
    id_number: str = "",
    birth_date: date | None = None,
    except_id: int | None = None,
) -> list[Patient]:
    """People who are probably the same: same ID number, or same name with phone or birth date."""
    same = Q(pk__isnull=True)
    if id_number:
        same |= Q(id_number_index=identity.id_number_index(organization_id, id_number))
    if number := normalise_phone(phone) if phone else None:
        same |= Q(name=name.strip(), phone_index=identity.phone_index(organization_id, number))
    if birth_date and not number:
        same |= Q(name=name.strip(), birth_date=birth_date)
    rows = Patient.objects.filter(same, organization_id=organization_id)
    if except_id is not None:
        rows = rows.exclude(pk=except_id)
    return list(rows.order_by("id")[:5])


def list_tags(actor: Actor) -> QuerySet[Any]:
    """The hospital's tags by name."""
    require(actor, Permission.VIEW_PATIENT)
    return Tag.objects.visible_to(actor)


def timeline(actor: Actor, patient: Patient, kinds: Collection[str] | None = None) -> QuerySet[Any]:
    """The person's touches, the latest first; the caller got the patient from ``get_patient``."""
    return ledger.list_timeline(actor=actor, patient_id=patient.pk, kinds=kinds)
