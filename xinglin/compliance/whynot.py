"""Why a rule says nothing about a text: the first reason that holds, in words for the author. Pure."""

from datetime import date

from django.utils.translation import gettext as _

from xinglin.compliance.engine.packs import Rule
from xinglin.compliance.results import Item, Result

_SHOWN = 3


def why_not(rule: Rule, item: Item, result: Result, *, today: date) -> str:
    """A sentence; "" where the rule does speak. ``result`` is that of ``item``, checked with ``explain``."""
    if any(finding.rule == rule.id for finding in result.findings):
        return ""
    silenced = next((one for one in result.silenced if one.rule == rule.id), None)
    if silenced is not None:
        return _("本院静音到 %(until)s：%(reason)s") % {"until": silenced.until, "reason": silenced.reason}
    outside = _not_yet(rule, today) or _elsewhere(rule, item, result)
    return outside or _let_go(rule, result) or _read(rule, item)


def _not_yet(rule: Rule, today: date) -> str:
    if today < rule.effective_from:
        return _("要到 %(day)s 才起效") % {"day": rule.effective_from.isoformat()}
    if rule.effective_to is not None and today > rule.effective_to:
        return _("%(day)s 起不再有效") % {"day": rule.effective_to.isoformat()}
    return ""


def _elsewhere(rule: Rule, item: Item, result: Result) -> str:
    if item.kind not in rule.kinds:
        return _("它不管这一种文字；管哪几种写在规则页「用在」里")
    if rule.classes and result.text_class not in rule.classes:
        return _("这段按它的类别判，它不管这一类")
    return ""


def _let_go(rule: Rule, result: Result) -> str:
    saved = next((one for one in result.saved if one.rule == rule.id), None)
    if saved is None:
        return ""
    return _("看过「%(quote)s」，放行：%(reason)s") % {"quote": saved.quote, "reason": saved.reason}


def _read(rule: Rule, item: Item) -> str:
    if not rule.patterns:
        return _("整条看过，它要查的都没有缺")
    words = {word for pattern in rule.patterns for word in (*pattern.words, *pattern.anchors)}
    text = item.text.casefold()
    seen = sorted((word for word in words if word in text), key=lambda word: (-len(word), text.find(word)))
    if not seen:
        return _("通篇看过，没有它要找的说法")
    return _("文中有「%(words)s」，但前后文不是它要管的说法") % {"words": "」「".join(seen[:_SHOWN])}
