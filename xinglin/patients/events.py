from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRegistered:
    organization_id: int
    patient_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    organization_id: int
    patient_id: int
    purpose: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn:
    organization_id: int
    patient_id: int
    purpose: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDied:
    """The hospital learnt that somebody has died: nothing may reach them any more."""

    organization_id: int
    patient_id: int
