"""The filters of the list as a person sees them: choices, chips, what the address keeps."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from xinglin.core.actor import Actor
from xinglin.patients import queries
from xinglin.patients.queries.listing import NARROW, suggestions
from xinglin.patients.rules.consents import CHANNELS, PURPOSES


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter with its choices; ``value`` is what is chosen now."""

    name: str
    label: str
    options: list[tuple[str, str]]
    value: str = ""


def filters_from(query: QueryDict | dict[str, str]) -> dict[str, str]:
    """The known filters that the address sets."""
    return {name: str(query.get(name, ""))[:80] for name in NARROW if query.get(name)}


def choices(actor: Actor, chosen: dict[str, str]) -> list[Choice]:
    """Every filter, with the values that occur; four small queries."""
    same = [(word, word) for word in suggestions(actor, "source_channel")]
    places = [(word, word) for word in suggestions(actor, "district")]
    ills = [(word, word) for word in suggestions(actor, "conditions")]
    tags = [(tag.name, tag.name) for tag in queries.list_tags(actor)[:100]]
    consents = [
        (f"{purpose}.{channel}", f"{label}·{name}")
        for purpose, label in PURPOSES[:2]
        for channel, name in CHANNELS[:4]
    ]
    listed: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("sex", _("性别"), [("F", _("女")), ("M", _("男")), ("U", _("未知"))]),
        ("age", _("年龄"), [("0-17", _("18 岁以下")), ("18-39", "18–39"), ("40-59", "40–59"),
        ("60-", _("60 岁以上"))]),
        ("visit", _("最近到诊"), [("<30", _("30 天内")), ("<90", _("90 天内")), (">90", _("90 天以前")),
                                (">180", _("180 天以前")), ("none", _("没来过"))]),
        ("condition", _("慢病"), ills),
        ("tag", _("标签"), tags),
        ("consent", _("同意"), consents),
        ("district", _("区县"), places),
        ("source", _("首次来源"), same),
        ("responsible", _("负责人"), [("me", pgettext("患者", "我")), ("none", _("没有人"))]),
        ("birthday", _("生日"), [("7", _("7 天内")), ("30", _("30 天内"))]),
        ("added", pgettext("日期", "建档"), [("7", _("7 天内")), ("30", _("30 天内"))]),
        ("phone", _("手机"), [("no", _("没有")), ("yes", _("有"))]),
        ("life", _("在世"), [("alive", _("在世")), ("dead", _("已去世"))]),
    ]  # fmt: skip
    return [
        Choice(name, label, _with(options, chosen.get(name, "")), chosen.get(name, ""))
        for name, label, options in listed
        if options or name in chosen
    ]


def _with(options: list[tuple[str, str]], value: str) -> list[tuple[str, str]]:
    """The choices, and the present one if it is none of them."""
    return options if not value or value in dict(options) else [*options, (value, value)]


def chips(shown: list[Choice]) -> list[dict[str, Any]]:
    """One chip for every filter set, apart from the search words."""
    return [
        {"name": one.name, "value": one.value, "label": one.label, "text": dict(one.options)[one.value]}
        for one in shown
        if one.value
    ]
