"""When a repeated campaign runs next."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Repeating(Protocol):
    repeat: str
    repeat_until: date | None
    starts_at: datetime | None
    started_at: datetime | None


def next_occasion(plan: Repeating, *, after: datetime, zone: str) -> datetime | None:
    """The occasion after one at ``after``, at the same time of day in ``zone``; None when there is none.

    A month keeps the day of the first occasion: after 31 January and 28 February comes 31 March.
    """
    local = after.astimezone(ZoneInfo(zone))
    if plan.repeat == "week":
        following = local + timedelta(days=7)
    elif plan.repeat == "month":
        year, month = (local.year, local.month + 1) if local.month < 12 else (local.year + 1, 1)
        day = (plan.starts_at or plan.started_at or after).astimezone(ZoneInfo(zone)).day
        following = local.replace(year=year, month=month, day=min(day, monthrange(year, month)[1]))
    else:
        return None
    if plan.repeat_until is not None and following.date() > plan.repeat_until:
        return None
    return following.astimezone(after.tzinfo)
