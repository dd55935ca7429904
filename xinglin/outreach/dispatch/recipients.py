"""Names and addresses of a batch of people, read at the last moment and kept nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps

from xinglin.patients.queries import contact_addresses


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom one message goes to."""

    address: str
    name: str
    salutation: str


def recipients(*, organization_id: int, channel: str, patient_ids: Iterable[int]) -> dict[int, Recipient]:
    """The people of one hospital who have an address in this channel, by patient id."""
    model = apps.get_model("patients", "Patient")
    people = model._default_manager.filter(organization_id=organization_id, pk__in=list(patient_ids))
    rows = list(people.values_list("pk", "name", "sex"))
    addresses = contact_addresses(patient_ids=[pk for pk, _, _ in rows], channel=channel)
    return {
        pk: Recipient(addresses[pk], name, salutation(name, sex)) for pk, name, sex in rows if pk in addresses
    }


def salutation(name: str, sex: str) -> str:
    """``王女士``, ``李先生``; the whole name where that would be a guess."""
    word = {"F": "女士", "M": "先生"}.get(sex, "")
    is_chinese = bool(name) and all("一" <= character <= "鿿" for character in name)
    return f"{name[:1]}{word}" if word and is_chinese and len(name) <= 3 else name


def names_of(patient_ids: Iterable[int]) -> dict[int, str]:
    """Names of the children whose messages go to a guardian."""
    ids = list(patient_ids)
    model = apps.get_model("patients", "Patient")
    return dict(model._default_manager.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def for_child(guardian: Recipient, child: str) -> Recipient:
    """A guardian is addressed as the child's: ``王小雨家长``, at the guardian's own address."""
    word = f"{child}家长" if child and not child.isascii() else f"Parent of {child}"
    return Recipient(guardian.address, word, word) if child else guardian
