"""Visits with what they cost, as a HIS or a billing system lists them."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from xinglin.booking import touches
from xinglin.booking.importing.bill_fields import BILL_FIELDS
from xinglin.booking.importing.common import Hospital, Unknown, read_hospital
from xinglin.booking.importing.matching import Visit, read_found
from xinglin.booking.importing.numbering import Numbering
from xinglin.booking.models import Encounter, Invoice
from xinglin.booking.models.source import SOURCE_FIELDS
from xinglin.core import bulk
from xinglin.core.ids import uuid7
from xinglin.ledger.actions import NewTouch
from xinglin.patients.imports.chunk import Chunk
from xinglin.patients.imports.registry import Importer, Row, importer

ENCOUNTER = (
    "id",
    "organization_id",
    "public_id",
    "created_at",
    "updated_at",
    "patient_id",
    "appointment_id",
    "practitioner_id",
    "department_id",
    "status",
    "care",
    "description",
    "reason",
    "started_at",
    "ended_at",
    *SOURCE_FIELDS,
    "external_system",
    "external_id",
)
INVOICE = (
    "id",
    "organization_id",
    "public_id",
    "created_at",
    "updated_at",
    "patient_id",
    "encounter_id",
    "appointment_id",
    "practitioner_id",
    "department_id",
    "number",
    "description",
    "method",
    "amount_fen",
    "refunded_fen",
    "settled_at",
    *SOURCE_FIELDS,
    "external_system",
    "external_id",
)


@importer
class BillImporter(Importer):
    """A row is one visit and, with an amount, its paid bill.

    A visit on the day of the person's appointment belongs to it and inherits where it came from; a visit
    that the desk has begun already is not made twice, it gets the bill.
    """

    name: ClassVar[str] = "bills"
    label: ClassVar[Any] = _("就诊与账单")
    unit: ClassVar[Any] = _("次就诊")
    order: ClassVar[int] = 30
    fields = BILL_FIELDS
    default_key = "visit.external_id"
    hospital: Hospital

    def __init__(self) -> None:
        self.numbering = Numbering(self.default_key, _("就诊号或账单号"))

    def start(self, chunk: Chunk) -> None:
        self.hospital = read_hospital(chunk)
        self.numbering.start(chunk)

    def check(self, row: Row) -> object | None:
        start, stop = row.get("visit.started_at"), row.get("visit.ended_at")
        if start is not None and stop is not None and stop.at < start.at and stop.day < start.day:
            return _("结束 %(stop)s 早于开始 %(start)s") % {"stop": stop.day, "start": start.day}
        if "bill.amount_fen" in row.values:
            row.values.setdefault("bill.amount", row.values.pop("bill.amount_fen"))
        amount = row.get("bill.amount")
        if amount is not None and amount < 0:
            return _("金额是负数；退款请在账单页登记")
        return self.numbering.problem(row, start and start.at, amount)

    def apply(self, chunk: Chunk) -> None:
        people = chunk.resolve_patients(as_of=lambda row: row.values["visit.started_at"].day)
        found = read_found(chunk, people, self.hospital)
        visits: list[list[Any]] = []
        bills: list[list[Any]] = []
        visit_ids = iter(bulk.reserve_ids(Encounter, len(chunk.rows)))
        bill_ids = iter(bulk.reserve_ids(Invoice, len(chunk.rows)))
        for row in chunk.rows:
            try:
                place = self.hospital.place(row, chunk)
            except Unknown as error:
                chunk.refuse(row, str(error))
                continue
            key, patient_id = row.values["visit.external_id"], people[row.line]
            visit, is_new = found.visits.get(key), False
            if visit is None:
                day = self.hospital.day(self.hospital.moment(row.values["visit.started_at"]))
                visit = found.own_visit(patient_id, day, place[0])
                if visit is None:
                    visit, is_new = found.new_visit(patient_id, day, place, next(visit_ids)), True
                    visits.append(self._encounter(chunk, row, visit, key))
                found.visits[key] = visit
            amount = row.get("bill.amount")
            if amount is not None and key in found.amounts:
                self._again(chunk, row, known=found.amounts[key], amount=amount)
                continue
            if is_new:
                chunk.created(row, Encounter, visit.pk, touches=self._visit_touches(chunk, row, visit))
            if amount is not None:
                found.amounts[key] = amount
                bills.append(self._invoice(chunk, row, visit, key, next(bill_ids)))
                touched = [self._bill_touch(chunk, visit, bills[-1])]
                chunk.created(None if is_new else row, Invoice, bills[-1][0], touches=touched)
                chunk.count("bills_created")
            elif not is_new:
                chunk.unchanged(row)
        bulk.insert_rows(Encounter, ENCOUNTER, visits)
        bulk.insert_rows(Invoice, INVOICE, bills)

    def _again(self, chunk: Chunk, row: Row, *, known: int, amount: int) -> None:
        """The bill is here already; its amount never changes."""
        if amount == known:
            chunk.unchanged(row)
        else:
            chunk.refuse(row, _("这张账单已登记为另一金额；更正请用退款"))

    def _ends_at(self, row: Row) -> datetime:
        stop = row.get("visit.ended_at")
        started_at = self.hospital.moment(row.values["visit.started_at"])
        return max(self.hospital.moment(stop), started_at) if stop is not None else started_at

    def _encounter(self, chunk: Chunk, row: Row, visit: Visit, key: str) -> list[Any]:
        return [
            visit.pk,
            chunk.organization_id,
            visit.public_id,
            chunk.stamp,
            chunk.stamp,
            visit.patient_id,
            visit.appointment_id,
            visit.practitioner_id,
            visit.department_id,
            "finished",
            row.get("visit.care", "AMB"),
            row.get("visit.description", ""),
            row.get("visit.reason", ""),
            self.hospital.moment(row.values["visit.started_at"]),
            self._ends_at(row),
            *(visit.source[name] for name in SOURCE_FIELDS),
            chunk.source,
            key,
        ]

    def _invoice(self, chunk: Chunk, row: Row, visit: Visit, key: str, pk: int) -> list[Any]:
        return [
            pk,
            chunk.organization_id,
            uuid7(),
            chunk.stamp,
            chunk.stamp,
            visit.patient_id,
            visit.pk,
            visit.appointment_id,
            visit.practitioner_id,
            visit.department_id,
            key,
            row.get("visit.description", ""),
            row.get("bill.method", "counter"),
            row.values["bill.amount"],
            0,
            self._ends_at(row),
            *(visit.source[name] for name in SOURCE_FIELDS),
            chunk.source,
            key,
        ]

    def _visit_touches(self, chunk: Chunk, row: Row, visit: Visit) -> list[NewTouch]:
        """Started and ended, each at its own time."""
        started_at, ended_at = self.hospital.moment(row.values["visit.started_at"]), self._ends_at(row)
        facts = {
            "visit": str(visit.public_id),
            "appointment": visit.appointment,
            "care": row.get("visit.care", "AMB"),
            "message": visit.source["message"],
            **self.hospital.words(visit.department_id, visit.practitioner_id),
        }
        minutes = int((ended_at - started_at).total_seconds() // 60)
        return [
            self._touch(
                chunk, visit, touches.VisitStarted(**facts), started_at, f"visit.started:{visit.public_id}"
            ),
            self._touch(
                chunk,
                visit,
                touches.VisitEnded(minutes=minutes, **facts),
                ended_at,
                f"visit.ended:{visit.public_id}",
            ),
        ]

    def _bill_touch(self, chunk: Chunk, visit: Visit, bill: list[Any]) -> NewTouch:
        values = dict(zip(INVOICE, bill, strict=True))
        props = touches.BillSettled(
            bill=str(values["public_id"]),
            visit=str(visit.public_id),
            appointment=visit.appointment,
            method=values["method"],
            message=visit.source["message"],
            **self.hospital.words(visit.department_id, visit.practitioner_id),
        )
        key = f"bill.settled:{values['public_id']}"
        return self._touch(chunk, visit, props, values["settled_at"], key)._replace(
            amount_fen=values["amount_fen"]
        )

    def _touch(self, chunk: Chunk, visit: Visit, props: Any, at: datetime, key: str) -> NewTouch:
        return NewTouch(
            props=props,
            organization_id=chunk.organization_id,
            at=at,
            patient_id=visit.patient_id,
            visitor=visit.source["visitor"],
            channel=visit.source["source_channel"],
            campaign_id=visit.source["campaign_id"],
            content_id=visit.source["content_id"],
            partner_id=visit.source["partner_id"],
            department_id=visit.department_id,
            dedupe_key=key,
        )
