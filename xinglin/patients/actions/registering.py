from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.core.events import publish
from xinglin.ledger.actions import NewTouch, record
from xinglin.patients import queries
from xinglin.patients.events import PatientDied, PatientRegistered
from xinglin.patients.models import Patient, PatientIdentifier
from xinglin.patients.permissions import Permission
from xinglin.patients.queries.search import SEARCH
from xinglin.patients.rules import facts, identity
from xinglin.patients.touches import RegisteredTouch


class PossibleDuplicate(Conflict):
    """Somebody who is probably the same person has a record; ``found`` holds them."""

    code, default = "possible-duplicate", _("可能已经建过档，请先看看是不是同一个人")

    def __init__(self, found: list[Patient]) -> None:
        super().__init__(detail={"patients": [str(one.public_id) for one in found]})
        self.found = found


@transaction.atomic
def register_patient(
    *,
    actor: Actor,
    name: str,
    now: datetime,
    identifiers: Mapping[str, str] | None = None,
    allow_duplicate: bool = False,
    **values: Any,
) -> Patient:
    """Open a record. ``values`` are attributes as in ``rules.facts.FACTS``, in clear.

    Raises PermissionDenied, Invalid by field, or PossibleDuplicate (same ID number, or same name with
    the same phone or birth date); ``allow_duplicate`` lets all but the same ID number pass.
    """
    require(actor, Permission.EDIT_PATIENT)
    assert actor.organization_id is not None
    found = facts.clean({"name": name, **values}, organization_id=actor.organization_id, today=now.date())
    _refuse_duplicate(actor.organization_id, found, allow_duplicate)
    found.setdefault("responsible_id", actor.staff_id)
    patient = Patient.objects.create(organization_id=actor.organization_id, **found)
    SEARCH.add([(patient.pk, identity.search_words(actor.organization_id, patient.name))])
    for system, value in (identifiers or {}).items():
        _identify(patient, system, value)
    _tell(actor, patient, now)
    return patient


def _refuse_duplicate(organization_id: int, found: Mapping[str, Any], allowed: bool) -> None:
    same = queries.find_duplicates(
        organization_id=organization_id,
        name=found["name"],
        phone=found.get("phone") or "",
        id_number=found.get("id_number") or "",
        birth_date=found.get("birth_date"),
    )
    if allowed:
        index = found.get("id_number_index")
        same = [one for one in same if index and bytes(one.id_number_index or b"") == index]
    if same:
        raise PossibleDuplicate(same)


def _tell(actor: Actor, patient: Patient, now: datetime) -> None:
    record(
        NewTouch(
            props=RegisteredTouch(source=patient.source_channel),
            organization_id=patient.organization_id,
            at=now,
            patient_id=patient.pk,
            channel=patient.source_channel,
            campaign_id=patient.source_campaign_id,
            staff_id=actor.staff_id,
            dedupe_key=f"patient:{patient.public_id}:registered",
        ),
        now=now,
    )
    audit.record(actor, "patients.patient.registered", patient, at=now)
    publish(PatientRegistered(organization_id=patient.organization_id, patient_id=patient.pk))


@transaction.atomic
def find_or_register_by_phone(
    *,
    actor: Actor,
    name: str,
    phone: str,
    now: datetime,
    source_channel: str = "",
    source_campaign_id: int | None = None,
    source_staff_id: int | None = None,
    sex: str = "U",
    birth_date: date | None = None,
) -> Patient:
    """The person with this phone and name, or a new record. Another name on the same phone is another
    person: a mother books for her child. Raises Invalid or PermissionDenied."""
    known = queries.find_by_phone(actor=actor, phone=phone, name=name)
    living = [one for one in known if one.deceased_on is None]
    if living:
        return living[0]
    return register_patient(
        actor=actor,
        name=name,
        phone=phone,
        sex=sex,
        birth_date=birth_date,
        source_channel=source_channel,
        source_campaign_id=source_campaign_id,
        source_staff_id=source_staff_id,
        allow_duplicate=True,
        now=now,
    )


@transaction.atomic
def update_patient(
    *, actor: Actor, public_id: UUID | str, values: Mapping[str, Any], now: datetime
) -> Patient:
    """Change facts of a record; the audit names the facts, not their values.

    Raises NotFound, PermissionDenied, Invalid by field, PossibleDuplicate for an ID number in use.
    """
    patient = queries.get_patient(actor, public_id, lock=True)
    require(actor, Permission.EDIT_PATIENT, patient.organization_id)
    given = dict(values)
    found = facts.clean(given, organization_id=patient.organization_id, today=now.date())
    _keep_consistent(patient, found)
    changed = sorted(name for name, value in found.items() if getattr(patient, name) != value)
    if not changed:
        return patient
    died = found.get("deceased_on") is not None and patient.deceased_on is None
    for name in changed:
        setattr(patient, name, found[name])
    patient.save(update_fields=[*changed, "updated_at"])
    if "name" in changed:
        SEARCH.replace([(patient.pk, identity.search_words(patient.organization_id, patient.name))])
    shown = [name for name in changed if not name.endswith("_index")]
    audit.record(actor, "patients.patient.changed", patient, at=now, facts=shown)
    if died:
        publish(PatientDied(organization_id=patient.organization_id, patient_id=patient.pk))
    return patient


def _keep_consistent(patient: Patient, found: dict[str, Any]) -> None:
    birth = found.get("birth_date", patient.birth_date)
    died = found.get("deceased_on", patient.deceased_on)
    if birth and died and died < birth:
        raise Invalid(fields={"deceased_on": [_("去世日期早于出生日期")]})
    if found.get("id_number_index") and found["id_number"] != patient.id_number:
        same = queries.find_duplicates(
            organization_id=patient.organization_id, name="", id_number=found["id_number"],
            except_id=patient.pk,
        )  # fmt: skip
        if same:
            raise PossibleDuplicate(same)


@transaction.atomic
def add_identifier(
    *, actor: Actor, public_id: UUID | str, system: str, value: str, now: datetime
) -> PatientIdentifier:
    """Note under which number another system knows the person. Raises Conflict when it is somebody else's."""
    patient = queries.get_patient(actor, public_id)
    require(actor, Permission.EDIT_PATIENT, patient.organization_id)
    row = _identify(patient, system, value)
    audit.record(actor, "patients.identifier.added", patient, at=now, system=system)
    return row


def _identify(patient: Patient, system: str, value: str) -> PatientIdentifier:
    value = value.strip()
    index = identity.identifier_index(patient.organization_id, value)
    row, _new = PatientIdentifier.objects.get_or_create(
        organization_id=patient.organization_id,
        system=system,
        value_index=index,
        defaults={"patient": patient, "value": value},
    )
    if row.patient_id != patient.pk:
        raise Conflict(_("这个号码已经属于另一位患者"))
    return row
