"""People without their names: public ids and the ids under which other systems know them."""

from typing import Any
from uuid import UUID

from xinglin.patients.models import Patient, PatientIdentifier

BATCH = 5000


def find_by_public_id(*, organization_id: int, public_id: UUID) -> Patient | None:
    """One person of a hospital; asked by system code, it checks no permission."""
    return Patient.objects.filter(organization_id=organization_id, public_id=public_id).first()


def public_ids(*, organization_id: int, patient_ids: list[int]) -> dict[int, str]:
    """Public ids by primary key, for people of one hospital."""
    rows = Patient.objects.filter(organization_id=organization_id, pk__in=patient_ids)
    return {pk: str(public_id) for pk, public_id in rows.values_list("pk", "public_id")}


def list_pseudonyms(*, organization_id: int, patient_ids: list[int]) -> list[dict[str, Any]]:
    """``{"id": public id, "external": {system: value}}`` for people of one hospital, in the order given."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(patient_ids), BATCH):
        part = patient_ids[start : start + BATCH]
        rows = Patient.objects.filter(organization_id=organization_id, pk__in=part)
        public = dict(rows.values_list("pk", "public_id"))
        external: dict[int, dict[str, str]] = {}
        identifiers = PatientIdentifier.objects.filter(patient_id__in=part).order_by("pk")
        for identifier in identifiers.only("patient_id", "system", "value"):
            external.setdefault(identifier.patient_id, {})[identifier.system] = identifier.value or ""
        found += [{"id": str(public[pk]), "external": external.get(pk, {})} for pk in part if pk in public]
    return found
