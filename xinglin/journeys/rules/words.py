"""A node in words, as the canvas, the list and one person's path say it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from xinglin.journeys.rules.graph import Graph, Node
from xinglin.journeys.rules.props import Condition, Send, Span, Split, Tag, Task, Trigger, Wait

# Kind → its name and icon, in the order of the palette.
KIND_WORDS: dict[str, tuple[Any, str]] = {
    "trigger": (pgettext_lazy("journey", "入口"), "login-2"),
    "wait": (gettext_lazy("等待"), "hourglass"),
    "condition": (pgettext_lazy("journey", "条件"), "git-fork"),
    "split": (gettext_lazy("分流"), "arrows-split"),
    "send": (gettext_lazy("发消息"), "send"),
    "task": (gettext_lazy("派任务"), "clipboard-check"),
    "tag": (gettext_lazy("打标签"), "tag"),
    "points": (gettext_lazy("给积分"), "coin"),
    "webhook": (gettext_lazy("通知外部系统"), "plug-connected"),
    "goal": (gettext_lazy("目标"), "target"),
    "exit": (pgettext_lazy("journey", "结束"), "logout"),
}
PORT_WORDS = {
    "next": gettext_lazy("下一步"),
    "yes": pgettext_lazy("journey", "满足"),
    "no": pgettext_lazy("journey", "不满足"),
    "timeout": gettext_lazy("没等到"),
    "a": "A",
    "b": "B",
    "c": "C",
    "holdout": gettext_lazy("对照组"),
}
OCCURRENCE_WORDS = {
    "booking": gettext_lazy("每个预约一次"), "touch": gettext_lazy("每发生一次"),
    "once": gettext_lazy("每人一次"),
}  # fmt: skip
FIELD_WORDS = {
    "birthday": pgettext_lazy("旅程", "生日"), "next_visit": gettext_lazy("下次就诊"),
    "vaccine_due": gettext_lazy("疫苗或儿保到期"), "visit_end": pgettext_lazy("旅程", "就诊结束"),
}  # fmt: skip
EVERY_WORDS = {
    "day": gettext_lazy("每天"), "week": gettext_lazy("每周"), "month": gettext_lazy("每月"),
}  # fmt: skip
WEEKDAY_WORDS = {
    1: gettext_lazy("周一"), 2: gettext_lazy("周二"), 3: gettext_lazy("周三"), 4: gettext_lazy("周四"),
    5: gettext_lazy("周五"), 6: gettext_lazy("周六"), 7: gettext_lazy("周日"),
}  # fmt: skip
WHAT_WORDS = {
    "call": gettext_lazy("打电话"), "visit": gettext_lazy("上门"), "other": gettext_lazy("其他"),
}  # fmt: skip
LANE_WORDS = {"service": gettext_lazy("服务"), "marketing": gettext_lazy("营销")}


@dataclass(frozen=True, slots=True)
class Names:
    """What codes and ids are called; ``question`` says a condition as a sentence ("" where it cannot),
    ``where`` what narrows a kind of touch.
    """

    touches: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    audiences: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    assignees: Mapping[str, str] = field(default_factory=dict)
    question: Callable[[dict[str, Any]], str] = lambda tree: ""
    where: Callable[[str, dict[str, Any]], list[str]] = lambda kind, where: []

    def touch(self, code: str | None) -> str:
        return self.touches.get(code or "", code or "…")


@dataclass(frozen=True, slots=True)
class Said:
    """A node's title and the line below it."""

    title: str
    note: str = ""


def kind_label(kind: str) -> str:
    return str(KIND_WORDS[kind][0])


def port_label(port: str, kind: str = "") -> str:
    """A way out in words; a wait that goes on has got what it waited for."""
    return _("等到了") if (port, kind) == ("next", "wait") else str(PORT_WORDS.get(port, port))


def say(node: Node, names: Names) -> Said:
    """The node in the active language; its own label, where it has one, is the title."""
    said = _SAYERS.get(node.kind, _plain)(node.props, names)
    said = said if said.title else Said(kind_label(node.kind), said.note)
    own = getattr(node.props, "label", "")
    return Said(own, " · ".join(part for part in (said.title, said.note) if part)) if own else said


def say_all(graph: Graph, names: Names) -> dict[str, Said]:
    return {node.id: say(node, names) for node in graph.nodes.values()}


def span(value: Span) -> str:
    """``3 天 2 小时``."""
    parts = [
        ngettext("%(n)s 天", "%(n)s 天", value.days) % {"n": value.days} if value.days else "",
        ngettext("%(n)s 小时", "%(n)s 小时", value.hours) % {"n": value.hours} if value.hours else "",
        ngettext("%(n)s 分钟", "%(n)s 分钟", value.minutes) % {"n": value.minutes} if value.minutes else "",
    ]
    return " ".join(part for part in parts if part) or "…"


def _plain(props: Any, names: Names) -> Said:
    return Said("")


