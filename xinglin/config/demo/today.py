"""What makes the demo's first day lively: some have come, some wait to check in, more are booked."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from xinglin.booking import actions as booking
from xinglin.booking.models import Appointment, Slot
from xinglin.config.demo.hospital import Hospital
from xinglin.core.errors import DomainError
from xinglin.patients.models import Patient

CHANNELS = ["website", "wechat", "phone"]


def start_of_day(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def fill_today(hospital: Hospital, *, random: Random, now: datetime, share: float = 0.3) -> int:
    """Book some of the slots of today and the next days through the ordinary door; returns how many."""
    dawn = start_of_day(now)
    rows = Slot.objects.filter(
        organization=hospital.organization, starts_at__gt=dawn, starts_at__lt=dawn + timedelta(days=4)
    )
    slots = list(rows.order_by("starts_at", "pk")[:220])
    alive = Patient.objects.filter(organization=hospital.organization, deceased_on__isnull=True)
    people = list(alive.order_by("pk")[:1000])
    count = 0
    for slot in slots:
        if random.random() > share or not people:
            continue
        try:
            made = booking.book_appointment(
                actor=hospital.system,
                patient=random.choice(people).public_id,
                slot=slot.public_id,
                source_channel=random.choice(CHANNELS),
                now=dawn - timedelta(hours=random.randrange(5, 60)),
            )
        except DomainError:
            continue  # the same person twice in one slot: the rule that forbids it holds here too
        count += 1
        if made.starts_at < now - timedelta(minutes=20):
            _live_through(made, hospital, random=random, now=now)
    return count


def _live_through(made: Appointment, hospital: Hospital, *, random: Random, now: datetime) -> None:
    """What became of a booking of this morning."""
    who: dict[str, Any] = {"actor": hospital.system, "public_id": made.public_id}
    fate = random.random()
    if fate < 0.1:
        booking.mark_missed(**who, now=now)
    elif fate < 0.9:
        booking.check_in(**who, now=made.starts_at - timedelta(minutes=6))
