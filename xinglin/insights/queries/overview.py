"""The month so far against the same days of the month before, from the lake."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.core.actor import Actor, require
from xinglin.insights import rules
from xinglin.insights.permissions import Permission
from xinglin.ledger import lake

SPARK_DAYS = 30


@dataclass(frozen=True, slots=True)
class Metric:
    """What is counted, over which touches; ``is_money`` sums amounts in fen instead."""

    code: str
    label: Any
    unit: Any
    kinds: tuple[str, ...]
    is_money: bool = False


METRICS = (
    Metric("patients", _("新患者"), _("人"), ("patient.registered",)),
    Metric("bookings", pgettext_lazy("看板", "预约"), _("个"), ("appointment.booked",)),
    Metric("visits", pgettext_lazy("看板", "到诊"), _("人次"), ("visit.ended",)),
    Metric("revenue", _("收入"), "", ("bill.settled", "bill.refunded"), True),
)


@dataclass(slots=True, kw_only=True)
class Tile:
    """One metric: this month so far, the same days before, each day, each channel (now, before)."""

    metric: Metric
    now: int = 0
    before: int = 0
    daily: list[tuple[date, int]] = field(default_factory=list)
    channels: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def change(self) -> float | None:
        return rules.change(self.now, self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """``month`` began the period; it is compared with as many days from ``before`` on."""

    month: date
    before: date
    days: int
    tiles: list[Tile]
    fresh_as_of: datetime | None


def overview(*, actor: Actor, now: datetime) -> Overview:
    """The hospital's numbers of this month so far. Raises PermissionDenied."""
    require(actor, Permission.VIEW_REPORT)
    return overview_of(_rows(actor.organization_id or 0, since_of(now)), now=now)


def since_of(now: datetime) -> date:
    """The first day that an overview looks at: of last month, or of the last thirty days."""
    today = timezone.localdate(now)
    before = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return min(before, today - timedelta(days=SPARK_DAYS - 1))


def overview_of(rows: list[tuple[date, str, str, int, int]], *, now: datetime) -> Overview:
    """Rows of (day, kind, channel, touches, fen) as this month against the one before."""
    today = timezone.localdate(now)
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    days = (today - month).days + 1
    tiles = [_tile(metric, rows, month=month, before=before, today=today) for metric in METRICS]
    return Overview(month=month, before=before, days=days, tiles=tiles, fresh_as_of=lake.fresh_as_of())


def _rows(organization_id: int, since: date) -> list[tuple[date, str, str, int, int]]:
    """(day in local time, kind, channel, touches, fen)."""
    zone = timezone.get_current_timezone()
    start = datetime.combine(since, time(), tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
    kinds = [kind for metric in METRICS for kind in metric.kinds]
    return lake.sql(
        """SELECT CAST(timezone($zone, timezone('UTC', t."at")) AS DATE) AS day, t.kind, t.channel,
             count(*), coalesce(sum(t.amount_fen), 0)::BIGINT
           FROM touches t
           WHERE t.organization_id = $organization AND t."at" >= $start AND t.kind IN $kinds
           GROUP BY ALL""",
        {"zone": str(zone), "organization": organization_id, "start": start, "kinds": kinds},
    )


def _tile(
    metric: Metric, rows: list[tuple[date, str, str, int, int]], *, month: date, before: date, today: date
) -> Tile:
    tile = Tile(metric=metric)
    days: dict[date, int] = defaultdict(int)
    channels: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    last_day = before + (today - month)
    for day, kind, channel, touches, fen in rows:
        if kind not in metric.kinds or day > today:
            continue
        value = touches if not metric.is_money else -fen if kind == "bill.refunded" else fen
        days[day] += value
        if day >= month:
            tile.now += value
            channels[channel][0] += value
        elif before <= day <= last_day and day < month:
            tile.before += value
            channels[channel][1] += value
    first = today - timedelta(days=SPARK_DAYS - 1)
    tile.daily = [(first + timedelta(days=n), days[first + timedelta(days=n)]) for n in range(SPARK_DAYS)]
    tile.channels = sorted(((c, a, b) for c, (a, b) in channels.items()), key=lambda row: -row[1])
    return tile
