"""Who came because of a campaign, in words and shapes."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xinglin.core.money import yuan
from xinglin.insights import drawing
from xinglin.insights.queries.results import WINDOWS
from xinglin.insights.queries.uplift import Uplift, questions

BEST = 30  # per cent


def uplift_context(found: Uplift) -> dict[str, Any]:
    """The sentence; with an answer also curve, fifths and profile."""
    context: dict[str, Any] = {
        "sentence": sentence(found),
        "state": found.state,
        "outcomes": questions(),
        "windows": WINDOWS,
    }
    if found.kept is None or not found.kept.report:
        return context
    report = found.kept.report
    rows = [_fifth(number, each) for number, each in enumerate(report["groups"], 1)]
    start, stop = drawing.axis([value for row in rows for value in (row["low"], row["high"])])
    return {
        **context,
        "report": report,
        "fifths": rows,
        "start": start,
        "stop": stop,
        "chart": chart_of(report),
        "curve": [(a * 100, b * 100, c * 100, d * 100) for a, b, c, d in report["curve"][4::5]],
        "profile": _profile(report),
        "figures": _figures(report),
    }


def sentence(found: Uplift) -> str:
    """What may be said, and no more than that."""
    if found.obstacle == "not-started":
        return _("还没有发出，发出并且观察期满后才能看谁因它而来。")
    if found.obstacle == "no-holdout":
        return _("没有留对照组，分不清谁是因为它才来的、谁本来就会来。下次群发留出一成对照组就能算。")
    if found.obstacle == "too-early":
        return _("观察的 %(n)s 天还没有满，满了才能算。") % {"n": found.days}
    if found.state == "none":
        return _("还没有算过：谁是因为这次群发才来的，谁本来就会来。")
    if found.state == "too-few":
        return _("人太少，算不出来：至少要 1,000 人、对照组 100 人、其中 50 人有了结果。")
    assert found.kept is not None
    report = found.kept.report
    low, high = report["mean_lift_interval"]
    words = {"point": _points(report["mean_lift"]), "low": _points(low), "high": _points(high)}
    if found.state == "shown":
        return format_html(
            _(
                "排在前 {best} % 的人因为收到而多来了 <b>{top}</b> 个百分点，"
                "全体平均 <b>{point}</b>：下次先发给这样的人。"
            ),
            best=BEST, top=_points(report["best_lift"]), **words,
        )  # fmt: skip
    if low > 0:
        return format_html(
            _("平均有效，多来 <b>{point}</b> 个百分点（{low} 到 {high}），但看不出对谁更有效：不必挑人。"),
            **words,
        )
    return format_html(
        _("看不出有人因为它而来：平均相差 <b>{point}</b> 个百分点（{low} 到 {high}），也看不出对谁更有效。"),
        **words,
    )


def _points(share: float) -> str:
    return f"{share * 100:+.2f}".replace("-", "−")


def _fifth(number: int, group: dict[str, float]) -> dict[str, Any]:
    return {
        "label": [_("最该发的五分之一"), _("第二"), _("第三"), _("第四"), _("最不必发的五分之一")][
            number - 1
        ],
        "note": ngettext("%(n)s 人", "%(n)s 人", int(group["rows"])) % {"n": f"{group['rows']:,}"},
        "with_value": f"{group['treated'] * 100:.2f} %",
        "without_value": f"{group['held'] * 100:.2f} %",
        "low": group["low"] * 100,
        "point": group["lift"] * 100,
        "high": group["high"] * 100,
        "point_label": _points(group["lift"]),
        "range_label": _("%(low)s 到 %(high)s")
        % {"low": _points(group["low"]), "high": _points(group["high"])},
        "is_better": group["lift"] > 0,
        "verdict": _("因它而来") if group["lift"] > 0 else _("反而少来"),
    }


def _figures(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Rows: what, the figure, its interval."""
    low, high = report["qini_interval"]
    least, most = report["mean_lift_interval"]
    return [
        (_("全体平均多来（百分点）"), _points(report["mean_lift"]), f"{_points(least)} – {_points(most)}"),
        (_("前 %(n)s %% 多来（百分点）") % {"n": BEST}, _points(report["best_lift"]), ""),
        (_("Qini 系数（0 是随机）"), f"{report['qini']:+.5f}", f"{low:+.5f} – {high:+.5f}"),
    ]


def _profile(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """How those ranked first differ from the rest, where anything is known of both."""
    names = {
        "age": _("平均年龄"),
        "is_female": _("女性占比"),
        "known_days": _("认识多少天"),
        "visits": _("来访天数"),
        "recency_days": _("距上次来访天数"),
        "missed": _("失约次数"),
        "spent_fen": _("累计净消费"),
        "received": _("以前收到的消息"),
        "seen": _("以前打开或点击"),
    }
    return [
        (names[name], _plain(name, best), _plain(name, rest))
        for name, best, rest in report["profile"]
        if best is not None and rest is not None
    ]


def _plain(name: str, value: float) -> str:
    if name == "is_female":
        return f"{value * 100:.0f} %"
    return yuan(round(value)) if name == "spent_fen" else f"{value:,.1f}"


def chart_of(report: dict[str, Any]) -> dict[str, Any]:
    """The Qini curve with its band, and the straight line of chance; both axes in per cent."""
    rows = [(0.0, 0.0, 0.0, 0.0), *report["curve"]]
    end = rows[-1][1]

    def line(name: str, values: list[list[float]], **more: Any) -> dict[str, Any]:
        return {"type": "line", "name": name, "symbol": "none", "data": values, **more}

    def scaled(pairs: list[tuple[float, float]]) -> list[list[float]]:
        return [[round(x * 100, 2), round(y * 100, 4)] for x, y in pairs]

    hidden: dict[str, Any] = {
        "lineStyle": {"width": 0}, "stack": "band", "stackStrategy": "all", "silent": True,
        "tooltip": {"show": False},
    }  # fmt: skip
    return {
        "tooltip": {"trigger": "axis", "order": "valueDesc"},
        "grid": {"left": 56, "right": 24, "top": 24, "bottom": 48, "containLabel": False},
        "xAxis": {
            "type": "value", "min": 0, "max": 100, "name": _("按排名发给多少人（%）"),
            "nameLocation": "middle", "nameGap": 28,
        },
        "yAxis": {
            "type": "value", "name": _("多来的人（每百个收到的人）"), "nameTextStyle": {"align": "left"},
        },
        "series": [
            line(_("下限"), scaled([(a, c) for a, _b, c, _d in rows]), **hidden),
            line(
                _("区间"), scaled([(a, d - c) for a, _b, c, d in rows]), **hidden,
                areaStyle={"color": "--c1", "opacity": 0.16},
            ),
            line(_("按排名发"), scaled([(a, b) for a, b, _c, _d in rows]), color="--c1"),
            line(
                _("随机发"), scaled([(0, 0), (1, end)]), color="--ink-3",
                lineStyle={"type": "dashed", "width": 1},
            ),
        ],
    }  # fmt: skip
