"""Addresses in clear, for dispatch alone: nothing here is ever shown or logged."""

from collections.abc import Collection, Iterable
from typing import Any

from xinglin.core.masking import normalise_phone
from xinglin.patients.models import Patient, PatientIdentifier
from xinglin.patients.rules import identity

FIELDS = {"sms": "phone", "phone": "phone", "email": "email", "letter": "address"}
SYSTEMS = {"wechat": "wechat_openid", "wecom": "wecom_external_id", "miniapp": "miniapp_openid"}


def contact_address(*, patient_id: int, channel: str) -> str | None:
    """Where the channel reaches the person; None without an address or when the person has died."""
    return contact_addresses(patient_ids=[patient_id], channel=channel).get(patient_id)


def contact_addresses(*, patient_ids: Collection[int], channel: str) -> dict[int, str]:
    """The same for many; people without an address, and people who have died, are left out."""
    living = Patient.objects.filter(pk__in=patient_ids, deceased_on__isnull=True)
    rows: Iterable[tuple[int, Any]]
    if channel in FIELDS:
        rows = living.values_list("pk", FIELDS[channel])
    elif channel in SYSTEMS:
        rows = PatientIdentifier.objects.filter(
            patient_id__in=living.values("pk"), system=SYSTEMS[channel]
        ).values_list("patient_id", "value")
    elif channel == "inapp":
        return {pk: str(pk) for pk in living.values_list("pk", flat=True)}
    else:
        return {}
    return {pk: str(address) for pk, address in rows if address}


def patients_at(*, organization_id: int, channel: str, addresses: Collection[str]) -> dict[str, list[int]]:
    """Who is reached at each address of a channel, the oldest record first; families share a number.

    Looked up by blind index; addresses of nobody are left out.
    """
    found: dict[str, list[int]] = {}
    if FIELDS.get(channel) == "phone":
        numbers = {raw: number for raw in addresses if (number := normalise_phone(raw)) is not None}
        index_of = {identity.phone_index(organization_id, number): raw for raw, number in numbers.items()}
        people = Patient.objects.filter(organization_id=organization_id, phone_index__in=list(index_of))
        rows = list(people.order_by("pk").values_list("pk", "phone_index"))
    elif channel in SYSTEMS:
        index_of = {identity.identifier_index(organization_id, raw): raw for raw in addresses}
        known = PatientIdentifier.objects.filter(
            organization_id=organization_id, system=SYSTEMS[channel], value_index__in=list(index_of)
        )
        rows = list(known.order_by("pk").values_list("patient_id", "value_index"))
    else:
        return {}
    for pk, index in rows:
        found.setdefault(index_of[bytes(index or b"")], []).append(pk)
    return found
