"""As of when: one moment, its local day, and windows as half-open UTC intervals."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MICRO = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment a question is asked for; only touches with ``at <= moment`` count.

    A bare day means the end of that day in the hospital's time zone; ``day`` is the local day of the moment.
    """

    moment: datetime
    day: date
    zone: str

    @classmethod
    def at(cls, moment: datetime | date, zone: str) -> "AsOf":
        """From an aware datetime, or from a day; ValueError for a naive datetime."""
        if isinstance(moment, datetime):
            if moment.tzinfo is None:
                raise ValueError("naive datetime")
            return cls(moment.astimezone(UTC), moment.astimezone(ZoneInfo(zone)).date(), zone)
        return cls(start_of(moment + timedelta(days=1), zone) - MICRO, moment, zone)

    @classmethod
    def read(cls, text: str, zone: str) -> "AsOf":
        """From "2026-11-22" or an ISO moment (a naive one is local time); ValueError otherwise."""
        if len(text) == 10:
            return cls.at(date.fromisoformat(text), zone)
        moment = datetime.fromisoformat(text)
        return cls.at(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)), zone)

    def window(
        self, *, within_days: int | None, between: list[date] | None
    ) -> tuple[datetime | None, datetime | None]:
        """First moment included and first moment excluded (None: open); the as-of moment cuts anyway."""
        if within_days is not None:
            return self.start(self.day.toordinal() - within_days), None
        if between is not None:
            return start_of(between[0], self.zone), self.start(between[1].toordinal() + 1)
        return None, None

    def start(self, ordinal: int) -> datetime | None:
        """Start of the local day with that ordinal, None beyond the calendar's ends."""
        return start_of(date.fromordinal(ordinal), self.zone) if 2 < ordinal < date.max.toordinal() else None

    def birthday_ranges(self, days: int) -> list[tuple[int, int]]:
        """Birthdays from this day to ``days`` later as ranges of month*100+day, both ends included.

        Born on 29 February: the birthday of a common year is 1 March, as for the age.
        """
        if days >= 365:
            return [(101, 1231)]
        first, last = self.day, self.day + timedelta(days=days)
        low = first.month * 100 + first.day
        if low == 301 and not leap(first.year):
            low = 229
        high = last.month * 100 + last.day
        return [(low, high)] if first.year == last.year else [(low, 1231), (101, high)]


def start_of(day: date, zone: str) -> datetime:
    """Local midnight of a day, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def years_between(start: date, end: date) -> int:
    """Whole years from start to end; 0 when turned around."""
    if start > end:
        return 0
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def born_by(day: date, years: int) -> date:
    """The latest birth date with which a person has had ``years`` birthdays on ``day``."""
    year = day.year - years
    if year < 1:
        return date.min
    if day.month == 2 and day.day == 29 and not leap(year):
        return date(year, 2, 28)
    return date(min(year, 9999), day.month, day.day)


def age_on(
    day: date, *, birth_date: date | None, reported_age: int | None, reported_on: date | None
) -> int | None:
    """Age in whole years on a day: from the birth date, else the age last told plus the years since then.

    Never below 0, as on the record.
    """
    if birth_date is not None:
        return years_between(birth_date, day)
    if reported_age is None:
        return None
    return reported_age + (years_between(reported_on, day) if reported_on else 0)
