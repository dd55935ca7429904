"""Erasing a person: asked for by one colleague, confirmed by another, done in one transaction.

What the hospital must keep (accounts, dates) stays without the person; medical records are kept by the
HIS and are not touched here. Source: 个人信息保护法第四十七条、第五十条.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from xinglin.core.ids import uuid7
from xinglin.core.masking import without_addresses
from xinglin.ledger.actions import erase_patient
from xinglin.patients import queries
from xinglin.patients.erasure_registry import blockers, parts
from xinglin.patients.models import (
    Consent,
    ConsentState,
    ErasureRequest,
    Household,
    HouseholdMember,
    Patient,
    PatientIdentifier,
    PatientTag,
)
from xinglin.patients.permissions import Permission
from xinglin.patients.queries.search import SEARCH

Status = ErasureRequest.Status
#: What stands in the place of the name.
NOBODY = "已删除的患者"
#: Every column that says something of the person, and what it says afterwards.
BLANK: dict[str, Any] = {
    "name": NOBODY, "sex": Patient.Sex.UNKNOWN, "birth_date": None, "reported_age": None,
    "reported_age_on": None, "deceased_on": None, "phone": None, "phone_index": None,
    "phone_last4_index": None, "id_number": None, "id_number_index": None, "email": None,
    "email_index": None, "address": None, "province": "", "city": "", "district": "", "community": "",
    "occupation": "", "employer": "", "insurance_type": "", "conditions": [], "allergies": [],
    "preferences": {}, "custom": {}, "note": "", "is_vip": False, "is_verified": False,
    "source_channel": "", "source_campaign_id": None, "source_staff_id": None, "responsible_id": None,
    "family_doctor_id": None, "guardian_id": None,
}  # fmt: skip


class AlreadyAsked(Conflict):
    code, default = "erasure-asked", _("已经有人提出，等另一位同事确认")


class AlreadyDecided(Conflict):
    code, default = "erasure-decided", _("这份申请已经处理过了")


class ErasureBlocked(Conflict):
    """Something has to be settled first; the text says what."""

    code = "erasure-blocked"


class SamePerson(PermissionDenied):
    code, default = "same-person", _("提出的人不能自己确认，请另一位同事确认")


@transaction.atomic
def ask_erasure(
    *, actor: Actor, public_id: UUID | str, reason: str, proof: str, now: datetime
) -> ErasureRequest:
    """Write down that a person wants their data erased, and how we made sure who asks.

    Raises NotFound, Invalid, AlreadyAsked.
    """
    require(actor, Permission.EDIT_PATIENT)
    patient = queries.get_patient(actor, public_id, lock=True)
    errors: dict[str, list[object]] = {}
    if len(reason.strip()) < 2:
        errors["reason"] = [_("写一句本人为什么要删除")]
    if proof not in ErasureRequest.Proof.values:
        errors["proof"] = [_("选一种核对身份的方式")]
    if errors:
        raise Invalid(fields=errors)
    if ErasureRequest.objects.filter(patient_id=patient.pk, status=Status.ASKED).exists():
        raise AlreadyAsked
    row = ErasureRequest.objects.create(
        organization_id=patient.organization_id,
        patient=patient,
        record_number=patient.record_number,
        proof=proof,
        reason=_naming_nobody(reason, patient),
        asked_by_id=actor.user_id,
        asked_by_name=actor.name[:120],
        asked_at=now,
    )
    audit.record(actor, "patients.erasure.submitted", row, at=now, label=row.record_number, proof=proof)
    return row


@transaction.atomic
def decline_erasure(*, actor: Actor, public_id: UUID | str, answer: str, now: datetime) -> ErasureRequest:
    """Say no to a request, with the reason that the person is told.

    Raises NotFound, Invalid, SamePerson, AlreadyDecided.
    """
    row = _open(actor, public_id)
    if len(answer.strip()) < 2:
        raise Invalid(fields={"answer": [_("写明理由，要答复本人")]})
    row.status, row.answer = Status.DECLINED, _naming_nobody(answer, row.patient)
    _decided(row, actor, now)
    audit.record(actor, "patients.erasure.rejected", row, at=now, label=row.record_number, reason=row.answer)
    return row


@transaction.atomic
def confirm_erasure(
    *, actor: Actor, public_id: UUID | str, record_number: str, now: datetime
) -> ErasureRequest:
    """Erase the person of a request, for good; ``record_number`` is typed again as proof of intent.

    Raises NotFound, Invalid, SamePerson, AlreadyDecided, ErasureBlocked.
    """
    row = _open(actor, public_id)
    if record_number.strip().upper() != row.record_number:
        raise Invalid(fields={"record_number": [_("和这份档案的档案号不一样")]})
    patient = db.lock_rows(Patient.objects.filter(pk=row.patient_id)).get()
    what = blockers(organization_id=patient.organization_id, patient_id=patient.pk, now=now)
    if what:
        raise ErasureBlocked(_("；").join(what))
    counts = {
        part.code: part.forget(organization_id=patient.organization_id, patient_id=patient.pk, now=now)
        for part in parts()
    }
    counts["patients"] = _forget(patient, now)
    erased = erase_patient(actor=actor, patient_id=patient.pk, reason=f"request {row.public_id}", now=now)
    row.status, row.counts = Status.DONE, {**counts, "touches": erased.touches}
    _decided(row, actor, now)
    audit.record(actor, "patients.erasure.erased", row, at=now, label=row.record_number, counts=row.counts)
    return row


def _naming_nobody(words: str, patient: Patient) -> str:
    return without_addresses(words.strip().replace(patient.name, "…"))[:300]


def _open(actor: Actor, public_id: UUID | str) -> ErasureRequest:
    require(actor, Permission.ERASE_PATIENT)
    rows = ErasureRequest.objects.visible_to(actor).filter(public_id=public_id)
    row: ErasureRequest | None = db.lock_rows(rows).first()
    if row is None:
        raise NotFound
    if row.status != Status.ASKED:
        raise AlreadyDecided
    if actor.user_id is None or actor.user_id == row.asked_by_id:
        raise SamePerson
    return row


def _decided(row: ErasureRequest, actor: Actor, now: datetime) -> None:
    row.decided_by_id, row.decided_by_name, row.decided_at = actor.user_id, actor.name[:120], now
    row.save()


def _forget(patient: Patient, now: datetime) -> int:
    """What this module knows; returns how many rows went."""
    place = HouseholdMember.objects.filter(patient_id=patient.pk).first()
    count = 0
    for model in (PatientIdentifier, PatientTag, ConsentState, Consent, HouseholdMember):
        count += model._base_manager.filter(patient_id=patient.pk).delete()[0]
    if place is not None:
        Household.objects.filter(pk=place.household_id, members__isnull=True).delete()
    Patient.objects.filter(guardian_id=patient.pk).update(guardian=None, updated_at=now)
    Patient.objects.filter(pk=patient.pk).update(**BLANK, public_id=uuid7(), erased_at=now, updated_at=now)
    SEARCH.remove([patient.pk])
    return count + 1
