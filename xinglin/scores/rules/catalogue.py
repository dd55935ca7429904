"""The scores there are: what each number means, in which unit, and what it is judged against."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Unit(StrEnum):
    """What a score's number is."""

    SHARE = "share"  # in [0, 1]
    YUAN = "yuan"
    POINTS = "points"
    HOUR = "hour"  # of the local day, 0 to 23
    CHANNEL = "channel"  # the share of the channel that stands in the label


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreKind:
    """One score; ``is_model`` when it foretells something and therefore has to prove itself."""

    name: str
    label: str | Promise
    unit: Unit
    purpose: str | Promise
    method: str | Promise
    baseline: str | Promise
    people: str | Promise
    source: str
    icon: str
    is_model: bool = True


KINDS: Mapping[str, ScoreKind] = {
    kind.name: kind
    for kind in (
        ScoreKind(
            name="rfm",
            label=_("RFM 分层"),
            unit=Unit.POINTS,
            purpose=_("按多久没来、来得多不多、花了多少，把人分成八类，3 到 15 分。"),
            method=_("三项各按本院患者分五档；4 档和 5 档算高。只描述过去，不预测。"),
            baseline="",
            people=_("三年内来过的人"),
            source="Hughes (1994), Strategic Database Marketing",
            icon="layout-grid",
            is_model=False,
        ),
        ScoreKind(
            name="lifetime_value",
            label=_("未来一年价值"),
            unit=Unit.YUAN,
            purpose=_("预计今后一年会来几次、每次花多少，相乘得到元。用来安排服务力度，不用来区别诊疗。"),
            method=_("BG/NBD 预计次数，Gamma-Gamma 预计每次金额；少来的人向全院平均靠拢。"),
            baseline=_("每个人过去的频率照旧，或者人人取平均，两者中较准的一个"),
            people=_("来过的人"),
            source="Fader, Hardie, Lee (2005), Marketing Science 24; Fader, Hardie (2013), note 025",
            icon="coin",
        ),
        ScoreKind(
            name="churn_risk",
            label=_("流失风险"),
            unit=Unit.SHARE,
            purpose=_("一年内来过的人，今后几个月不再来的可能性。用来决定先回访谁。"),
            method=_("梯度提升树，看多久没来、来过几次、最近的频率、失约、花费、年龄和性别。"),
            baseline=_("只看多久没来"),
            people=_("一年内来过的人"),
            source="LightGBM: Ke et al. (2017), NIPS 30",
            icon="trending-down",
        ),
        ScoreKind(
            name="no_show_risk",
            label=_("失约风险"),
            unit=Unit.SHARE,
            purpose=_("下一次预约不来的可能性。用来决定给谁多提醒一次，不用来拒绝预约。"),
            method=_("梯度提升树，只用预约时已经知道的：提前几天、年龄、性别、星期几、以前的到诊和失约。"),
            baseline=_("只看提前几天预约"),
            people=_("有预约还没到日子的人"),
            source="LightGBM: Ke et al. (2017), NIPS 30",
            icon="calendar-off",
        ),
        ScoreKind(
            name="best_hour",
            label=_("最佳时段"),
            unit=Unit.HOUR,
            purpose=_("这个人一天里最常回应的钟点。用来安排服务消息，免打扰时段照样不发。"),
            method=_("每个人自己的记录，少的时候向全院的分布靠拢（狄利克雷—多项分布）。"),
            baseline=_("人人用全院的分布"),
            people=_("一年内有回应记录的人"),
            source="Minka (2000), Estimating a Dirichlet distribution",
            icon="clock",
        ),
        ScoreKind(
            name="best_channel",
            label=_("最佳渠道"),
            unit=Unit.CHANNEL,
            purpose=_("这个人最常回应的联系渠道和所占的份额。没有同意的渠道照样不发。"),
            method=_("每个人自己的记录，少的时候向全院的分布靠拢（狄利克雷—多项分布）。"),
            baseline=_("人人用全院的分布"),
            people=_("一年内有回应记录的人"),
            source="Minka (2000), Estimating a Dirichlet distribution",
            icon="message-2",
        ),
    )
}
CHANNELS = ("sms", "wechat", "wecom", "email", "phone", "miniapp", "inapp", "letter")
