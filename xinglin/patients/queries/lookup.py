"""Whom the cells of a list name: by phone, by record number or another system's, by public id."""

from collections.abc import Collection
from uuid import UUID

from xinglin.patients.models import Patient, PatientIdentifier
from xinglin.patients.queries.contact import patients_at
from xinglin.patients.queries.search import record_key
from xinglin.patients.rules import identity


def people_named(*, organization_id: int, identifies: str, values: Collection[str]) -> dict[str, list[int]]:
    """The patients behind each value ("phone", "record" or "id"); values of nobody are left out.

    Phones and numbers are looked up by blind index. Asked by system code, it checks no permission.
    """
    if identifies == "phone":
        return patients_at(organization_id=organization_id, channel="phone", addresses=values)
    if identifies == "record":
        return _by_number(organization_id, values)
    ids = {parsed: value for value in values if (parsed := _uuid(value)) is not None}
    rows = Patient.objects.filter(organization_id=organization_id, public_id__in=list(ids))
    return {ids[public_id]: [pk] for pk, public_id in rows.values_list("pk", "public_id")}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _by_number(organization_id: int, values: Collection[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    own = {key: value for value in values if (key := record_key(value)) is not None}
    mine = Patient.objects.filter(organization_id=organization_id, pk__in=list(own))
    for pk in mine.values_list("pk", flat=True):
        found.setdefault(own[pk], []).append(pk)
    index_of = {identity.identifier_index(organization_id, value): value for value in values}
    known = PatientIdentifier.objects.filter(
        organization_id=organization_id, value_index__in=list(index_of)
    ).values_list("patient_id", "value_index")
    for pk, index in known.order_by("patient_id"):
        people = found.setdefault(index_of[bytes(index)], [])
        if pk not in people:
            people.append(pk)
    return found
