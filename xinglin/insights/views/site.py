"""The report of the hospital's own site."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.insights import queries, rules
from xinglin.insights.permissions import Permission
from xinglin.insights.queries.site import PERIODS, Row, SiteReport
from xinglin.ledger.channels import label_of


@require_GET
@access(Permission.VIEW_REPORT)
def site_report(request: StaffRequest) -> HttpResponse:
    text = request.GET.get("days", "")
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 30
    report = queries.site_report(actor=request.actor, days=days, now=timezone.now())
    context = {
        "report": report,
        "periods": PERIODS,
        "sentence": sentence(report),
        "tiles": tiles_of(report),
        "chart": chart_of(report),
        "tables": tables_of(report),
        "funnel": [{"label": str(name), "value": step.visitors} for name, step in steps_of(report)],
        "is_empty": not report.views and not report.before.get("views"),
    }
    return render_page(request, "insights/site_report.html", context)


def sentence(report: SiteReport) -> str:
    """How many people saw how many pages, and how many of them booked."""
    return format_html(
        _(
            "最近 {days} 天，官网被看了 <b>{views}</b> 次，来访 <b>{entries}</b> 次；"
            "网上预约 <b>{bookings}</b> 个。"
        ),
        days=report.days,
        views=f"{report.views:,}",
        entries=f"{report.entries:,}",
        bookings=f"{report.bookings:,}",
    )


def tiles_of(report: SiteReport) -> list[dict[str, Any]]:
    """The four numbers with what they were before."""
    shown = [
        ("views", _("浏览量 PV"), report.views),
        ("visitors", _("访客 UV"), report.visitors),
        ("entries", _("来访"), report.entries),
        ("bookings", _("网上预约"), report.bookings),
    ]
    tiles = []
    for code, label, value in shown:
        earlier = report.before.get(code, 0)
        change = rules.change(value, earlier)
        tiles.append(
            {
                "label": label,
                "value": f"{value:,}",
                "before": f"{earlier:,}",
                "change": "" if change is None else f"{abs(change) * 100:.1f} %",
                "direction": "" if not change else "up" if change > 0 else "down",
                "good": "yes" if (change or 0) >= 0 else "no",
            }
        )
    return tiles


def chart_of(report: SiteReport) -> dict[str, Any]:
    """Both lines over the days, labelled at their ends."""
    end = {
        "type": "line",
        "endLabel": {"show": True, "formatter": "{a}"},
        "labelLayout": {"moveOverlap": "shiftY"},
    }
    return {
        "xAxis": {"type": "category", "data": [f"{day:%m-%d}" for day, _v, _u in report.daily]},
        "yAxis": {"type": "value", "minInterval": 1},
        "tooltip": {"trigger": "axis"},
        "series": [
            {**end, "name": "PV", "data": [views for _day, views, _visitors in report.daily]},
            {**end, "name": "UV", "data": [visitors for _day, _views, visitors in report.daily]},
        ],
    }


def tables_of(report: SiteReport) -> list[dict[str, Any]]:
    """Every breakdown as bars that are a table."""
    devices = {
        "phone": pgettext("看板", "手机"),
        "desktop": _("电脑"),
        "tablet": _("平板"),
        "wechat": _("微信内"),
        "unknown": _("不明"),
    }
    classes = {
        "disclosure": _("信息公开"),
        "science": _("健康科普"),
        "service": _("服务"),
        "ad": _("医疗广告"),
        "notice": _("说明"),
        "unknown": _("不明"),
    }
    return [
        _table(_("来源（来访）"), report.sources, source_name),
        _table(_("设备"), report.devices, lambda key: devices.get(key, key)),
        _table(_("从哪一页进来"), report.landings, page_name),
        _table(_("看得最多的页面"), report.pages, page_name),
        _table(_("页面类别"), report.classes, lambda key: classes.get(key, key)),
    ]


def _table(title: str, rows: list[Row], name: Any) -> dict[str, Any]:
    most = max((row.views for row in rows), default=0)
    shown = [
        {"label": name(row.key), "value": row.views, "visitors": row.visitors, "key": row.key} for row in rows
    ]
    return {"title": title, "rows": shown, "most": most}


def source_name(key: str) -> str:
    """A source in words."""
    if key == "direct":
        return _("直接打开或没有留下来源")
    if key.startswith("channel:"):
        return str(label_of(key.removeprefix("channel:")))
    return key


def page_name(key: str) -> str:
    """A page's address; the first page by its name."""
    return _("首页") if key == "/" else _("填预约信息") if key == "/booking/" else key


def steps_of(report: SiteReport) -> list[tuple[str, Any]]:
    """The funnel's steps with their names."""
    names = (_("看了页面"), _("看了科室或医生"), _("打开预约"), _("约上"))
    return list(zip(names, report.funnel, strict=True))
