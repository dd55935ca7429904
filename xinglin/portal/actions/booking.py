"""A verified phone books a slot: person found or registered, visitor joined, source kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from xinglin.booking import actions as booking
from xinglin.booking import queries as booking_queries
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.ledger import actions as ledger
from xinglin.patients import actions as patients
from xinglin.portal import touches
from xinglin.portal.models import PhoneCode

TEXT_VERSION = "portal-booking-1"


@transaction.atomic
def book_for_phone(
    *,
    code: PhoneCode,
    name: str,
    slot: UUID,
    attribution: Mapping[str, Any],
    now: datetime,
    wants_news: bool = False,
) -> Any:
    """Book ``slot`` for the owner of a verified phone; returns the appointment.

    Raises NotFound, SlotClosed, SlotFull or AlreadyBooked; then nothing is kept, no patient either.
    """
    if code.verified_at is None:
        raise NotFound
    actor = Actor.system(code.organization_id, "portal")
    wanted = booking_queries.get_slot(actor=actor, public_id=slot)
    patient = patients.find_or_register_by_phone(
        actor=actor,
        name=name,
        phone=str(code.phone),
        source_channel=attribution["source_channel"],
        source_campaign_id=attribution["campaign_id"],
        now=now,
    )
    visitor = attribution["visitor"]
    if visitor is not None and not ledger.join_visitor(
        organization_id=code.organization_id, visitor=visitor, patient_id=patient.pk, now=now
    ):
        visitor = None
    _give_consents(actor, patient.pk, wants_news=wants_news, now=now)
    ledger.record(
        ledger.NewTouch(
            props=touches.LeadCaptured(
                form="booking", department=wanted.department.code, message=attribution["message"]
            ),
            organization_id=code.organization_id,
            at=now,
            patient_id=patient.pk,
            visitor=visitor,
            channel=attribution["source_channel"],
            campaign_id=attribution["campaign_id"],
            content_id=attribution["content_id"],
            department_id=wanted.department_id,
            dedupe_key=f"lead.captured:{code.public_id}",
        ),
        now=now,
    )
    return booking.book_appointment(
        actor=actor, slot=slot, patient=patient.public_id, now=now, **{**attribution, "visitor": visitor}
    )


def _give_consents(actor: Actor, patient_id: int, *, wants_news: bool, now: datetime) -> None:
    """Notices about this visit go with booking; news only where the box was ticked."""
    for purpose in ("service", "marketing") if wants_news else ("service",):
        patients.give_consent(
            actor=actor,
            patient_id=patient_id,
            purpose=purpose,
            channel="sms",
            how="portal",
            evidence="booking form, phone verified by code",
            text_version=TEXT_VERSION,
            now=now,
        )
