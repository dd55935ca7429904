"""A result in words and shapes: what the template only sets out."""

from math import isfinite
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from xinglin.core.money import yuan
from xinglin.insights import drawing
from xinglin.insights.queries import CampaignResult
from xinglin.insights.queries.results import HELD, TREATED, WINDOWS, Compared
from xinglin.insights.rules import Estimate


def result_context(result: CampaignResult) -> dict[str, Any]:
    """The sentence, the account's lines, the curve, the table of differences, the funnel."""
    shares = [_compared(result, row) for row in result.outcomes]
    start, stop = drawing.axis([value for row in shares for value in (row["low"], row["high"])])
    return {
        "sentence": sentence(result),
        "lines": _lines(result),
        "parts": _parts(result),
        "funnel": _funnel(result),
        "curve": drawing.curve_shape(result.curve, days=result.days, groups=2 if result.held else 1),
        "shares": shares,
        "start": start,
        "stop": stop,
        **_money(result),
        "treated_fen": round(result.revenue.treated.total),
        "windows": WINDOWS,
        "is_over": result.elapsed >= result.days,
    }


def sentence(result: CampaignResult) -> str:
    """What may be said in one sentence, and no more than that."""
    cost = format_html("<b>{}</b>", yuan(result.account.cost_fen))
    if result.campaign.started_at is None:
        return _("还没有发出，发出后这里会和对照组比较。")
    if not result.held:
        return format_html(
            _("{days} 天内有 <b>{people}</b> 人预约，花 {cost}；没有留对照组，说不清其中多少是它带来的。"),
            days=result.days, people=f"{result.booked.treated:,}", cost=cost,
        )  # fmt: skip
    extra = result.booked.extra
    if not extra.is_clear:
        return format_html(
            _("看不出它带来了更多预约：相差 <b>{point}</b> 个百分点（{low} 到 {high}），花 {cost}。"),
            **_points(result.booked.difference), cost=cost,
        )  # fmt: skip
    numbers = {"low": _count(extra.low), "high": _count(extra.high), "point": _count(extra.point)}
    if extra.point < 0:
        return format_html(
            _("发送的人反而少来了约 <b>{point}</b> 个预约（{low} 到 {high}），花 {cost}。"),
            point=_count(-extra.point), low=_count(-extra.high), high=_count(-extra.low), cost=cost,
        )  # fmt: skip
    each = format_html("<b>{}</b>", yuan(round(result.cost_per_booking or 0)))
    text = _("多来了约 <b>{point}</b> 个预约（{low} 到 {high}），花 {cost}，每多一个预约 {each}。")
    return format_html(text, **numbers, cost=cost, each=each)


def _count(value: float) -> str:
    return f"{round(value):,}"


def _signed(value: float, digits: int = 2) -> str:
    return f"{value:+.{digits}f}".replace("-", "−") if isfinite(value) else "–"


def _points(difference: Estimate) -> dict[str, str]:
    percent = difference.times(100)
    return {
        "point": _signed(percent.point),
        "low": f"{percent.low:.2f}".replace("-", "−"),
        "high": f"{percent.high:.2f}".replace("-", "−"),
    }


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"


def people_url(result: CampaignResult, *, of: str, arm: int) -> str:
    query = urlencode({"of": of, "arm": arm, "days": result.days})
    return f"{reverse('insights:campaign-people', args=[result.campaign.public_id])}?{query}"


def _compared(result: CampaignResult, row: Compared) -> dict[str, Any]:
    points, percent = _points(row.difference), row.difference.times(100)
    guard, code = row.outcome.is_guardrail, row.outcome.code
    if guard:
        note = _("护栏触发：请看是谁") if row.difference.low > 0 else _("护栏未触发")
    elif not row.difference.is_clear:
        note = _("发了 %(a)s 人，对照 %(b)s 人") % {"a": f"{row.treated:,}", "b": f"{row.held:,}"}
    elif code == "booked":
        note = _("约多 %(n)s 个预约") % {"n": _count(row.extra.point)}
    else:
        note = _("约多 %(n)s 人到诊") % {"n": _count(row.extra.point)}
    worse = _("确有升高") if row.difference.point > 0 else _("确有下降")
    return {
        "label": row.outcome.label,
        "note": note,
        "with_value": _percent(row.treated_share.point),
        "without_value": _percent(row.held_share.point),
        "low": percent.low,
        "point": percent.point,
        "high": percent.high,
        "point_label": points["point"],
        "range_label": _("%(low)s 到 %(high)s") % points,
        "is_better": (row.difference.point < 0) if guard else (row.difference.point > 0),
        "verdict": worse if guard or row.difference.point < 0 else _("确有提高"),
        "treated": row.treated,
        "held": row.held,
        "treated_url": people_url(result, of=code, arm=TREATED),
        "held_url": people_url(result, of=code, arm=HELD),
    }


