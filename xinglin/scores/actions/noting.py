"""A touch for what a person did, or had somebody do."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from xinglin.ledger.actions import NewTouch, record

if TYPE_CHECKING:
    from xinglin.patients.models import Patient


def who(by_patient: bool) -> str:
    return "patient" if by_patient else "staff"


def note_down(patient: "Patient", props: Any, *, by_patient: bool, now: datetime) -> None:
    record(
        NewTouch(
            props=props,
            organization_id=patient.organization_id,
            at=now,
            patient_id=patient.pk,
            channel="website" if by_patient else "counter",
        ),
        now=now,
    )
