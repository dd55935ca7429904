"""Channel × content × audience × effect, from real numbers alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.content.models import ContentItem, Placement, PlacementMetric
from xinglin.content.permissions import Permission
from xinglin.content.queries.effects import BOOKS_WITHIN, PAYS_WITHIN
from xinglin.content.rules.kinds import OUTSIDE, Audience, CareStage, Channel, Kind
from xinglin.core.actor import Actor, require
from xinglin.ledger import lake
from xinglin.ledger.queries import list_touches

#: What the grid's columns may be, and what stands in it.
BY = {"kind": _("种类"), "audience": _("给谁看"), "care_stage": _("就诊阶段"), "department": _("科室")}
MEASURES = {
    "views": _("阅读"),
    "reactions": _("互动"),
    "clicks": _("链接点击"),
    "followers": _("新增粉丝"),
    "bookings": _("带来预约"),
    "revenue_fen": _("带来收入"),
}
_NAMES: dict[str, dict[str, Any]] = {
    "kind": dict(Kind.choices),
    "audience": dict(Audience.choices),
    "care_stage": dict(CareStage.choices),
}


@dataclass(slots=True)
class Cell:
    """What one channel did: pieces, views, clicks, interactions, bookings, and what those paid in fen."""

    channel: str
    name: str
    items: int = 0
    views: int = 0
    clicks: int = 0
    reactions: int = 0
    followers: int = 0
    bookings: int = 0
    revenue_fen: int = 0

    @property
    def is_quiet(self) -> bool:
        """Nothing out there, and nothing heard from it."""
        numbers = (self.items, self.views, self.clicks, self.reactions, self.followers, self.bookings)
        return not any((*numbers, self.revenue_fen))

    @property
    def views_each(self) -> int:
        return round(self.views / self.items) if self.items else 0


@dataclass(slots=True)
class Matrix:
    """``cells`` by channel; ``grid`` one row a channel under ``heads``, in the measure that was asked for."""

    cells: list[Cell]
    heads: list[str] = field(default_factory=list)
    grid: list[tuple[str, list[int]]] = field(default_factory=list)


def channel_matrix(
    *, actor: Actor, since: date, until: date, by: str = "kind", measure: str = "views"
) -> Matrix:
    """Channels with their numbers between two days, both included, and one measure split by what texts are.

    Site views and clicks are touches of the ledger, outside numbers the platforms' own. A booking counts for
    the text it came from, or for the last one its person saw in the 30 days before; bills within 180 days of
    it.
    """
    require(actor, Permission.VIEW_CONTENT)
    facts: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    _outside(actor, facts, since=since, until=until)
    _touched(actor, facts, since=since, until=until)
    _brought(actor, facts, since=since, until=until)
    cells = {code: Cell(code, str(name)) for code, name in Channel.choices}
    for (channel, _item), numbers in facts.items():
        for name, number in numbers.items():
            setattr(cells[channel], name, getattr(cells[channel], name) + number)
    _count_items(actor, cells, until=until)
    always = {Channel.SITE, *OUTSIDE}
    shown = [c for c in cells.values() if c.channel in always or c.bookings or c.clicks or c.revenue_fen]
    heads, grid = _grid(actor, facts, [cell.channel for cell in shown], by=by, measure=measure)
    return Matrix(shown, heads, [(cell.name, row) for cell, row in zip(shown, grid, strict=True)])


def _outside(actor: Actor, facts: Any, *, since: date, until: date) -> None:
    rows = Placement.objects.visible_to(actor).filter(placed_at__isnull=False, placed_at__date__lte=until)
    sums = (
        PlacementMetric.objects.filter(placement__in=rows, day__gte=since, day__lte=until)
        .values("placement__channel", "placement__item")
        .annotate(v=Sum("views"), r=Sum("likes") + Sum("shares") + Sum("comments"), f=Sum("followers"))
    )
    for line in sums:
        numbers = facts[line["placement__channel"], line["placement__item"]]
        numbers["views"] += line["v"]
        numbers["reactions"] += line["r"]
        numbers["followers"] += line["f"]


def _moment(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=timezone.get_current_timezone())


def _touched(actor: Actor, facts: Any, *, since: date, until: date) -> None:
    """Views of the site, and the tracked links of texts followed from each channel."""
    touches = list_touches(
        actor=Actor.system(actor.organization_id, "content.matrix"),
        since=_moment(since),
        until=_moment(until + timedelta(days=1)),
    )
    seen = touches.filter(content_id__isnull=False, kind="page.viewed")
    for line in seen.values("content_id").annotate(n=Count("seq")):
        facts[Channel.SITE, line["content_id"]]["views"] += line["n"]
    followed = touches.filter(content_id__isnull=False, kind="link.clicked", channel__in=Channel.values)
    for line in followed.values("channel", "content_id").annotate(n=Count("seq")):
        facts[line["channel"], line["content_id"]]["clicks"] += line["n"]


def _brought(actor: Actor, facts: Any, *, since: date, until: date) -> None:
    if lake.fresh_as_of() is None:
        return
    sql = f"""
      WITH seen AS (
        SELECT patient_id, "at", content_id, channel FROM touches
        WHERE organization_id = $organization AND kind IN ('page.viewed', 'link.clicked')
          AND content_id IS NOT NULL AND patient_id IS NOT NULL AND "at" < $until),
      booked AS (
        SELECT seq, patient_id, "at", content_id, channel FROM touches
        WHERE organization_id = $organization AND kind = 'appointment.booked'
          AND "at" >= $since AND "at" < $until),
      led AS (
        SELECT seq, patient_id, "at", content_id, channel FROM booked WHERE content_id IS NOT NULL
        UNION ALL
        SELECT b.seq, b.patient_id, b."at", s.content_id, s.channel
        FROM booked b JOIN seen s ON s.patient_id = b.patient_id AND s."at" <= b."at"
          AND s."at" >= b."at" - INTERVAL {BOOKS_WITHIN} DAY
        WHERE b.content_id IS NULL
        QUALIFY row_number() OVER (PARTITION BY b.seq ORDER BY s."at" DESC, s.content_id) = 1),
      paid AS (
        SELECT l.seq, CASE t.kind WHEN 'bill.settled' THEN t.amount_fen ELSE -t.amount_fen END AS fen
        FROM touches t JOIN led l ON l.patient_id = t.patient_id AND t."at" >= l."at"
          AND t."at" < l."at" + INTERVAL {PAYS_WITHIN} DAY
        WHERE t.organization_id = $organization AND t.kind IN ('bill.settled', 'bill.refunded')
        QUALIFY row_number() OVER (PARTITION BY t.seq ORDER BY l."at" DESC, l.seq DESC) = 1),
      money AS (SELECT seq, sum(fen) AS fen FROM paid GROUP BY seq)
      SELECT l.channel, l.content_id, count(*), coalesce(sum(m.fen), 0)
      FROM led l LEFT JOIN money m ON m.seq = l.seq GROUP BY l.channel, l.content_id"""  # noqa: S608
    span = {"since": _utc(_moment(since)), "until": _utc(_moment(until + timedelta(days=1)))}
    with lake.cursor() as cursor:
        rows = cursor.execute(sql, {"organization": actor.organization_id or 0, **span}).fetchall()
    for channel, item, bookings, fen in rows:
        numbers = facts[channel if channel in Channel.values else Channel.SITE, item]
        numbers["bookings"] += int(bookings)
        numbers["revenue_fen"] += int(fen)


def _utc(moment: datetime) -> datetime:
    """As the lake keeps time: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _count_items(actor: Actor, cells: dict[str, Cell], *, until: date) -> None:
    rows = Placement.objects.visible_to(actor).filter(placed_at__isnull=False, placed_at__date__lte=until)
    for line in rows.filter(removed_at__isnull=True).values("channel").annotate(n=Count("id")):
        cells[line["channel"]].items = line["n"]
    cells[Channel.SITE].items = ContentItem.objects.visible_to(actor).filter(published__isnull=False).count()


def _grid(
    actor: Actor, facts: Any, channels: Sequence[str], *, by: str, measure: str
) -> tuple[list[str], list[list[int]]]:
    """Columns that hold something, most first."""
    groups = _groups(actor, {item for _channel, item in facts}, by)
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (channel, item), numbers in facts.items():
        if item in groups and numbers.get(measure):
            sums[groups[item]][channel] += numbers[measure]
    heads = sorted(sums, key=lambda name: (-sum(sums[name].values()), name))[:12]
    return heads, [[sums[name].get(channel, 0) for name in heads] for channel in channels]


def _groups(actor: Actor, items: Iterable[int], by: str) -> dict[int, str]:
    rows = ContentItem.objects.visible_to(actor).filter(pk__in=list(items))
    if by == "department":
        named = rows.values_list("pk", "department__name")
        return {pk: name or str(_("不限科室")) for pk, name in named}
    names = _NAMES[by]
    return {pk: str(names.get(code) or _("不限")) for pk, code in rows.values_list("pk", by)}
