"""Scores in words: a number in its unit, what moved it, what a card says."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from xinglin.core.money import yuan
from xinglin.ledger.channels import label_of
from xinglin.scores.models import Score, ScoreModel
from xinglin.scores.rules import rfm
from xinglin.scores.rules.catalogue import KINDS, Unit


def percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def value_of(score: Score) -> str:
    """The number as people read it: ``72.0 %``, ``¥1,234.00``, ``20:00``."""
    kind = KINDS[score.name]
    if kind.unit is Unit.YUAN:
        return yuan(round(score.value * 100))
    if kind.unit is Unit.HOUR:
        return f"{int(score.value)}:00–{int(score.value) + 1}:00"
    if kind.unit is Unit.CHANNEL:
        return f"{label_of(score.label)} {percent(score.value)}"
    if kind.unit is Unit.POINTS:
        label = rfm.LABELS.get(score.label, score.label)
        return f"{label} {score.value:g}"
    return percent(score.value)


def reasons_of(score: Score) -> list[str]:
    """What moved the number, strongest first; an arrow where it pushed up or down."""
    return [reason(part) for part in score.why]


def reason(part: Sequence[Any]) -> str:
    """One reason in words: [code, value] or [code, value, push]."""
    code, value = part[0], part[1]
    arrow = "" if len(part) < 3 or not part[2] else " ↑" if part[2] > 0 else " ↓"
    if value is None:
        return _("%(what)s未知") % {"what": names().get(code, code)} + arrow
    if code == "is_female":
        return (pgettext("评分", "女性") if value else pgettext("评分", "男性")) + arrow
    if code == "weekday":
        return weekdays()[int(value) % 7] + arrow
    number = (
        yuan(int(value)) if code == "spent_fen" else f"{value:g}" if isinstance(value, int | float) else value
    )
    if code == "amount":
        number = yuan(round(value * 100))
    if code in ("share", "alive"):
        number = percent(value)
    return f"{names().get(code, code)} {number}{arrow}"


def names() -> dict[str, str]:
    """What codes of reasons mean."""
    return {
        "recency": _("近度（1–5）"),
        "frequency": _("频度（1–5）"),
        "money": _("金额（1–5）"),
        "visits_ahead": _("预计来访次数"),
        "amount": _("预计每次金额"),
        "alive": _("还会再来的可能"),
        "lead_days": _("提前预约天数"),
        "age": pgettext("评分", "年龄"),
        "is_female": pgettext("评分", "性别"),
        "weekday": _("星期几"),
        "earlier": _("以前的预约"),
        "earlier_missed": _("以前的失约"),
        "next_day": pgettext("评分", "下次预约"),
        "recency_days": _("距上次来访天数"),
        "visits": _("来访天数"),
        "known_days": _("距首次来访天数"),
        "visits_recent": _("近 180 天来访"),
        "missed": _("失约次数"),
        "spent_fen": _("累计净消费"),
        "seen": _("回应次数"),
        "share": pgettext("评分", "占比"),
    }


def weekdays() -> list[str]:
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]


def states() -> dict[str, tuple[str, str]]:
    """A card's state: tone of its badge, and words."""
    return {
        "none": ("draft", _("还没有拟合")),
        "shown": ("done", _("在用")),
        "no-gain": ("off", _("没有增益，不显示")),
        "too-few": ("wait", _("数据不够，不显示")),
    }


def verdict(card: ScoreModel | None, label: object) -> str:
    """One sentence on whether the score may be relied on."""
    if card is None:
        return _("「%(label)s」还没有拟合过。") % {"label": label}
    if not KINDS[card.name].is_model:
        return _("描述过去，不预测，所以没有要证明的。")
    if card.reason == "too-few":
        return _("记录还太少，拟合不出可以检验的模型；攒够了会自动再试，在那之前不显示、也不能用来圈人。")
    gain = card.figures.get("gain", [0, 0, 0])
    words = {"low": _figure(card, gain[1]), "high": _figure(card, gain[2])}
    if card.reason:
        return (
            _("在没见过的数据上没有比简单做法更准（增益 %(low)s 到 %(high)s），所以不显示、也不能用来圈人。")
            % words
        )
    return _("在没见过的数据上比简单做法更准（增益 %(low)s 到 %(high)s），可以用。") % words


def _figure(card: ScoreModel, value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def figures_of(card: ScoreModel) -> list[tuple[str, str, str]]:
    """Rows of the card: what, the model's figure, the baseline's."""
    names_, rows = figure_names(), []
    for code, label in names_.items():
        if code in card.figures:
            rows.append((label, _plain(code, card.figures[code]), _plain(code, card.baseline.get(code))))
    return rows


def figure_names() -> dict[str, str]:
    return {
        "auc": _("排序能力 AUC（0.5 是随机）"),
        "brier": _("概率误差 Brier（越小越好）"),
        "calibration_error": _("校准误差（预计与实际平均相差）"),
        "share": _("实际发生的比例"),
        "rmse": _("次数误差 RMSE（越小越好）"),
        "mae": _("次数平均误差（越小越好）"),
        "predicted_total": _("预计的总次数"),
        "actual_total": _("实际的总次数"),
        "top_decile_share": _("前一成的人占实际次数"),
        "log_score": _("对数得分（越大越好）"),
        "hit_share": _("猜中的比例"),
    }


def _plain(code: str, value: Any) -> str:
    if value is None:
        return "–"
    if code in ("share", "top_decile_share", "hit_share", "calibration_error"):
        return percent(value)
    return f"{value:,.0f}" if code.endswith("_total") else f"{value:.4f}"


def chart_of(card: ScoreModel) -> dict[str, Any]:
    """The calibration plot: predicted along, observed up, and the line on which both agree."""
    bins = card.calibration
    top = max([0.01, *(max(each["predicted"], each["observed"]) for each in bins)]) * 1.05
    unit = 1 if card.name == "lifetime_value" else 100
    line = [[0, 0], [round(top * unit, 3), round(top * unit, 3)]]
    points = [[round(each["predicted"] * unit, 3), round(each["observed"] * unit, 3)] for each in bins]
    axis = {"type": "value", "min": 0, "max": round(top * unit, 2), "nameLocation": "middle"}
    return {
        "tooltip": {"trigger": "item"},
        "grid": {"left": 48, "right": 24, "top": 24, "bottom": 44, "containLabel": False},
        "xAxis": {**axis, "name": _("预计"), "nameGap": 26},
        "yAxis": {**axis, "name": pgettext("评分", "实际"), "nameGap": 34},
        "series": [
            {"type": "line", "name": _("完全一致"), "data": line, "symbol": "none", "silent": True,
             "lineStyle": {"type": "dashed", "color": "--ink-3", "width": 1}},
            {"type": "line", "name": _("按预计分组"), "data": points, "symbol": "circle", "symbolSize": 7,
             "color": "--c1"},
        ],
    }  # fmt: skip
