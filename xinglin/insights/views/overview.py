from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.money import yuan
from xinglin.insights import queries
from xinglin.insights.permissions import Permission
from xinglin.insights.queries.overview import Overview, Tile
from xinglin.ledger.channels import label_of
from xinglin.ledger.permissions import Permission as LedgerPermission


@require_GET
@access(Permission.VIEW_REPORT)
def overview(request: StaffRequest) -> HttpResponse:
    found = queries.overview(actor=request.actor, now=timezone.now())
    may_open = request.actor.can(LedgerPermission.VIEW_TOUCH)
    context: dict[str, Any] = {
        "overview": found,
        "tiles": [tile_of(tile, found, may_open=may_open) for tile in found.tiles],
        "sentence": sentence(found),
        "is_empty": not any(value for tile in found.tiles for _day, value in tile.daily) and not any(
            tile.now or tile.before for tile in found.tiles
        ),
    }  # fmt: skip
    return render_page(request, "insights/overview.html", context)


def amount(tile: Tile, value: int) -> str:
    return yuan(value).partition(".")[0] if tile.metric.is_money else f"{value:,}"


def percent(change: float | None) -> str:
    """``+6.2 %``; "" when there is nothing to compare with."""
    return "" if change is None else f"{change * 100:+.1f} %".replace("-", "−")


def sentence(found: Overview) -> str:
    """The month's new patients and revenue, against the same days of the month before."""
    patients, revenue = found.tiles[0], found.tiles[-1]
    change = percent(patients.change)
    compared = _("，比上月同期 %(change)s") % {"change": change} if change else ""
    return format_html(
        _("本月新患者 <b>{people}</b> 人{compared}；收入 <b>{revenue}</b>。"),
        people=f"{patients.now:,}", compared=compared, revenue=yuan(revenue.now),
    )  # fmt: skip


def tile_of(tile: Tile, found: Overview, *, may_open: bool) -> dict[str, Any]:
    change = tile.change
    since = found.month.isoformat()
    query = urlencode({"kind": tile.metric.kinds[0], "since": since})
    channels = by_label(tile.channels)
    return {
        "code": tile.metric.code,
        "label": tile.metric.label,
        "unit": tile.metric.unit,
        "value": amount(tile, tile.now),
        "before": amount(tile, tile.before),
        "change": percent(change).lstrip("+−"),
        "direction": "" if not change else "up" if change > 0 else "down",
        "good": "yes" if (change or 0) >= 0 else "no",
        "spark": [value / 100 if tile.metric.is_money else value for _day, value in tile.daily],
        "url": f"{reverse('ledger:touch-list')}?{query}" if may_open else "",
        "daily": [(day, amount(tile, value)) for day, value in reversed(tile.daily)],
        "channels": [
            {
                "label": label,
                "now": amount(tile, now),
                "before": amount(tile, before),
                "value": max(now, 0),
            }
            for label, now, before in channels
        ],
        "most": max((now for _label, now, _before in channels), default=0),
    }  # fmt: skip


def by_label(rows: Iterable[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Channels by the name people read, largest first; "website" and 官网 are one."""
    found: dict[str, list[int]] = {}
    for channel, now, before in rows:
        both = found.setdefault(str(label_of(channel) or _("未注明")), [0, 0])
        both[0] += now
        both[1] += before
    return sorted(((label, now, before) for label, (now, before) in found.items()), key=lambda row: -row[1])
