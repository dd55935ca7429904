from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid, NotFound
from xinglin.core.events import publish
from xinglin.ledger.actions import NewTouch, record
from xinglin.patients.events import ConsentGiven, ConsentWithdrawn
from xinglin.patients.models import Consent, ConsentState, Patient
from xinglin.patients.permissions import Permission
from xinglin.patients.rules.consents import CHANNELS, HOWS, PURPOSES
from xinglin.patients.touches import ConsentGivenTouch, ConsentWithdrawnTouch


def give_consent(
    *,
    actor: Actor,
    patient_id: int,
    purpose: str,
    channel: str,
    how: str,
    now: datetime,
    evidence: str = "",
    text_version: str = "",
) -> Consent:
    """Record that the person agreed to be reached for a purpose by a channel.

    Raises NotFound, PermissionDenied, or Invalid (unknown words; somebody who has died).
    """
    return _declare(
        Consent.Status.GIVEN, actor, patient_id, purpose, channel, how, now, evidence, text_version
    )


def withdraw_consent(
    *,
    actor: Actor,
    patient_id: int,
    purpose: str,
    channel: str,
    how: str,
    now: datetime,
    evidence: str = "",
    text_version: str = "",
) -> Consent:
    """Record a refusal or withdrawal; whoever has something queued hears of it by event. Errors as above."""
    return _declare(
        Consent.Status.WITHDRAWN, actor, patient_id, purpose, channel, how, now, evidence, text_version
    )


@transaction.atomic
def _declare(
    status: str,
    actor: Actor,
    patient_id: int,
    purpose: str,
    channel: str,
    how: str,
    now: datetime,
    evidence: str,
    text_version: str,
) -> Consent:
    require(actor, Permission.EDIT_CONSENT)
    patient = db.lock_rows(Patient.objects.visible_to(actor).filter(pk=patient_id)).first()
    if patient is None:
        raise NotFound
    if purpose not in dict(PURPOSES) or channel not in dict(CHANNELS) or how not in dict(HOWS):
        raise Invalid(_("没有这样的用途、渠道或取得方式"))
    if status == Consent.Status.GIVEN and patient.deceased_on is not None:
        raise Invalid(_("患者已去世，不能登记同意"))
    row = Consent.objects.create(
        organization_id=patient.organization_id,
        patient=patient,
        purpose=purpose,
        channel=channel,
        status=status,
        at=now,
        recorded_at=now,
        how=how,
        evidence=evidence[:300],
        text_version=text_version[:40],
        by=actor.name[:120],
    )
    ConsentState.objects.update_or_create(
        patient=patient,
        purpose=purpose,
        channel=channel,
        defaults={
            "organization_id": patient.organization_id, "status": status, "at": now, "consent": row,
        },
    )  # fmt: skip
    Patient.objects.filter(pk=patient.pk).update(updated_at=now)
    _tell(actor, row, now)
    return row


def _tell(actor: Actor, row: Consent, now: datetime) -> None:
    given = row.status == Consent.Status.GIVEN
    props = ConsentGivenTouch if given else ConsentWithdrawnTouch
    record(
        NewTouch(
            props=props(purpose=row.purpose, channel=row.channel, how=row.how),
            organization_id=row.organization_id,
            at=row.at,
            patient_id=row.patient_id,
            channel=row.channel,
            staff_id=actor.staff_id,
            dedupe_key=f"consent:{row.pk}",
        ),
        now=now,
    )
    audit.record(
        actor, f"patients.consent.{row.status}", row.patient, at=now, purpose=row.purpose, channel=row.channel
    )
    event = ConsentGiven if given else ConsentWithdrawn
    publish(
        event(
            organization_id=row.organization_id,
            patient_id=row.patient_id,
            purpose=row.purpose,
            channel=row.channel,
        )
    )
