"""Which visit a row means: one with its number, one the desk began, one booked that day, or a new one."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from xinglin.booking.importing.common import Hospital, rows_known
from xinglin.booking.models import Appointment, Encounter, Invoice
from xinglin.booking.models.source import SOURCE_FIELDS
from xinglin.core.ids import uuid7
from xinglin.patients.imports.chunk import Chunk

NO_SOURCE: dict[str, Any] = {
    "source_channel": "import",
    "campaign_id": None,
    "content_id": None,
    "partner_id": None,
    "visitor": None,
    "message": "",
}
PLACE = ("public_id", "department_id", "practitioner_id", *SOURCE_FIELDS)
SEEN = ("pk", "patient_id", "started_at", "appointment_id", "appointment__public_id", *PLACE)
Day = tuple[int, date]


@dataclass(slots=True)
class Visit:
    """A visit that is here already, or that this chunk makes; ``appointment`` is a public id or empty."""

    pk: int
    public_id: UUID
    patient_id: int
    appointment_id: int | None
    appointment: str
    department_id: int | None
    practitioner_id: int | None
    source: dict[str, Any]


@dataclass(slots=True)
class Found:
    """What the rows of one chunk may refer to; ``amounts`` are the bills by number."""

    visits: dict[str, Visit] = field(default_factory=dict)
    amounts: dict[str, int] = field(default_factory=dict)
    own: dict[Day, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    booked: dict[Day, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def own_visit(self, patient_id: int, day: date, department_id: int | None) -> Visit | None:
        """A visit that the desk began that day in that department (any, where the file names none)."""
        same = self.own.get((patient_id, day), ())
        return next((one for one in same if department_id in (None, one.department_id)), None)

    def new_visit(self, patient_id: int, day: date, place: tuple[int | None, int | None], pk: int) -> Visit:
        """A visit to be made; it takes the day's appointment, the same department's first, and its source."""
        department_id, practitioner_id = place
        open_ones = self.booked.get((patient_id, day), [])
        fitting = [one for one in open_ones if department_id in (None, one["department_id"])]
        booked = fitting[0] if fitting else None
        if booked is None:
            return Visit(pk, uuid7(), patient_id, None, "", department_id, practitioner_id, NO_SOURCE)
        open_ones.remove(booked)
        return Visit(
            pk,
            uuid7(),
            patient_id,
            booked["pk"],
            str(booked["public_id"]),
            department_id or booked["department_id"],
            practitioner_id or booked["practitioner_id"],
            {name: booked[name] for name in SOURCE_FIELDS},
        )


def read_found(chunk: Chunk, people: dict[int, int], hospital: Hospital) -> Found:
    """Four queries, whatever the size of the chunk."""
    found = Found()
    if not chunk.rows:
        return found
    keys = {row.values["visit.external_id"] for row in chunk.rows}
    visits = Encounter.objects.filter(organization_id=chunk.organization_id)
    named = visits.filter(pk__in=[pk for (pk,) in rows_known(Encounter, chunk, keys, ("id",))])
    for row in named.values("external_id", *SEEN):
        found.visits[row["external_id"]] = _visit(row)
    _read_bills(chunk, keys, found)
    days = [hospital.day(hospital.moment(row.values["visit.started_at"])) for row in chunk.rows]
    begins = datetime.combine(min(days), time.min, tzinfo=hospital.zone)
    ends = datetime.combine(max(days) + timedelta(days=1), time.min, tzinfo=hospital.zone)
    theirs = set(people.values())
    own = visits.filter(patient_id__in=theirs, external_id="", started_at__gte=begins, started_at__lt=ends)
    for row in own.order_by("started_at").values(*SEEN):
        found.own[row["patient_id"], hospital.day(row["started_at"])].append(_visit(row))
    booked = Appointment.objects.filter(
        organization_id=chunk.organization_id,
        patient_id__in=theirs,
        status__in=("booked", "arrived", "fulfilled"),
        encounter__isnull=True,
        starts_at__gte=begins,
        starts_at__lt=ends,
    )
    for row in booked.order_by("starts_at").values("pk", "patient_id", "starts_at", *PLACE):
        found.booked[row["patient_id"], hospital.day(row["starts_at"])].append(row)
    return found


def _read_bills(chunk: Chunk, keys: set[str], found: Found) -> None:
    """Bills of these numbers; a number may name a visit of the desk that has no number of its own."""
    bills = Invoice.objects.filter(organization_id=chunk.organization_id, number__in=keys)
    columns = [f"encounter__{name}" for name in SEEN]
    for row in bills.values("number", "amount_fen", *columns):
        found.amounts[row["number"]] = row["amount_fen"]
        if row["encounter__pk"] is not None:
            visit = _visit({name: row[f"encounter__{name}"] for name in SEEN})
            found.visits.setdefault(row["number"], visit)


def _visit(row: dict[str, Any]) -> Visit:
    return Visit(
        row["pk"],
        row["public_id"],
        row["patient_id"],
        row["appointment_id"],
        str(row["appointment__public_id"] or ""),
        row["department_id"],
        row["practitioner_id"],
        {name: row[name] for name in SOURCE_FIELDS},
    )