def _trigger(props: Trigger, names: Names) -> Said:
    audience = names.audiences.get(str(props.audience), "…")
    if props.on == "touch":
        where = names.where(props.kind, props.where)
        occurrence = str(OCCURRENCE_WORDS[props.occurrence])
        return Said(names.touch(props.kind) if props.kind else "", " · ".join([*where, occurrence]))
    if props.on == "audience":
        how = _("每次进入一次") if props.is_each_entry else str(OCCURRENCE_WORDS["once"])
        return Said(_("进入人群「%(name)s」") % {"name": audience}, how)
    if props.on == "schedule":
        when = f"{_turn(props)} {props.at}"
        return Said(when, _("人群「%(name)s」") % {"name": audience})
    what = str(FIELD_WORDS.get(props.field or "", "…"))
    return Said(_day(what, props.offset_days), props.at)


def _turn(props: Trigger) -> str:
    if props.every == "week":
        return _("每%(day)s") % {"day": WEEKDAY_WORDS[props.number]}
    if props.every == "month":
        return _("每月 %(day)s 日") % {"day": props.number}
    return str(EVERY_WORDS["day"])


def _day(what: str, offset: int) -> str:
    if not offset:
        return _("%(what)s当天") % {"what": what}
    days = abs(offset)
    if offset < 0:
        return ngettext("%(what)s前 %(n)s 天", "%(what)s前 %(n)s 天", days) % {"what": what, "n": days}
    return ngettext("%(what)s后 %(n)s 天", "%(what)s后 %(n)s 天", days) % {"what": what, "n": days}


def _wait(props: Wait, names: Names) -> Said:
    if props.way == "for" and props.for_:
        return Said(_("等 %(span)s") % {"span": span(props.for_)})
    if props.way == "time":
        return Said(_("等到 %(clock)s") % {"clock": props.until_time})
    if props.way == "touch":
        what = _("等「%(touch)s」") % {"touch": names.touch(props.until_touch)}
        at_most = _("最多 %(span)s") % {"span": span(props.timeout)} if props.timeout else _("不限时间")
        same = [_("同一个预约")] if props.same == "booking" else []
        where = names.where(props.until_touch or "", props.where)
        return Said(what, " · ".join([*where, *same, at_most]))
    if props.way == "field":
        hours = abs(props.offset_hours)
        if not hours:
            return Said(_("等到就诊开始"))
        before = ngettext("就诊前 %(n)s 小时", "就诊前 %(n)s 小时", hours)
        after = ngettext("就诊后 %(n)s 小时", "就诊后 %(n)s 小时", hours)
        return Said((before if props.offset_hours < 0 else after) % {"n": hours})
    return Said("")


def _condition(props: Condition, names: Names) -> Said:
    audience = props.question.get("in_audience")
    if audience and len(props.question) == 1:
        return Said(_("在人群「%(name)s」里吗") % {"name": audience})
    return Said("", names.question(props.question) if props.question else "")


def _split(props: Split, names: Names) -> Said:
    return Said("", " · ".join(f"{port_label(port)} {share:g} %" for port, share in props.shares.items()))


def _send(props: Send, names: Names) -> Said:
    name = names.templates.get(str(props.template), "") if props.template else ""
    channels = " → ".join(names.channels.get(code, code) for code in props.channels)
    own = [_("常用渠道优先")] if props.by_best_channel and len(props.channels) > 1 else []
    hour = [_("各人的最佳钟点")] if props.at_best_hour else []
    note = " · ".join(part for part in (channels, *own, *hour, str(LANE_WORDS[props.lane])) if part)
    return Said(_("发「%(name)s」") % {"name": name} if name else "", note)


def _task(props: Task, names: Names) -> Said:
    to = [_("交给%(who)s") % {"who": names.assignees.get(props.to, props.to)}] if props.to else []
    what = _("派任务：%(what)s") % {"what": WHAT_WORDS[props.what]}
    return Said(what, " · ".join(part for part in (props.text, *to) if part))


def _tag(props: Tag, names: Names) -> Said:
    if not props.tag:
        return Said("")
    return Said((_("去掉标签「%(tag)s」") if props.remove else _("打标签「%(tag)s」")) % {"tag": props.tag})


def _points(props: Any, names: Names) -> Said:
    return Said(_("给 %(n)s 积分") % {"n": props.points} if props.points else "", props.reason)


def _webhook(props: Any, names: Names) -> Said:
    return Said("", urlsplit(props.url).hostname or "" if props.url else "")


def _goal(props: Any, names: Names) -> Said:
    return Said(_("目标：%(goal)s") % {"goal": props.goal} if props.goal else "")


def _exit(props: Any, names: Names) -> Said:
    return Said("", props.reason)


_SAYERS: dict[str, Callable[[Any, Names], Said]] = {
    "trigger": _trigger, "wait": _wait, "condition": _condition, "split": _split, "send": _send,
    "task": _task, "tag": _tag, "points": _points, "webhook": _webhook, "goal": _goal, "exit": _exit,
}  # fmt: skip
