from typing import Any

from django.db.models import QuerySet

from xinglin.patients.models import Consent, ConsentState, Patient
from xinglin.patients.rules.consents import CHANNELS, PURPOSES


def list_consents(patient: Patient) -> QuerySet[Any]:
    """Everything the person ever declared, the latest first."""
    return Consent.objects.filter(patient=patient).order_by("-id")


def find_consent(*, patient_id: int, purpose: str, channel: str) -> ConsentState | None:
    """What holds now for one purpose and channel; None while the person was never asked."""
    return ConsentState.objects.filter(patient_id=patient_id, purpose=purpose, channel=channel).first()


def has_consent(*, patient_id: int, purpose: str, channel: str) -> bool:
    state = find_consent(patient_id=patient_id, purpose=purpose, channel=channel)
    return state is not None and state.status == Consent.Status.GIVEN


def consent_grid(patient: Patient) -> list[dict[str, Any]]:
    """One row a purpose with one cell a channel: ``given``, ``withdrawn`` or ``""`` (never asked)."""
    states = {(s.purpose, s.channel): s for s in ConsentState.objects.filter(patient=patient)}
    return [
        {
            "purpose": purpose,
            "label": label,
            "cells": [
                {
                    "channel": channel,
                    "channel_label": channel_label,
                    "status": states[purpose, channel].status if (purpose, channel) in states else "",
                    "state": states.get((purpose, channel)),
                }
                for channel, channel_label in CHANNELS
            ],
        }
        for purpose, label in PURPOSES
    ]
