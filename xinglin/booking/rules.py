"""Arithmetic of booking on plain values: slots of a week, days ahead, money text, what may follow what."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from xinglin.core.money import parse_fen

DAYS_AHEAD: Final = 14
CANCEL_FREE_UNTIL: Final = time(17, 0)

# FHIR R4 Appointment.status: which may follow which. A patient marked missed may still come in late.
FOLLOWS: Final[Mapping[str, frozenset[str]]] = {
    "booked": frozenset({"arrived", "cancelled", "noshow"}),
    "noshow": frozenset({"arrived"}),
    "arrived": frozenset({"fulfilled"}),
    "fulfilled": frozenset(),
    "cancelled": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Shift:
    """One line of a weekly template: a weekday (Monday 0), local from–to, slot length and places per slot."""

    weekday: int
    starts: time
    ends: time
    slot_minutes: int
    capacity: int
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of time [starts_at, ends_at), aware."""

    starts_at: datetime
    ends_at: datetime


def may_follow(current: str, following: str) -> bool:
    """Whether an appointment in state ``current`` may become ``following``."""
    return following in FOLLOWS.get(current, frozenset())


def shift_windows(shift: Shift, *, day: date, zone: ZoneInfo) -> Iterator[Window]:
    """The slots of one shift on one local day; a remainder shorter than a slot is not offered."""
    if day.weekday() != shift.weekday or day < shift.valid_from:
        return
    if shift.valid_until is not None and day > shift.valid_until:
        return
    at = datetime.combine(day, shift.starts, tzinfo=zone)
    ends = datetime.combine(day, shift.ends, tzinfo=zone)
    step = timedelta(minutes=shift.slot_minutes)
    while at + step <= ends:
        yield Window(at, at + step)
        at += step


def overlaps(first: Window, second: Window) -> bool:
    """Whether two spans share a moment."""
    return first.starts_at < second.ends_at and second.starts_at < first.ends_at


def shifts_clash(first: Shift, second: Shift) -> bool:
    """Whether two lines of one practitioner's week would offer the same minute twice."""
    if first.weekday != second.weekday:
        return False
    if not (first.starts < second.ends and second.starts < first.ends):
        return False
    first_until = first.valid_until or date.max
    second_until = second.valid_until or date.max
    return first.valid_from <= second_until and second.valid_from <= first_until


def closed_by(window: Window, leaves: Sequence[Window]) -> bool:
    """Whether a leave covers any part of the slot."""
    return any(overlaps(window, leave) for leave in leaves)


def lead_days(*, booked_at: datetime, starts_at: datetime, zone: ZoneInfo) -> int:
    """Calendar days from booking to the visit in the hospital's zone; never below 0."""
    days = (starts_at.astimezone(zone).date() - booked_at.astimezone(zone).date()).days
    return max(days, 0)


def free_cancel_deadline(starts_at: datetime, *, zone: ZoneInfo) -> datetime:
    """Until when a patient may cancel by themselves: 17:00 on the day before, local time."""
    day = starts_at.astimezone(zone).date() - timedelta(days=1)
    return datetime.combine(day, CANCEL_FREE_UNTIL, tzinfo=zone)


def fen_from_text(text: str) -> int:
    """An amount in yuan as people write it, to integer fen, exactly; ValueError if it is not that.

    As ``core.money.parse_fen``, full-width digits too; refuses negative amounts.
    """
    fen = parse_fen(unicodedata.normalize("NFKC", text).replace("\u00a5", "").replace(" ", ""))
    if fen < 0:
        raise ValueError("negative amount")
    return fen
