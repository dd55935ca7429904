"""What happened in booking, for whoever is interested; plain values only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentBooked:
    """A slot was taken for a patient."""

    organization_id: int
    appointment_id: int
    patient_id: int
    starts_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMoved:
    """A booked visit got another slot."""

    organization_id: int
    appointment_id: int
    patient_id: int
    starts_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentCancelled:
    """A booked visit was given up and its slot is free again."""

    organization_id: int
    appointment_id: int
    patient_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMissed:
    """The patient did not come."""

    organization_id: int
    appointment_id: int
    patient_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEnded:
    """The patient has left the consulting room."""

    organization_id: int
    encounter_id: int
    patient_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSettled:
    """A bill was paid."""

    organization_id: int
    invoice_id: int
    patient_id: int
    amount_fen: int