def _money(result: CampaignResult) -> dict[str, Any]:
    """Revenue a person as a row of its own, as its axis is money."""
    revenue = result.revenue
    difference, extra = revenue.difference.times(0.01), revenue.extra.times(0.01)
    if not isfinite(difference.low):
        return {"money": [], "roi": None}
    row = {
        "label": _("人均收入"),
        "note": _("共约 %(fen)s") % {"fen": _yuan(extra.point * 100)} if extra.is_clear else "",
        "with_value": yuan(round(revenue.treated.mean)),
        "without_value": yuan(round(revenue.held.mean)),
        "low": difference.low,
        "point": difference.point,
        "high": difference.high,
        "point_label": _yuan(difference.point * 100),
        "range_label": _("%(low)s 到 %(high)s")
        % {"low": _yuan(difference.low * 100), "high": _yuan(difference.high * 100)},
        "is_better": difference.point > 0,
    }
    start, stop = drawing.axis([difference.low, difference.high])
    return {"money": [row], "money_start": start, "money_stop": stop, "roi": result.roi}


def _yuan(fen: float) -> str:
    text: str = yuan(round(abs(fen)))
    return f"−{text}" if round(fen) < 0 else f"+{text}"


def _parts(result: CampaignResult) -> list[dict[str, Any]]:
    account = result.account
    refused = account.refused + account.failed + account.cancelled
    parts = [
        {"label": _("已发出"), "value": account.sent, "color": "c1"},
        {"label": _("对照"), "value": account.holdout, "color": "c3"},
        {"label": _("等着发"), "value": account.pending + account.unconfirmed, "color": "c2"},
        {"label": _("没有发"), "value": refused, "color": "c6"},
    ]
    return [part for part in parts if part["value"]]


def _lines(result: CampaignResult) -> list[dict[str, Any]]:
    """Every line of the account: where people went, before and in the end; the sum is all planned."""
    account, before, reactions = result.account, result.campaign.preflight, result.reactions
    reached = _("送达 %(d)s，打开 %(o)s，点击 %(c)s，回复 %(r)s") % {
        "d": f"{reactions['delivered']:,}",
        "o": f"{reactions['opened']:,}",
        "c": f"{reactions['clicked']:,}",
        "r": f"{reactions['replied']:,}",
    }
    held = _("能发的人里随机留出 %(share)s") % {"share": f"{result.campaign.holdout_share:.0%}"}
    lines = [
        _line(result, "sent", _("已发出"), before.get("send", 0), account.sent, note=reached),
        _line(result, "pending", _("等着发"), 0, account.pending),
        _line(result, "unconfirmed", _("未确认"), 0, account.unconfirmed),
        _line(result, "failed", _("没有送到"), 0, account.failed),
        _line(result, "cancelled", _("已取消"), 0, account.cancelled),
        _line(
            result, "holdout", _("对照组，随机抽出不发"), before.get("holdout", 0), account.holdout, note=held
        ),
    ]
    kept = [line for line in lines if line["code"] in {"sent", "holdout"} or line["now"]]
    longest = max((line.now for line in result.reasons), default=0)
    for reason in result.reasons:
        line = _line(result, reason.code, reason.label, reason.before, reason.now)
        kept.append({**line, "share": reason.now * 100 / longest if longest else 0})
    return kept


def _line(
    result: CampaignResult, code: str, label: str, before: int, now: int, *, note: str = ""
) -> dict[str, Any]:
    url = reverse("outreach:campaign-people", args=[result.campaign.public_id, code])
    change = _signed(now - before, 0) if now != before else "–"
    return {
        "code": code,
        "label": label,
        "note": note,
        "before": before,
        "now": now,
        "change": change,
        "url": url,
        "share": None,
    }


def _funnel(result: CampaignResult) -> list[dict[str, Any]]:
    by_code = {row.outcome.code: row.treated for row in result.outcomes}
    delivered, opened = result.reactions["delivered"], result.reactions["opened"]
    # A channel without receipts reports nobody as reached, though people read it.
    reached = [{"label": _("送达"), "value": delivered}] if delivered >= opened else []
    # Most channels bring no replies back; there the step would only break the funnel.
    replied = result.reactions["replied"]
    answered = [{"label": pgettext("看板", "回复"), "value": replied}] if replied else []
    return [
        {"label": _("已发出"), "value": result.account.sent},
        *reached,
        {"label": pgettext("看板", "打开"), "value": opened},
        {"label": _("点击"), "value": result.reactions["clicked"]},
        *answered,
        {"label": pgettext("看板", "预约"), "value": by_code.get("booked", 0)},
        {"label": pgettext("看板", "到诊"), "value": by_code.get("visited", 0)},
    ]
