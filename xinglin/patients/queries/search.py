import re
import unicodedata
from typing import Any

from django.db.models import Q, QuerySet

from xinglin.core.actor import Actor, require
from xinglin.core.grams import GramIndex
from xinglin.core.masking import normalise_phone
from xinglin.patients.models import Patient, PatientIdentifier
from xinglin.patients.permissions import Permission
from xinglin.patients.rules import identity

SEARCH = GramIndex("patients_search")
_RECORD = re.compile(r"[xX]0*(\d{1,12})")


def record_key(text: str) -> int | None:
    """The primary key behind our own record number ("X0001234"); None for anything else."""
    record = _RECORD.fullmatch(text.strip())
    return int(record[1]) if record else None


def matching(organization_id: int, text: str) -> Q | None:
    """The condition for what somebody typed: a name or part of it, pinyin initials, a phone number or
    its last four digits, a card or record number, an ID number; None when nothing can match."""
    plain = unicodedata.normalize("NFKC", text).strip()[:80]
    if not plain:
        return None
    if len(plain) >= 4 and re.fullmatch(r"[\d\-+ xX]+", plain) and any(char.isdigit() for char in plain):
        return _by_number(organization_id, plain)
    condition = Q()
    words = identity.query_words(organization_id, plain)
    if words:
        condition |= Q(pk__in=SEARCH.matching(words))
    if re.fullmatch(r"[A-Za-z0-9\-]{3,40}", plain) and any(char.isdigit() for char in plain):
        condition |= _by_identifier(organization_id, plain)
        if record := _RECORD.fullmatch(plain):
            condition |= Q(pk=int(record[1]))
    if "@" in plain:
        condition |= Q(email_index=identity.email_index(organization_id, plain))
    return condition or None


def _by_number(organization_id: int, plain: str) -> Q:
    digits = re.sub(r"[\s-]", "", plain)
    condition = _by_identifier(organization_id, plain) | _by_identifier(organization_id, digits)
    if len(digits) == 4:
        condition |= Q(phone_last4_index=identity.last4_index(organization_id, digits))
    if len(digits) == 18:
        condition |= Q(id_number_index=identity.id_number_index(organization_id, digits))
    if phone := normalise_phone(digits):
        condition |= Q(phone_index=identity.phone_index(organization_id, phone))
    if record := _RECORD.fullmatch(digits):
        condition |= Q(pk=int(record[1]))
    return condition


def _by_identifier(organization_id: int, value: str) -> Q:
    found = PatientIdentifier.objects.filter(
        organization_id=organization_id, value_index=identity.identifier_index(organization_id, value)
    )
    return Q(pk__in=list(found.values_list("patient_id", flat=True)[:50]))


def ids_matching(actor: Actor, text: str, *, limit: int = 500) -> list[int]:
    """Keys of people whom the typed words may mean, for another module's list to be narrowed by.

    The youngest records first; raises PermissionDenied.
    """
    return [person.pk for person in search(actor, text, limit=limit)]


def search(actor: Actor, text: str, *, limit: int = 20) -> list[Patient]:
    """People whom the typed words may mean, the youngest records first; under 100 ms at a million.

    Raises PermissionDenied.
    """
    require(actor, Permission.VIEW_PATIENT)
    assert actor.organization_id is not None
    condition = matching(actor.organization_id, text)
    if condition is None:
        return []
    rows: QuerySet[Any] = Patient.objects.visible_to(actor).filter(condition)
    return list(rows.order_by("-id")[:limit])
