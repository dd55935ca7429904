"""What one person's verdict rests on, in words: "58 岁", "3 次，最近 2026-08-20"."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from xinglin.audiences.rules.evaluate import Consent, Verdict
from xinglin.audiences.rules.moments import AsOf
from xinglin.audiences.rules.tree import (
    All,
    Any_,
    Attr,
    Consented,
    Did,
    InAudience,
    Listed,
    Not,
    Scored,
    Spent,
    Tagged,
)
from xinglin.core.money import yuan


def evidence(verdict: Verdict, as_of: AsOf) -> str:
    """A short text; empty for a group."""
    node = verdict.node
    if isinstance(node, Did):
        return _did(verdict, as_of)
    if isinstance(node, Spent):
        bills = _("%(n)s 笔账单") % {"n": verdict.count}
        return _("净消费 %(money)s，%(bills)s") % {"money": yuan(verdict.value), "bills": bills}
    if isinstance(node, Consented):
        return _consent(verdict.value, as_of)
    if isinstance(node, Tagged):
        return _("标签：%(tags)s") % {"tags": _("、").join(verdict.value)} if verdict.value else _("没有标签")
    if isinstance(node, Scored):
        return _("没有这个评分") if verdict.value is None else f"{verdict.value:g}"
    if isinstance(node, Attr):
        return _attr(node, verdict.value, as_of)
    if isinstance(node, InAudience):
        return _("在里面") if verdict.holds else _("不在里面")
    if isinstance(node, Listed):
        return _("在名单上") if verdict.holds else _("不在名单上")
    return ""


def _did(verdict: Verdict, as_of: AsOf) -> str:
    node = verdict.node
    assert isinstance(node, Did)
    if node.since is not None and verdict.anchor is None:
        return _("没有起算的那一次")
    start = ""
    if verdict.anchor is not None:
        start = _("从 %(day)s 起算，") % {"day": local_day(verdict.anchor.at, as_of)}
    if not verdict.count:
        return start + pgettext("人群条件", "没有")
    words = {"n": verdict.count, "day": local_day(verdict.touches[-1].at, as_of)}
    return start + _("%(n)s 次，最近 %(day)s") % words


def _consent(latest: Consent | None, as_of: AsOf) -> str:
    if latest is None:
        return _("没有记录")
    words = {"day": local_day(latest.at, as_of)}
    return (_("%(day)s 同意") if latest.status == "given" else _("%(day)s 撤回")) % words


def _attr(node: Attr, value: Any, as_of: AsOf) -> str:
    if value in (None, "", []):
        return _("没有记录")
    if node.attr == "age":
        return _("%(n)s 岁") % {"n": value}
    if node.attr == "sex":
        return {"F": pgettext("人群条件", "女"), "M": pgettext("人群条件", "男")}.get(
            value, pgettext("人群条件", "未知")
        )
    if isinstance(value, datetime):
        return local_day(value, as_of).isoformat()
    if isinstance(value, date):
        return value.strftime("%m-%d") if node.attr == "birthday" else value.isoformat()
    return _("、").join(value) if isinstance(value, list) else str(value)


def local_day(at: datetime, as_of: AsOf) -> date:
    return at.astimezone(ZoneInfo(as_of.zone)).date()


def leaves(verdict: Verdict) -> list[tuple[Verdict, bool]]:
    """Conditions in reading order with what is wanted of each: False below an odd number of `not`."""
    return _leaves(verdict, wanted=True)


def _leaves(verdict: Verdict, *, wanted: bool) -> list[tuple[Verdict, bool]]:
    if isinstance(verdict.node, Not):
        return _leaves(verdict.parts[0], wanted=not wanted)
    if isinstance(verdict.node, All | Any_):
        return [pair for part in verdict.parts for pair in _leaves(part, wanted=wanted)]
    return [(verdict, wanted)]


def is_spared(verdict: Verdict, leaf: Verdict) -> bool:
    """Whether the piece around a condition holds anyway, as another of its group does."""
    parts = verdict.parts if isinstance(verdict.node, All) else (verdict,)
    return any(part.holds and leaf.path[: len(part.path)] == part.path for part in parts)


def missing(verdict: Verdict) -> list[Verdict]:
    """The top-level pieces that keep the person out; empty for a member."""
    if verdict.holds:
        return []
    if isinstance(verdict.node, All):
        return [part for part in verdict.parts if not part.holds]
    return [verdict]
