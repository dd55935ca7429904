"""Appointment lists: booked when, for which day, came or not."""

from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _

from xinglin.booking import touches
from xinglin.booking.importing.appointment_fields import APPOINTMENT_FIELDS
from xinglin.booking.importing.common import Hospital, Unknown, iso, read_hospital, rows_known
from xinglin.booking.importing.numbering import Numbering
from xinglin.booking.models import Appointment
from xinglin.core import bulk
from xinglin.core.ids import dashed, uuid7_hexes
from xinglin.ledger.actions import NewTouch
from xinglin.patients.imports.chunk import Chunk
from xinglin.patients.imports.registry import Importer, Policy, Row, importer

COLUMNS = (
    "id",
    "organization_id",
    "public_id",
    "created_at",
    "updated_at",
    "patient_id",
    "practitioner_id",
    "department_id",
    "starts_at",
    "time_known",
    "booked_at",
    "status",
    "arrived_at",
    "cancelled_at",
    "missed_at",
    "cancel_reason",
    "note",
    "source_channel",
    "message",
    "external_system",
    "external_id",
)
#: What a later file may change of an appointment that is here already.
CHANGING = (
    "starts_at",
    "booked_at",
    "time_known",
    "department_id",
    "practitioner_id",
    "status",
    "arrived_at",
    "cancelled_at",
    "missed_at",
    "note",
)


class Known(NamedTuple):
    """What is here of one appointment: its key, public id and the columns that may change."""

    pk: int
    public_id: str
    updated_at: datetime
    values: dict[str, Any]


@importer
class AppointmentImporter(Importer):
    """A row is one appointment; past ones leave the touches they would have left then."""

    name: ClassVar[str] = "appointments"
    label: ClassVar[Any] = _("预约")
    unit: ClassVar[Any] = _("条预约")
    order: ClassVar[int] = 20
    fields = APPOINTMENT_FIELDS
    default_key = "appointment.external_id"
    hospital: Hospital

    def __init__(self) -> None:
        self.numbering = Numbering(self.default_key, _("预约号"))

    def start(self, chunk: Chunk) -> None:
        self.hospital = read_hospital(chunk)
        self.numbering.start(chunk)

    def check(self, row: Row) -> object | None:
        booked, starts = row.get("appointment.booked_at"), row.get("appointment.starts_at")
        if booked is not None and starts is not None and starts.day < booked.day:
            return _("就诊日 %(visit)s 早于预约日 %(booked)s") % {"visit": starts.day, "booked": booked.day}
        return self.numbering.problem(row, row.get("department"), row.get("doctor"), starts and starts.at)

    def apply(self, chunk: Chunk) -> None:
        people = chunk.resolve_patients(as_of=_told_on)
        known = _read_known(chunk)
        ids, public_ids = iter(bulk.reserve_ids(Appointment, len(chunk.rows))), uuid7_hexes()
        fresh: dict[int, list[Any]] = {}
        changed: dict[int, list[Any]] = {}
        for row in chunk.rows:
            try:
                values = self._values(row, chunk)
            except Unknown as error:
                chunk.refuse(row, str(error))
                continue
            key, patient_id = row.values["appointment.external_id"], people[row.line]
            old = known.get((chunk.source, key))
            if old is None:
                made = Known(next(ids), dashed(next(public_ids)), chunk.stamp, values)
                known[chunk.source, key] = made
                fresh[made.pk] = [patient_id, key]
                chunk.created(
                    row, Appointment, made.pk, touches=self._touches(chunk, patient_id, made, values)
                )
            else:
                self._meet(chunk, row, patient_id, old, values, changed)
        by_pk = {one.pk: one for one in known.values()}
        stamp = bulk.moment_text(chunk.stamp)
        made_rows = [_line(chunk, stamp, by_pk[pk], *made) for pk, made in fresh.items()]
        bulk.insert_rows(Appointment, COLUMNS, made_rows)
        lines = [
            [chunk.stamp, *(by_pk[pk].values[name] for name in CHANGING), pk]
            for pk in changed
            if pk not in fresh
        ]
        bulk.update_rows(Appointment, ("updated_at", *CHANGING), lines)

    def _values(self, row: Row, chunk: Chunk) -> dict[str, Any]:
        """The columns that a row says something about. Raises Unknown."""
        told = row.values
        starts, booked = told["appointment.starts_at"], told.get("appointment.booked_at")
        starts_at = self.hospital.moment(starts)
        department_id, practitioner_id = self.hospital.place(row, chunk)
        missed = told.get("appointment.missed")
        if missed is None and "appointment.kept" in told:
            missed = not told["appointment.kept"]
        status = told.get("appointment.status") or (
            "booked" if missed is None else "noshow" if missed else "fulfilled"
        )
        return {
            "starts_at": starts_at,
            "time_known": starts.timed,
            "booked_at": self.hospital.moment(booked) if booked is not None else starts_at,
            "lead_days": (starts.day - booked.day).days if booked is not None else 0,
            "department_id": department_id,
            "practitioner_id": practitioner_id,
            "status": status,
            "arrived_at": starts_at if status in {"arrived", "fulfilled"} else None,
            "cancelled_at": starts_at if status == "cancelled" else None,
            "missed_at": starts_at if status == "noshow" else None,
            "note": told.get("appointment.note", ""),
        }

    def _meet(
        self,
        chunk: Chunk,
        row: Row,
        patient_id: int,
        old: Known,
        values: dict[str, Any],
        changed: dict[int, list[Any]],
    ) -> None:
        """A row about an appointment that is here already."""
        wanted = _wanted(chunk, old.values, values)
        if not wanted:
            chunk.unchanged(row)
            return
        before = {name: old.values[name] for name in wanted} | {"updated_at": old.updated_at}
        was = old.values["status"]
        old.values.update(wanted)
        changed.setdefault(old.pk, [])
        touched: list[NewTouch] = []
        if "status" in wanted and was != old.values["status"]:
            touched = self._outcome(chunk, patient_id, old, old.values | {"lead_days": values["lead_days"]})
        after = wanted | {"updated_at": chunk.stamp}
        chunk.updated(row, Appointment, old.pk, before=before, after=after, touches=touched)

    def _touches(self, chunk: Chunk, patient_id: int, made: Known, values: dict[str, Any]) -> list[NewTouch]:
        """Booked, and what came of it, each at its own time."""
        booked = NewTouch(
            props=touches.AppointmentBooked(
                appointment=made.public_id,
                starts_at=iso(values["starts_at"]),
                lead_days=values["lead_days"],
                **self.hospital.words(values["department_id"], values["practitioner_id"]),
            ),
            organization_id=chunk.organization_id,
            at=values["booked_at"],
            patient_id=patient_id,
            channel="import",
            department_id=values["department_id"],
            dedupe_key=f"appointment.booked:{made.public_id}",
        )
        return [booked, *self._outcome(chunk, patient_id, made, values)]

    def _outcome(self, chunk: Chunk, patient_id: int, made: Known, values: dict[str, Any]) -> list[NewTouch]:
        words = self.hospital.words(values["department_id"], values["practitioner_id"])
        name, lead = made.public_id, values["lead_days"]
        status = values["status"]
        props: Any
        if status in {"arrived", "fulfilled"}:
            kind, props = "kept", touches.AppointmentKept(appointment=name, lead_days=lead, **words)
        elif status == "noshow":
            kind, props = "missed", touches.AppointmentMissed(appointment=name, lead_days=lead, **words)
        elif status == "cancelled":
            kind, props = "cancelled", touches.AppointmentCancelled(appointment=name, by="import", **words)
        else:
            return []
        return [
            NewTouch(
                props=props,
                organization_id=chunk.organization_id,
                at=values["starts_at"],
                patient_id=patient_id,
                channel="import",
                department_id=values["department_id"],
                dedupe_key=f"appointment.{kind}:{name}",
            )
        ]


