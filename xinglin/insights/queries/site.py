"""The hospital's own site from its own touches: no third party has seen any of it.

Views (PV) are all pages shown to people; machines are never recorded. Visitors (UV) are browsers that agreed
to be told apart; views without that agreement are counted and stay anonymous.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from xinglin.core.actor import Actor, require
from xinglin.directory.queries import get_own_organization
from xinglin.insights.permissions import Permission
from xinglin.ledger import lake

PERIODS = (7, 30, 90)
SHOWN = 20
_VIEWS = """FROM touches t WHERE t.organization_id = $organization AND t.kind = 'page.viewed'
  AND t."at" >= $start AND t."at" < $end"""
_PAGE = "json_extract_string(t.props, '$.page')"
_DEVICE = "coalesce(nullif(json_extract_string(t.props, '$.device'), ''), 'unknown')"
_CLASS = "coalesce(nullif(json_extract_string(t.props, '$.page_class'), ''), 'unknown')"
_REFERRER = "coalesce(json_extract_string(t.props, '$.referrer'), '')"
_ENTRY = "coalesce(json_extract(t.props, '$.is_entry') = 'true', false)"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: ``views`` and ``visitors`` of ``key``."""

    key: str
    views: int
    visitors: int


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many agreed visitors got so far."""

    code: str
    visitors: int


@dataclass(slots=True, kw_only=True)
class SiteReport:
    """``days`` up to today, and the same number of days before that for comparison."""

    days: int
    first: date
    last: date
    views: int = 0
    visitors: int = 0
    entries: int = 0
    bookings: int = 0
    agreed_views: int = 0
    before: dict[str, int] = field(default_factory=dict)
    daily: list[tuple[date, int, int]] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)
    devices: list[Row] = field(default_factory=list)
    landings: list[Row] = field(default_factory=list)
    pages: list[Row] = field(default_factory=list)
    classes: list[Row] = field(default_factory=list)
    funnel: list[FunnelStep] = field(default_factory=list)
    fresh_as_of: datetime | None = None

    @property
    def agreed_share(self) -> float:
        """Share of views by browsers that agreed to be told apart, in [0, 1]."""
        return self.agreed_views / self.views if self.views else 0.0


def site_report(*, actor: Actor, days: int, now: datetime) -> SiteReport:
    """The site in the last ``days`` days, today included. Raises PermissionDenied."""
    require(actor, Permission.VIEW_REPORT)
    days = days if days in PERIODS else 30
    zone = ZoneInfo(get_own_organization(actor).timezone)
    last = timezone.localtime(now, zone).date()
    first = last - timedelta(days=days - 1)
    asked = {"organization": actor.organization_id or 0, **_between(first, last, zone)}
    report = SiteReport(days=days, first=first, last=last, fresh_as_of=lake.fresh_as_of())
    totals = _totals(asked)
    report.views, report.visitors, report.entries, report.agreed_views = totals
    report.bookings = _bookings(asked)
    earlier = {**asked, **_between(first - timedelta(days=days), first - timedelta(days=1), zone)}
    views, visitors, entries, _agreed = _totals(earlier)
    report.before = {
        "views": views,
        "visitors": visitors,
        "entries": entries,
        "bookings": _bookings(earlier),
    }
    report.daily = _daily(asked, first, days, zone)
    report.pages = _by(_PAGE, asked)
    report.devices = _by(_DEVICE, asked)
    report.classes = _by(_CLASS, asked)
    report.landings = _by(_PAGE, asked, f"AND {_ENTRY}")
    report.sources = _sources(asked)
    report.funnel = _funnel(asked)
    return report


def _between(first: date, last: date, zone: ZoneInfo) -> dict[str, Any]:
    def at(day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC).replace(tzinfo=None)

    return {"start": at(first), "end": at(last + timedelta(days=1))}


def _totals(asked: dict[str, Any]) -> tuple[int, int, int, int]:
    rows = lake.sql(
        f"""SELECT count(*), count(DISTINCT visitor), count(*) FILTER (WHERE {_ENTRY}),
              count(visitor) {_VIEWS}""",
        asked,
    )
    return rows[0] if rows else (0, 0, 0, 0)


def _bookings(asked: dict[str, Any]) -> int:
    rows = lake.sql(
        """SELECT count(*) FROM touches t WHERE t.organization_id = $organization
             AND t.kind = 'appointment.booked' AND t.channel = 'website'
             AND t."at" >= $start AND t."at" < $end""",
        asked,
    )
    return int(rows[0][0]) if rows else 0


def _daily(asked: dict[str, Any], first: date, days: int, zone: ZoneInfo) -> list[tuple[date, int, int]]:
    rows = lake.sql(
        f"""SELECT CAST(timezone($zone, timezone('UTC', t."at")) AS DATE) AS day, count(*),
              count(DISTINCT visitor) {_VIEWS} GROUP BY day""",
        {**asked, "zone": str(zone)},
    )
    known = {day: (views, visitors) for day, views, visitors in rows}
    dates = [first + timedelta(days=n) for n in range(days)]
    return [(day, *known.get(day, (0, 0))) for day in dates]


def _by(key: str, asked: dict[str, Any], more: str = "") -> list[Row]:
    rows = lake.sql(
        f"""SELECT {key} AS key, count(*) AS views, count(DISTINCT visitor) {_VIEWS} {more}
            GROUP BY key ORDER BY views DESC, key LIMIT {SHOWN}""",
        asked,
    )
    return [Row(str(name or ""), views, visitors) for name, views, visitors in rows]


def _sources(asked: dict[str, Any]) -> list[Row]:
    """Where entries came from: another site by its host, else our own channel (a message, a code)."""
    key = f"""CASE WHEN {_REFERRER} <> '' THEN {_REFERRER}
      WHEN t.channel IN ('', 'website') THEN 'direct' ELSE 'channel:' || t.channel END"""
    return _by(key, asked, f"AND {_ENTRY}")


def _funnel(asked: dict[str, Any]) -> list[FunnelStep]:
    """Agreed visitors: any page, a doctor or department, the form, booked; each step after the last."""
    rows = lake.sql(
        """WITH steps AS (
             SELECT visitor, "at",
               CASE WHEN kind = 'appointment.booked' THEN 4
                 WHEN json_extract_string(props, '$.page') LIKE '/booking/%' THEN 3
                 WHEN json_extract_string(props, '$.page') LIKE '/doctors/%'
                   OR json_extract_string(props, '$.page') LIKE '/departments/%' THEN 2
                 ELSE 1 END AS step
             FROM touches t WHERE t.organization_id = $organization AND visitor IS NOT NULL
               AND kind IN ('page.viewed', 'appointment.booked') AND "at" >= $start AND "at" < $end),
           one AS (SELECT visitor, min("at") AS a FROM steps WHERE step < 4 GROUP BY 1),
           two AS (SELECT s.visitor, min(s."at") AS a FROM steps s JOIN one o USING (visitor)
             WHERE s.step >= 2 AND s."at" >= o.a GROUP BY 1),
           three AS (SELECT s.visitor, min(s."at") AS a FROM steps s JOIN two o USING (visitor)
             WHERE s.step >= 3 AND s."at" >= o.a GROUP BY 1),
           four AS (SELECT s.visitor FROM steps s JOIN three o USING (visitor)
             WHERE s.step = 4 AND s."at" >= o.a GROUP BY 1)
           SELECT (SELECT count(*) FROM one), (SELECT count(*) FROM two),
             (SELECT count(*) FROM three), (SELECT count(*) FROM four)""",
        asked,
    )
    counts = rows[0] if rows else (0, 0, 0, 0)
    return [
        FunnelStep(code, int(n)) for code, n in zip(("page", "doctor", "form", "booked"), counts, strict=True)
    ]
