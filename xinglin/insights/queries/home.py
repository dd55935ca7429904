"""What the start page needs of the lake, in one question for each state of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from xinglin.core.actor import Actor, require
from xinglin.insights.permissions import Permission
from xinglin.insights.queries.overview import METRICS, Overview, overview_of, since_of
from xinglin.ledger import lake

AFTER = {"appointment.booked": "booked", "appointment.kept": "visited"}
#: The last answer for each hospital and the state of lake and day it is true for.
_last: dict[tuple[int, int], tuple[tuple[object, ...], "Start"]] = {}


@dataclass(frozen=True, slots=True)
class Start:
    """The month so far, and how many people booked and came by way of one campaign."""

    overview: Overview
    booked: int
    visited: int


def start_numbers(*, actor: Actor, campaign_id: int | None, now: datetime) -> Start:
    """The numbers of the actor's hospital. Raises PermissionDenied."""
    require(actor, Permission.VIEW_REPORT)
    key = (actor.organization_id or 0, campaign_id or 0)
    state = (timezone.localdate(now), str(lake.folder()), lake.version())
    known = _last.get(key)
    if known is None or known[0] != state:
        known = _last[key] = (state, _ask(*key, now=now))
        while len(_last) > 200:
            _last.pop(next(iter(_last)))
    return known[1]


def _ask(organization_id: int, campaign_id: int, *, now: datetime) -> Start:
    zone = timezone.get_current_timezone()
    since = datetime.combine(since_of(now), time(), tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
    rows: list[tuple[Any, ...]] = lake.sql(
        """SELECT CAST(timezone($zone, timezone('UTC', t."at")) AS DATE) AS day, t.kind, t.channel,
             count(*), coalesce(sum(t.amount_fen), 0)::BIGINT
           FROM touches t
           WHERE t.organization_id = $organization AND t."at" >= $start AND t.kind IN $kinds
           GROUP BY ALL
           UNION ALL
           SELECT NULL, t.kind, '', count(DISTINCT t.patient_id), 0
           FROM touches t
           WHERE t.organization_id = $organization AND t.campaign_id = $campaign AND t.kind IN $after
           GROUP BY ALL""",
        {
            "zone": str(zone),
            "organization": organization_id,
            "start": since,
            "kinds": [kind for metric in METRICS for kind in metric.kinds],
            "campaign": campaign_id,
            "after": list(AFTER),
        },
    )
    after = {AFTER[row[1]]: int(row[3]) for row in rows if row[0] is None}
    daily = [row for row in rows if row[0] is not None]
    return Start(overview_of(daily, now=now), after.get("booked", 0), after.get("visited", 0))


def expected_by_month_end(*, so_far: int, days: int, month: datetime) -> int | None:
    """The month's total at the pace so far; None in its first five days, when a pace says little."""
    if days < 5:
        return None
    first = month.replace(day=1)
    length = ((first + timedelta(days=32)).replace(day=1) - first).days
    return round(so_far / days * length)