def _told_on(row: Row) -> Any:
    """The day on which the file's age was true: of booking, else of the visit."""
    moment = row.get("appointment.booked_at") or row.get("appointment.starts_at")
    return moment.day if moment is not None else None


def _read_known(chunk: Chunk) -> dict[tuple[str, str], Known]:
    """The appointments that this chunk's rows name, in one query."""
    keys = {row.values["appointment.external_id"] for row in chunk.rows}
    rows = rows_known(Appointment, chunk, keys, ("external_id", "id", "public_id", "updated_at", *CHANGING))
    return {
        (chunk.source, key): Known(pk, str(public_id), updated_at, dict(zip(CHANGING, values, strict=True)))
        for key, pk, public_id, updated_at, *values in rows
    }


OUTCOME = ("status", "arrived_at", "cancelled_at", "missed_at")
FACTS = tuple(name for name in CHANGING if name not in OUTCOME)


def _wanted(chunk: Chunk, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What the policy lets this row change.

    Blanks never delete. A state never goes back to booked; from booked to its outcome it goes under FILL
    too, as booked says only that the outcome is not known yet.
    """
    if chunk.policy is Policy.SKIP:
        return {}
    only_fill = chunk.policy is Policy.FILL
    wanted = {
        name: value
        for name in FACTS
        if (value := new[name]) != old[name]
        and value not in (None, "")
        and not (only_fill and old[name] not in (None, ""))
    }
    if "appointment.booked_at" not in chunk.mapped:
        wanted.pop("booked_at", None)
    may_end = old["status"] == "booked" or not only_fill
    if new["status"] not in ("booked", old["status"]) and may_end:
        wanted |= {name: new[name] for name in OUTCOME if new[name] != old[name]}
    return wanted


def _line(chunk: Chunk, stamp: str, made: Known, patient_id: int, key: str) -> list[Any]:
    values = made.values
    return [
        made.pk,
        chunk.organization_id,
        made.public_id.replace("-", ""),
        stamp,
        stamp,
        patient_id,
        values["practitioner_id"],
        values["department_id"],
        values["starts_at"],
        values["time_known"],
        values["booked_at"],
        values["status"],
        values["arrived_at"],
        values["cancelled_at"],
        values["missed_at"],
        "",
        values["note"],
        "import",
        "",
        chunk.source,
        key,
    ]
