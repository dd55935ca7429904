"""The calendar: days of a month or week, what each holds, health days, columns due, gaps and overload."""

from calendar import Calendar
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

#: More than this in one channel on one day crowds itself out; fewer than one in so many days is a gap.
OVERLOAD = 3
GAP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Theme:
    """A health day with where it comes from, both in Chinese and English."""

    names: tuple[str, str]
    sources: tuple[str, str]

    @property
    def name(self) -> str:
        """In the reader's language."""
        return self.names[_is_english()]

    @property
    def source(self) -> str:
        """In the reader's language."""
        return self.sources[_is_english()]


def _is_english() -> bool:
    return (get_language() or "").startswith("en")


@dataclass(slots=True)
class Day:
    """One day of the calendar."""

    day: date
    is_inside: bool = True
    is_today: bool = False
    entries: list[Any] = field(default_factory=list)
    themes: tuple[Theme, ...] = ()
    due: tuple[str, ...] = ()
    is_overloaded: bool = False
    is_gap: bool = False


def own_theme(name: str, note: str) -> Theme:
    """A day of the hospital's own, in the one language it was written in."""
    return Theme((name, name), (note, note))


@cache
def themes() -> dict[tuple[int, int], tuple[Theme, ...]]:
    """Health days by month and day, from ``themes.yaml``."""
    loaded = yaml.safe_load(Path(__file__).with_name("themes.yaml").read_text(encoding="utf-8"))
    found: dict[tuple[int, int], tuple[Theme, ...]] = {}
    for row in loaded["days"]:
        month, day = (int(part) for part in str(row["day"]).split("-"))
        theme = Theme((row["name"], row["name_en"]), (row["source"], row["source_en"]))
        found[month, day] = (*found.get((month, day), ()), theme)
    return found


def month_days(first: date) -> list[date]:
    """The days of whole weeks, Monday first, around a month."""
    return list(Calendar().itermonthdates(first.year, first.month))


def week_days(day: date) -> list[date]:
    """The seven days of a week, Monday first."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def lay_out(
    days: Sequence[date],
    *,
    entries: Mapping[date, Sequence[Any]],
    own_themes: Mapping[date, Sequence[Theme]] | None = None,
    columns: Iterable[tuple[str, Sequence[int], int | None]] = (),
    filled: Mapping[date, frozenset[str]] | None = None,
    channels: Callable[[Any], Iterable[str]] = lambda _entry: ("",),
    month: int | None = None,
    today: date,
) -> list[Day]:
    """Days with what they hold.

    ``columns`` are (name, weekdays, day of month); ``filled`` the columns a day has something for;
    ``own_themes`` come before the health days. A day ahead is a gap when nothing stands in the week up to it:
    ``entries`` reach ``GAP_DAYS`` further back than ``days``. ``channels`` says where an entry comes out.
    """
    known, rows = list(columns), []
    for day in days:
        held = list(entries.get(day, ()))
        due = tuple(
            name
            for name, weekdays, month_day in known
            if (day.weekday() in weekdays or day.day == month_day) and name not in (filled or {}).get(day, ())
        )
        in_each = Counter(channel for entry in held for channel in channels(entry))
        before = range(GAP_DAYS)
        is_gap = day >= today and not any(entries.get(day - timedelta(days=n)) for n in before)
        rows.append(
            Day(
                day=day,
                is_inside=month is None or day.month == month,
                is_today=day == today,
                entries=held,
                themes=(*(own_themes or {}).get(day, ()), *themes().get((day.month, day.day), ())),
                due=due if day >= today else (),
                is_overloaded=max(in_each.values(), default=0) > OVERLOAD,
                is_gap=is_gap,
            )
        )
    return rows
