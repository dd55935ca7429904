"""A hospital whose people differ in how often they come, what they pay and whether they miss."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Max

from xinglin.booking.touches import (
    AppointmentBooked,
    AppointmentKept,
    AppointmentMissed,
    BillSettled,
    VisitEnded,
)
from xinglin.core.actor import Actor
from xinglin.directory.tests.factories import make_organization
from xinglin.ledger import lake
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.touches import MessageOpened
from xinglin.patients.models import Patient

#: Monday 2026-11-23, 12:00 in Shanghai.
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DAYS = 720
FIRST = 50_000_000


def system(organization: Any) -> Actor:
    return Actor.system(organization.pk, "test")


def make_people(organization: Any, count: int) -> list[Patient]:
    """Patients of alternating sex and all ages, without a phone; always the same ids, which decide who is
    held out of learning."""
    last = Patient.objects.filter(pk__gt=FIRST).aggregate(last=Max("pk"))["last"] or FIRST
    return Patient.objects.bulk_create(
        [
            Patient(
                pk=last + 1 + n,
                organization=organization,
                name=f"患者{n}",
                sex="FM"[n % 2],
                birth_date=(NOW - timedelta(days=365 * (8 + n * 7 % 80))).date(),
            )
            for n in range(count)
        ]
    )


def make_world(organization: Any = None, *, people: int = 900, signal: bool = True, seed: int = 5) -> Any:
    """Two years of appointments, visits, bills and opened messages, synced; some have one still to come.

    With ``signal`` rates differ, people drop out, men sooner, and some miss far more than others;
    without it everybody is the same and everything is chance.
    """
    organization = organization or make_organization()
    random, touches = np.random.default_rng(seed), []
    for patient in make_people(organization, people):
        touches += _life(patient, random, signal=signal)
    record_many(sorted(touches, key=lambda touch: touch.at), now=NOW)
    lake.sync(now=NOW)
    return organization


def _life(patient: Patient, random: Any, *, signal: bool) -> list[NewTouch]:
    organization_id, patient_id, is_woman = patient.organization_id, patient.pk, patient.sex == "F"
    rate = float(random.choice([2.0, 16.0], p=[0.5, 0.5])) if signal else 6.0
    stays = float(random.exponential(DAYS * (3.0 if is_woman else 0.15))) if signal else DAYS
    careless = float(random.random() < 0.25)
    hour = int(random.integers(8, 22))
    found: list[NewTouch] = []

    def add(
        props: Any, day: float, fen: int | None = None, *, channel: str = "wechat", at_hour: int = 10
    ) -> None:
        at = (NOW - timedelta(days=DAYS)).replace(hour=0) + timedelta(days=int(day), hours=at_hour - 8)
        found.append(
            NewTouch(
                props=props, organization_id=organization_id, at=at, patient_id=patient_id, amount_fen=fen,
                channel=channel,
            )
        )  # fmt: skip

    first = float(random.uniform(0, DAYS * 0.6))
    spend = float(random.lognormal(10, 0.8)) if signal else 20_000.0
    for number, day in enumerate(np.sort(random.uniform(first, DAYS - 1, random.poisson(rate) + 1))):
        if day > first + stays and number:
            break
        _visit(add, f"{patient_id}-{number}", float(day), random, careless, spend, signal=signal)
        if random.random() < 0.6:
            when = hour if signal and random.random() < 0.7 else int(random.integers(8, 22))
            add(MessageOpened(message=number + 1), day, at_hour=when)
    if random.random() < 0.3:
        starts = NOW + timedelta(days=int(random.integers(1, 20)))
        add(AppointmentBooked(appointment=f"{patient_id}-next", starts_at=starts.isoformat()), DAYS - 1)
    return found


def _visit(
    add: Any, key: str, day: float, random: Any, careless: float, spend: float, *, signal: bool
) -> None:
    lead = int(min(random.exponential(6), 28, day))
    chance = min(0.03 + 0.5 * careless + 0.004 * lead, 0.9) if signal else 0.2
    starts = (NOW - timedelta(days=DAYS) + timedelta(days=int(day))).isoformat()
    add(AppointmentBooked(appointment=key, starts_at=starts, lead_days=lead), day - lead)
    if random.random() < chance:
        add(AppointmentMissed(appointment=key, lead_days=lead), day)
        return
    add(AppointmentKept(appointment=key, lead_days=lead), day)
    add(VisitEnded(visit=key, appointment=key), day)
    add(BillSettled(bill=key), day, int(spend * random.lognormal(0, 0.4)))
