"""A question read aloud, in the language that is active: "25–45 岁女性，最近 180 天在产科就诊过……"."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from xinglin.audiences.rules.tree import (
    All,
    Amount,
    Any_,
    Attr,
    Consented,
    Did,
    InAudience,
    Listed,
    Node,
    Not,
    Range,
    Scored,
    Spent,
    Tagged,
    Times,
    Touched,
)
from xinglin.audiences.rules.vocabulary import (
    ATTRIBUTES,
    CHANNELS,
    PURPOSES,
    SEXES,
    TOUCH_COLUMNS,
    Kinds,
    Shape,
)
from xinglin.core.money import yuan


class Reader:
    """Reads questions; ``labels`` names what codes stand for, ``kinds`` what was declared."""

    def __init__(self, *, kinds: Kinds | None = None, labels: Mapping[tuple[str, str], str] | None = None):
        self.kinds, self.labels = kinds or {}, labels or {}

    def read(self, node: Node) -> str:
        """The whole question as one sentence, without a full stop."""
        text = self._sentence(node)
        return text[:1].upper() + text[1:]

    def _sentence(self, node: Node) -> str:
        if not isinstance(node, All):
            return self.exclusion(node.not_) if isinstance(node, Not) else self.phrase(node)
        opening, rest = self._opening(list(node.all))
        kept = [n for n in rest if not self._excludes(n)]
        out = [n.not_ for n in rest if isinstance(n, Not) and self._excludes(n)]
        parts = [*([opening] if opening else []), *(self.phrase(n) for n in kept)]
        text = _("，").join(parts) or _("所有人")
        excluded = [self.phrase(p) for n in out for p in (n.any if isinstance(n, Any_) else [n])]
        if excluded:
            return _("%(text)s；不含%(excluded)s") % {"text": text, "excluded": _("、").join(excluded)}
        return text

    def exclusion(self, inner: Node) -> str:
        if plain := self._refused(inner):
            return plain
        parts = inner.any if isinstance(inner, Any_) else [inner]
        excluded = _("、").join(self.phrase(p) for p in parts)
        return _("%(text)s；不含%(excluded)s") % {"text": _("所有人"), "excluded": excluded}

    def _excludes(self, node: Node) -> bool:
        return isinstance(node, Not) and not self._refused(node.not_)

    def _opening(self, parts: list[Node]) -> tuple[str, list[Node]]:
        """Age and sex run together at the start: "25–45 岁女性"."""
        ages = [p for p in parts if isinstance(p, Attr) and p.attr == "age" and p.operator != "known"]
        sexes = [p for p in parts if isinstance(p, Attr) and p.attr == "sex" and p.operator == "is"]
        if len(ages) != 1 or len(sexes) != 1:
            return "", parts
        words = {"age": self.phrase(ages[0]), "sex": self.phrase(sexes[0])}
        return _("%(age)s%(sex)s") % words, [p for p in parts if p is not ages[0] and p is not sexes[0]]

    def phrase(self, node: Node) -> str:
        """One piece, short enough to stand in a list."""
        if isinstance(node, All | Any_):
            return self._group(node)
        if isinstance(node, Not):
            return self._refused(node.not_) or _("不是：%(inner)s") % {"inner": self.phrase(node.not_)}
        if isinstance(node, Attr):
            return self._attr(node)
        if isinstance(node, Did):
            return self._did(node)
        if isinstance(node, Spent):
            return self._spent(node.spent)
        if isinstance(node, Consented):
            words = {"channel": CHANNELS[node.consent.channel], "purpose": PURPOSES[node.consent.purpose]}
            return _("同意%(channel)s%(purpose)s") % words
        if isinstance(node, Tagged):
            return _("有标签「%(tag)s」") % {"tag": node.tag}
        if isinstance(node, InAudience):
            return _("在人群「%(name)s」里") % {"name": node.in_audience}
        if isinstance(node, Listed):
            return _("在导入的名单上")
        return self._score(node)

    def _group(self, node: All | Any_) -> str:
        parts = node.all if isinstance(node, All) else node.any
        if not parts:
            return _("所有人") if isinstance(node, All) else pgettext("人群条件", "没有人")
        joiner = _(" 且 ") if isinstance(node, All) else _("或")
        read = [
            _("（%(inner)s）") % {"inner": self.phrase(p)} if isinstance(p, All | Any_) else self.phrase(p)
            for p in parts
        ]
        return joiner.join(read)

    def _refused(self, node: Node) -> str:
        """A negation that has a natural wording; empty when there is none."""
        if isinstance(node, Did) and node.since is None and node.times.least == 1 and node.times.most is None:
            return self._did(node.model_copy(update={"times": Times(eq=0)}))
        if isinstance(node, Consented):
            words = {"channel": CHANNELS[node.consent.channel], "purpose": PURPOSES[node.consent.purpose]}
            return _("没有同意%(channel)s%(purpose)s") % words
        return ""

    # attributes ------------------------------------------------------------------------------------

    def _attr(self, node: Attr) -> str:
        attribute, value = ATTRIBUTES[node.attr], node.value
        special: dict[str, Callable[[Attr], str]] = {
            "age": _age, "birthday": _birthday, "created": _created, "responsible": self._responsible,
        }  # fmt: skip
        if node.attr == "deceased":
            return pgettext("人群条件", "已去世") if value else pgettext("人群条件", "在世")
        if node.operator == "known":
            words = {"label": attribute.label}
            return _("%(label)s已知") % words if value else _("%(label)s未知") % words
        if node.attr in special:
            return special[node.attr](node)
        listed = either(
            [str(SEXES.get(v, v)) if attribute.shape is Shape.CHOICE else str(v) for v in listed_(value)]
        )
        if attribute.shape is Shape.CHOICE:
            return listed
        if attribute.shape is Shape.MANY:
            return _("有%(list)s") % {"list": listed}
        words = {"label": str(attribute.label), "value": listed}
        return (
            _("%(label)s含「%(value)s」") % words
            if node.operator == "contains"
            else _("%(label)s是%(value)s") % words
        )

    def _responsible(self, node: Attr) -> str:
        names = [self.labels.get(("staff", str(v)), str(v)) for v in listed_(node.value)]
        return _("由%(names)s负责") % {"names": either(names)}

    # what was done ---------------------------------------------------------------------------------

    def _did(self, node: Did) -> str:
        if node.since is not None:
            words = {
                "anchor": self._touched(node.since, Times(gte=1)),
                "then": self._touched(node, node.times),
            }
            return _("%(anchor)s，此后%(then)s") % words
        return self._touched(node, node.times)

    def _touched(self, piece: Touched, times: Times) -> str:
        words: dict[str, Any] = {
            "window": window(piece.within_days, piece.between),
            "place": self._where(piece.where),
            "verb": verb(piece.did, self.kinds),
        }
        if times.most == 0:
            return _("%(window)s%(place)s没有%(verb)s") % words
        if times.least == 1 and times.most is None:
            return _("%(window)s%(place)s%(verb)s过") % words
        return _("%(window)s%(place)s%(verb)s%(times)s") % {**words, "times": how_often(times)}

    def _where(self, where: Mapping[str, Any]) -> str:
        text = ""
        rest = []
        for name, value in where.items():
            shown = self._value(name, value)
            if name == "department":
                text = _("在%(department)s") % {"department": shown}
            else:
                label = TOUCH_COLUMNS.get(name, name)
                rest.append(_("%(label)s %(value)s") % {"label": label, "value": shown})
        return text + (_("（%(rest)s）") % {"rest": _("，").join(rest)} if rest else "")

    def _value(self, name: str, value: Any) -> str:
        if isinstance(value, Range):
            show: Callable[[int], Any] = yuan if name == "amount_fen" else int
            return span(*(show(v) if v is not None else None for v in (value.gte, value.lte)))
        return either([self.labels.get((name, str(v)), str(v)) for v in listed_(value)])

    def _spent(self, amount: Amount) -> str:
        place = self._where({"department": amount.department}) if amount.department else ""
        low, high = (yuan(v) if v is not None else None for v in (amount.gte_fen, amount.lte_fen))
        words = {
            "window": window(amount.within_days, amount.between),
            "place": place,
            "span": span(low, high),
        }
        return _("%(window)s%(place)s消费%(span)s") % words

    def _score(self, node: Scored) -> str:
        low, high = (None if value is None else f"{value:g}" for value in (node.gte, node.lte))
        label = self.labels.get(("score", node.score), node.score)
        return _("评分「%(score)s」%(span)s") % {"score": label, "span": span(low, high)}


def _age(node: Attr) -> str:
    value = node.value
    if node.operator == "between":
        return _("%(low)s–%(high)s 岁") % {"low": value[0], "high": value[1]}
    texts = {"gte": _("%(n)s 岁及以上"), "lte": _("%(n)s 岁及以下"), "is": _("%(n)s 岁")}
    return texts[node.operator] % {"n": value}


def _birthday(node: Attr) -> str:
    if node.value == 0:
        return _("今天过生日")
    return ngettext("%(n)s 天内过生日", "%(n)s 天内过生日", node.value) % {"n": node.value}


def _created(node: Attr) -> str:
    value = node.value
    if node.operator == "within_days":
        return _("%(window)s建档") % {"window": window(value, None)}
    if node.operator == "between":
        return _("%(low)s 到 %(high)s 建档") % {"low": value[0], "high": value[1]}
    return (_("%(day)s 起建档") if node.operator == "gte" else _("%(day)s 及以前建档")) % {"day": value}


def listed_(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def either(texts: list[str]) -> str:
    return _("或").join(texts)


def span(low: Any, high: Any) -> str:
    """At least, at most, or from–to."""
    if low is not None and high is not None:
        return _("%(low)s 到 %(high)s") % {"low": low, "high": high}
    if high is None:
        return _("至少 %(low)s") % {"low": low}
    return _("至多 %(high)s") % {"high": high}


def how_often(times: Times) -> str:
    least, most = times.least, times.most
    if most is None:
        return _("至少 %(n)s 次") % {"n": least}
    if least == most:
        return _("正好 %(n)s 次") % {"n": least}
    if least == 0:
        return _("至多 %(n)s 次") % {"n": most}
    return _("%(low)s 到 %(high)s 次") % {"low": least, "high": most}


def window(within_days: int | None, between: Any) -> str:
    if within_days == 0:
        return pgettext("人群条件", "今天")
    if within_days is not None:
        return ngettext("最近 %(n)s 天", "最近 %(n)s 天", within_days) % {"n": within_days}
    if between is not None:
        return _("%(low)s 到 %(high)s 期间") % {"low": between[0], "high": between[1]}
    return ""


def verb(kind: str, kinds: Kinds) -> str:
    """What a kind is called in a sentence: English translations are past participles ("booked …")."""
    known = {
        "appointment.booked": pgettext("did", "预约"),
        "appointment.cancelled": pgettext("did", "取消预约"),
        "appointment.kept": pgettext("did", "到诊"),
        "appointment.missed": pgettext("did", "失约"),
        "visit.started": pgettext("did", "开始就诊"),
        "visit.ended": pgettext("did", "就诊"),
        "bill.settled": pgettext("did", "缴费"),
        "bill.refunded": pgettext("did", "退费"),
        "page.viewed": pgettext("did", "看网页"),
        "link.clicked": pgettext("did", "点链接"),
        "lead.captured": pgettext("did", "留资"),
        "message.accepted": pgettext("did", "被发消息"),
        "message.delivered": pgettext("did", "收到消息"),
        "message.failed": pgettext("did", "消息发送失败"),
        "message.opened": pgettext("did", "打开消息"),
        "message.clicked": pgettext("did", "点消息里的链接"),
        "message.replied": pgettext("did", "回复消息"),
        "message.refused": pgettext("did", "被门禁拦下消息"),
        "consent.given": pgettext("did", "给出同意"),
        "consent.withdrawn": pgettext("did", "撤回同意"),
        "patient.registered": pgettext("did", "建档"),
        "audience.entered": pgettext("did", "进入人群"),
        "audience.left": pgettext("did", "离开人群"),
    }
    if kind in known:
        return known[kind]
    label = kinds[kind].label if kind in kinds else kind
    return pgettext("did", "有「%(label)s」") % {"label": label}
