"""The month in a sentence and in numbers, and how far the last campaign has come."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from xinglin.core.actor import Actor
from xinglin.core.home import Card, home_card
from xinglin.core.money import yuan
from xinglin.insights.permissions import Permission
from xinglin.insights.queries.home import Start, expected_by_month_end, start_numbers
from xinglin.insights.queries.overview import Tile
from xinglin.ledger.channels import label_of
from xinglin.outreach import queries as outreach
from xinglin.outreach.permissions import Permission as OutreachPermission
from xinglin.patients.permissions import Permission as PatientPermission


def _campaign(actor: Actor) -> Any:
    """The campaign that started last, or None."""
    if not actor.can(OutreachPermission.VIEW_CAMPAIGN):
        return None
    return outreach.list_campaigns(actor).filter(started_at__isnull=False).order_by("-started_at").first()


@lru_cache(maxsize=64)
def _of_page(actor: Actor, now: datetime) -> Any:
    """The same for all cards of one page: ``now`` is its moment."""
    return _campaign(actor)


def _numbers(actor: Actor, *, now: datetime) -> tuple[Any, Start] | None:
    if not actor.can(Permission.VIEW_REPORT):
        return None
    campaign = _of_page(actor, now)
    return campaign, start_numbers(actor=actor, campaign_id=campaign.pk if campaign else None, now=now)


def _compared(change: float | None) -> str:
    """``，比上月同期多 6.2 %``; nothing without a month to compare with."""
    if change is None:
        return ""
    share = f"{abs(change) * 100:.1f} %"
    words = _("，比上月同期多 <b>{share}</b>") if change >= 0 else _("，比上月同期少 <b>{share}</b>")
    return format_html(words, share=share)


@home_card(order=1)
def the_month(actor: Actor, *, now: datetime) -> Card | None:
    """New patients so far, against last month and to its end at this pace; then money and channels."""
    found = _numbers(actor, now=now)
    if found is None:
        return None
    if found[1].overview.fresh_as_of is None:
        return Card(
            title="", tone="lead", value=_("还没有可看的数字：有患者建档、预约、结账之后，这里说本月怎么样。")
        )
    seen = found[1].overview
    patients, bookings, _visits, revenue = seen.tiles
    if actor.can(PatientPermission.VIEW_PATIENT):
        people_url = f"{reverse('patients:list')}?added={seen.days}"
    else:
        people_url = reverse("insights:overview")
    expected = expected_by_month_end(so_far=patients.now, days=seen.days, month=now)
    pace = format_html(_("；照现在的速度，月底约 <b>{n}</b> 人"), n=f"{expected:,}") if expected else ""
    value = format_html(
        _('本月新患者 <a class="ul" href="{url}"><b>{n}</b></a> 人{compared}{pace}。'),
        url=people_url,
        n=f"{patients.now:,}",
        compared=_compared(patients.change),
        pace=pace,
    )
    best = next(((label_of(name), n) for name, n, _before in patients.channels if name and n), None)
    source = (
        format_html(_("，来得最多的是{channel}（{n} 人）"), channel=best[0], n=f"{best[1]:,}") if best else ""
    )
    more = format_html(
        _('本月预约 {booked} 个，收入 <a class="ul" href="{url}">{money}</a>{compared}{source}。'),
        booked=f"{bookings.now:,}",
        url=reverse("insights:overview"),
        money=yuan(revenue.now),
        compared=_compared(revenue.change),
        source=source,
    )
    return Card(title="", tone="lead", value=value, note=more, fresh_as_of=seen.fresh_as_of)


def _tile(number: int) -> Callable[..., Card | None]:
    def card(actor: Actor, *, now: datetime) -> Card | None:
        found = _numbers(actor, now=now)
        if found is None or found[1].overview.fresh_as_of is None:
            return None
        tile: Tile = found[1].overview.tiles[number]
        money, change = tile.metric.is_money, tile.change
        return Card(
            title=_("本月%(what)s") % {"what": tile.metric.label},
            value=yuan(tile.now).partition(".")[0] if money else f"{tile.now:,}",
            unit=tile.metric.unit,
            note=_("上月同期 %(n)s")
            % {"n": yuan(tile.before).partition(".")[0] if money else f"{tile.before:,}"},
            change="" if change is None else f"{abs(change) * 100:.1f} %",
            direction="" if not change else "up" if change > 0 else "down",
            is_good=(change or 0) >= 0,
            url=reverse("insights:overview"),
            spark=[value for _day, value in tile.daily],
        )

    return card


new_patients = home_card(order=40)(_tile(0))
bookings = home_card(order=41)(_tile(1))
visits = home_card(order=42)(_tile(2))
revenue = home_card(order=43)(_tile(3))


@home_card(order=44)
def last_campaign(actor: Actor, *, now: datetime) -> Card | None:
    """From plan to visit, of the campaign that started last."""
    found = _numbers(actor, now=now)
    if found is None or found[0] is None:
        return None
    campaign, numbers = found
    account, reactions = outreach.account_of(campaign), outreach.reactions_of(campaign)
    steps = [
        (_("计划"), account.planned),
        (_("发出"), account.sent),
        (pgettext("看板", "打开"), reactions["opened"]),
        (_("点击"), reactions["clicked"]),
        (pgettext("看板", "预约"), numbers.booked),
        (pgettext("看板", "到诊"), numbers.visited),
    ]
    days = max((now - campaign.started_at).days, 0)
    return Card(
        title=campaign.name,
        tone="funnel",
        note=_("%(day)s 发出，已 %(n)s 天") % {"day": f"{campaign.started_at:%m-%d}", "n": days},
        steps=[{"label": label, "value": value} for label, value in steps],
        url=reverse("insights:campaign-result", args=[campaign.public_id]),
        action=_("看结果"),
    )
