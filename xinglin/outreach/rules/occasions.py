"""When a repeated campaign runs next."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Protocol


class Repeating(Protocol):
    repeat: str
    repeat_until: date | None


def next_occasion(plan: Repeating, *, after: datetime) -> datetime | None:
    """The occasion after one at ``after``, at the same time of day; None when there is none.

    A month after the 31st is the last day of a shorter month.
    """
    if plan.repeat == "week":
        following = after + timedelta(days=7)
    elif plan.repeat == "month":
        year, month = (after.year, after.month + 1) if after.month < 12 else (after.year + 1, 1)
        following = after.replace(year=year, month=month, day=min(after.day, monthrange(year, month)[1]))
    else:
        return None
    if plan.repeat_until is not None and following.date() > plan.repeat_until:
        return None
    return following
