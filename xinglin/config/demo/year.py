"""A year in the life of the demo's people: pages, bookings, visits, bills."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from xinglin.booking.models import Appointment, Encounter, Invoice
from xinglin.booking.touches import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentKept,
    AppointmentMissed,
    BillSettled,
    VisitEnded,
    VisitStarted,
)
from xinglin.config.demo.hospital import Hospital, facts
from xinglin.config.demo.people import PULL, Person, stable_uuid
from xinglin.config.demo.saving import save_all
from xinglin.ledger import actions as ledger
from xinglin.ledger.actions import NewTouch
from xinglin.portal.touches import PageViewed

CHANNELS = ["website", "wechat", "phone", "counter"]
PAGES = ["/", "/departments/", "/doctors/", "/booking/", "/about/"]


@dataclass(slots=True)
class Visit:
    """One booking and what became of it."""

    person: Person
    code: str
    booked_at: datetime
    starts_at: datetime
    channel: str
    visitor: UUID | None
    outcome: str  # kept, missed, cancelled
    minutes: int
    fen: int
    campaign_id: int | None = None


class Year:
    """Draws visits for people and writes rows and touches in sets."""

    def __init__(self, hospital: Hospital, *, random: Random, now: datetime) -> None:
        self.hospital, self.random, self.now = hospital, random, now
        self.organization_id = hospital.organization.pk
        self.specs = {each["code"]: each for each in facts()["departments"]}
        self.codes = list(self.specs)
        self.shares = [self.specs[code]["share"] for code in self.codes]
        self.doctors = hospital.doctors

    def live(self, people: list[Person]) -> int:
        """The year of these people; returns the number of bookings."""
        visits = [visit for person in people for visit in self._visits(person)]
        with transaction.atomic():
            self.write(visits)
        return len(visits)

    def _visits(self, person: Person) -> Iterator[Visit]:
        random = self.random
        since = max(person.registered_at, self.now - timedelta(days=365))
        end = self.now
        if person.row.deceased_on:
            gone = datetime.combine(person.row.deceased_on, datetime.min.time(), tzinfo=self.now.tzinfo)
            end = min(end, gone)
        days = (end - since).days
        if days < 2:
            return
        rate = 0.9 + 1.1 * len(person.conditions) + (1.2 if person.age < 6 or person.age > 65 else 0)
        rate *= days / 365 * random.gammavariate(1.4, 1 / 1.4)
        for _ in range(min(_poisson(random, rate), 24)):
            yield self._visit(person, since, days)

    def _visit(self, person: Person, since: datetime, days: int) -> Visit:
        random = self.random
        code = self.department_for(person)
        lead = min(int(random.expovariate(0.35)), 28)
        day = since + timedelta(days=random.randrange(days))
        day -= timedelta(days=(0, 0, 0, 0, 0, 1, 2)[day.weekday()] if random.random() < 0.75 else 0)
        day = max(day, since)
        starts = day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
            minutes=20 * random.randrange(0, 27)
        )
        booked = max(starts - timedelta(days=lead, minutes=random.randrange(10, 240)), person.registered_at)
        starts = min(max(starts, booked), self.now - timedelta(hours=2))
        booked = min(booked, starts)
        missed = 0.05 + 0.013 * lead + (0.04 if 18 <= person.age < 35 else 0)
        roll = random.random()
        outcome = "missed" if roll < missed else "cancelled" if roll < missed + 0.06 else "kept"
        channel = random.choices(CHANNELS, [30, 26, 14, 30])[0]
        visitor = stable_uuid(random, booked) if channel in {"website", "wechat"} else None
        fen = int(random.lognormvariate(0, 0.55) * self.specs[code]["bill"] * 100) // 10 * 10
        return Visit(
            person, code, booked, starts, channel, visitor, outcome, random.randrange(12, 55), max(fen, 1500)
        )

    def department_for(self, person: Person) -> str:
        random = self.random
        pulls = [PULL[name] for name in person.conditions if name in PULL]
        if pulls and random.random() < 0.62:
            return random.choice(pulls)
        if person.age < 14:
            return "pediatrics" if random.random() < 0.8 else "ophthalmology"
        if person.row.sex == "F" and 20 <= person.age <= 42 and random.random() < 0.4:
            return random.choice(["obstetrics", "gynecology"])
        code = random.choices(self.codes, self.shares)[0]
        wrong = code == "pediatrics" or (person.row.sex == "M" and code in {"obstetrics", "gynecology"})
        return "tcm" if wrong else code

    def write(self, visits: list[Visit]) -> None:
        appointments = [self._appointment(visit) for visit in visits]
        save_all(appointments)
        kept = [
            (visit, row) for visit, row in zip(visits, appointments, strict=True) if visit.outcome == "kept"
        ]
        encounters = [self._encounter(visit, row) for visit, row in kept]
        save_all(encounters)
        invoices = [
            self._invoice(visit, row, encounter)
            for (visit, row), encounter in zip(kept, encounters, strict=True)
        ]
        save_all(invoices)
        after = {
            row.pk: pair for (_, row), pair in zip(kept, zip(encounters, invoices, strict=True), strict=True)
        }
        touches = [
            touch
            for visit, row in zip(visits, appointments, strict=True)
            for touch in self._touches(visit, row, after.get(row.pk))
        ]
        ledger.record_many(sorted(touches, key=lambda touch: touch.at), now=self.now)

    def _common(self, visit: Visit) -> dict[str, Any]:
        doctor = self.random.choice(self.doctors[visit.code])
        return {
            "organization_id": self.organization_id,
            "patient_id": visit.person.row.pk,
            "practitioner_id": doctor.pk,
            "department_id": self.hospital.departments[visit.code].pk,
            "source_channel": visit.channel,
            "visitor": visit.visitor,
            "campaign_id": visit.campaign_id,
        }

    def _appointment(self, visit: Visit) -> Appointment:
        came, missed, gave_up = (visit.outcome == name for name in ("kept", "missed", "cancelled"))
        return Appointment(
            **self._common(visit),
            public_id=stable_uuid(self.random, visit.booked_at),
            starts_at=visit.starts_at,
            booked_at=visit.booked_at,
            status="fulfilled" if came else "noshow" if missed else "cancelled",
            arrived_at=visit.starts_at - timedelta(minutes=8) if came else None,
            missed_at=visit.starts_at + timedelta(minutes=90) if missed else None,
            cancelled_at=visit.booked_at + (visit.starts_at - visit.booked_at) / 2 if gave_up else None,
            cancel_reason="时间不合适" if gave_up else "",
        )

    def _encounter(self, visit: Visit, row: Appointment) -> Encounter:
        return Encounter(
            organization_id=self.organization_id,
            public_id=stable_uuid(self.random, visit.starts_at),
            patient_id=row.patient_id,
            appointment=row,
            practitioner_id=row.practitioner_id,
            department_id=row.department_id,
            status="finished",
            care="WELL" if visit.code == "checkup" else "AMB",
            started_at=visit.starts_at,
            ended_at=visit.starts_at + timedelta(minutes=visit.minutes),
            **row.source,
        )

    def _invoice(self, visit: Visit, row: Appointment, encounter: Encounter) -> Invoice:
        number = stable_uuid(self.random, visit.starts_at)
        return Invoice(
            organization_id=self.organization_id,
            public_id=number,
            patient_id=row.patient_id,
            appointment=row,
            encounter=encounter,
            practitioner_id=row.practitioner_id,
            department_id=row.department_id,
            number=f"D{number.hex[-14:].upper()}",
            method=self.random.choices(["insurance", "wechat", "counter", "alipay"], [45, 30, 15, 10])[0],
            amount_fen=visit.fen,
            settled_at=visit.starts_at + timedelta(minutes=visit.minutes + 10),
            **row.source,
        )

    def _touches(
        self, visit: Visit, row: Appointment, after: tuple[Encounter, Invoice] | None
    ) -> Iterator[NewTouch]:
        key = str(row.public_id)
        doctor = next(d for d in self.doctors[visit.code] if d.pk == row.practitioner_id)
        words = {"department": visit.code, "practitioner": str(doctor.public_id)}
        lead = (visit.starts_at.date() - visit.booked_at.date()).days

        def touch(props: Any, at: datetime, amount: int | None = None) -> NewTouch:
            return NewTouch(
                props=props,
                organization_id=self.organization_id,
                at=at,
                patient_id=row.patient_id,
                visitor=visit.visitor,
                channel=visit.channel,
                campaign_id=visit.campaign_id,
                department_id=row.department_id,
                amount_fen=amount,
            )

        if visit.visitor:
            for step in range(self.random.randrange(1, 4)):
                page = PAGES[self.random.randrange(len(PAGES))]
                yield touch(PageViewed(page=page), visit.booked_at - timedelta(minutes=1 + 2 * step))
        yield touch(
            AppointmentBooked(
                appointment=key, starts_at=visit.starts_at.isoformat(), lead_days=lead, **words
            ),
            visit.booked_at,
        )
        if visit.outcome == "cancelled":
            assert row.cancelled_at is not None
            yield touch(AppointmentCancelled(appointment=key, by="patient", **words), row.cancelled_at)
        elif visit.outcome == "missed":
            assert row.missed_at is not None
            yield touch(AppointmentMissed(appointment=key, lead_days=lead, **words), row.missed_at)
        elif after is not None:
            encounter, invoice = after
            assert row.arrived_at is not None
            assert encounter.ended_at is not None
            yield touch(AppointmentKept(appointment=key, lead_days=lead, **words), row.arrived_at)
            ids = {"visit": str(encounter.public_id), "appointment": key, **words}
            yield touch(VisitStarted(care=encounter.care, **ids), encounter.started_at)
            yield touch(VisitEnded(care=encounter.care, minutes=visit.minutes, **ids), encounter.ended_at)
            yield touch(
                BillSettled(bill=str(invoice.public_id), method=invoice.method, **ids),
                invoice.settled_at,
                invoice.amount_fen,
            )


def _poisson(random: Random, mean: float) -> int:
    """Knuth's method (The Art of Computer Programming, vol. 2, 3.4.1); means here are small."""
    limit, product, count = exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
