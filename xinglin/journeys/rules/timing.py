"""Moments on the hospital's clock: when a time of day comes next, which day a date is about."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: National immunisation programme for children (China, 2021 edition): ages in months at which a dose is due.
VACCINE_MONTHS = (0, 1, 2, 3, 4, 5, 6, 8, 9, 18, 24, 36, 48, 72)


def clock(text: str) -> time:
    """``09:30`` as a time."""
    return time.fromisoformat(text)


def at_clock(day: date, text: str, zone: str) -> datetime:
    """That time of that local day, in UTC."""
    return datetime.combine(day, clock(text), ZoneInfo(zone)).astimezone(UTC)


def next_clock(now: datetime, text: str, zone: str) -> datetime:
    """The first moment at or after ``now`` at which the hospital's clock shows the time."""
    today = now.astimezone(ZoneInfo(zone)).date()
    first = at_clock(today, text, zone)
    return first if first >= now else at_clock(today + timedelta(days=1), text, zone)


def day_number(day: date) -> int:
    """20260601; the occurrence of what happens on a day."""
    return day.year * 10_000 + day.month * 100 + day.day


def day_of(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)


def months_before(day: date, months: int) -> list[date]:
    """The birth dates of those who are exactly so many months old on ``day``.

    Somebody born on the 31st has the birthday of a shorter month on its last day, so the last day of a
    month may answer to several birth dates; in a longer month only the same day counts.
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    is_last = (day + timedelta(days=1)).month != day.month
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    days = range(day.day, last + 1) if is_last else [day.day] if day.day <= last else []
    return [date(year, month + 1, number) for number in days]


def birthdays_on(day: date) -> list[tuple[int, int]]:
    """(month, day) of those whose birthday is that day; those of 29 February are on the 28th otherwise."""
    found = [(day.month, day.day)]
    is_leap = (day.replace(month=2, day=28) + timedelta(days=1)).day == 29
    return [*found, (2, 29)] if (day.month, day.day) == (2, 28) and not is_leap else found


def is_its_turn(day: date, every: str, number: int) -> bool:
    """Whether a schedule has its turn that day: each day, each week on weekday ``number`` (1 is Monday), each
    month on the day ``number``, or on the last one of a shorter month."""
    if every == "day":
        return True
    if every == "week":
        return day.isoweekday() == number
    return day.day == min(number, monthrange(day.year, day.month)[1])
