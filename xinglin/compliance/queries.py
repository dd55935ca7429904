"""The rules for people to read, and the rules that judge for a hospital."""

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Iterable
from datetime import date
from threading import Lock
from typing import Any, cast
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinglin.compliance.corpus import sources
from xinglin.compliance.engine.overlay import OWN_FAMILY, Overlay, OwnWord, Silence, laid_over
from xinglin.compliance.engine.packs import Rule, Severity
from xinglin.compliance.engine.rulebook import Rulebook, default_rulebook
from xinglin.compliance.models import LayerVersion, OwnTerm, SilencedRule
from xinglin.compliance.permissions import Permission
from xinglin.core import db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound

FAMILIES: dict[str, str | Promise] = {
    "absolute": _("绝对化用语"),
    "efficacy": _("功效与安全保证"),
    "cure_rate": _("治愈率、有效率"),
    "comparison": _("比较与贬低"),
    "endorsement": _("推荐与证明"),
    "beyond_eight": _("超出八项"),
    "military": _("军队名义"),
    "certificate": _("审查证明"),
    "advertiser": _("发布主体"),
    "disguised": _("变相广告"),
    "honours": _("荣誉背书"),
    "price": _("价格与赠送"),
    "state": _("国家机关"),
    "morals": _("容貌焦虑"),
    "superstition": _("迷信低俗"),
    "discrimination": _("歧视"),
    "minors": _("未成年人"),
    "evidence": _("数据出处"),
    "identifiable": _("可识别性"),
    "forbidden_goods": _("禁止广告的药品"),
    "non_medical": _("非医疗宣传疗效"),
    "drugs": _("药品器械用语"),
    "falsehood": _("虚构"),
    "messages": _("短信与消息"),
    "popup": _("弹窗"),
    "privacy": _("隐私"),
    "bribery": _("介绍费与回扣"),
    "insurance": _("医保"),
    "ai": _("人工智能"),
    "internet_care": _("互联网诊疗"),
    "community": _("社群言论"),
    "misleading_advice": _("误导就医"),
    OWN_FAMILY: _("本院用语"),
}
_KEPT = 16
_compiled: OrderedDict[tuple[UUID, str], Rulebook] = OrderedDict()
_lock = Lock()


def list_rules(*, actor: Actor, text: str = "", family: str = "") -> list[Rule]:
    """Rules in the order of their ids; ``text`` looks into name, law and citations."""
    require(actor, Permission.VIEW_RULE)
    rows = sorted(default_rulebook().rules.values(), key=lambda rule: rule.id)
    if family:
        rows = [rule for rule in rows if rule.family == family]
    if text:
        wanted = text.casefold()
        rows = [
            rule
            for rule in rows
            if wanted in f"{rule.id} {rule.name} {rule.law} {''.join(rule.citations)}".casefold()
        ]
    return rows


def count_by_family(actor: Actor) -> list[tuple[str, str | Promise, int]]:
    """Family code, its name and how many rules it has, in the order people look for them."""
    require(actor, Permission.VIEW_RULE)
    counts = Counter(rule.family for rule in default_rulebook().rules.values())
    return [(code, name, counts[code]) for code, name in FAMILIES.items() if counts[code]]


def get_rule(*, actor: Actor, rule_id: str) -> Rule:
    """One rule; NotFound."""
    require(actor, Permission.VIEW_RULE)
    rule = default_rulebook().rules.get(rule_id)
    if rule is None:
        raise NotFound
    return rule


def exceptions_of(rule: Rule) -> list[str]:
    """Names of the contexts that let a hit of this rule go."""
    labels = {e.id: e.label for e in default_rulebook().terms.exceptions}
    named = [*rule.exceptions, *(name for p in rule.patterns for name in p.exceptions or ())]
    return [labels[name] for name in dict.fromkeys(named)]


def pack_version(actor: Actor) -> str:
    """Version of the packs, and of the hospital's layer where it has one, that judge now."""
    return rulebook_of(actor.organization_id).version


def rulebook_of(organization_id: int | None) -> Rulebook:
    """The rules that judge a hospital's texts now: the shipped packs with its layer in force; kept."""
    layer = active_layer(organization_id)
    if organization_id is None or layer is None:
        return default_rulebook()
    number, name = layer
    key = (name, default_rulebook().version)
    with _lock:
        if key in _compiled:
            _compiled.move_to_end(key)
            return _compiled[key]
    book = rulebook_at(organization_id, number)
    with _lock:
        _compiled[key] = book
        while len(_compiled) > _KEPT:
            _compiled.popitem(last=False)
    return book


def rulebook_at(organization_id: int, number: int) -> Rulebook:
    """The packs with version ``number`` of the layer, compiled anew."""
    return laid_over(default_rulebook(), overlay_at(organization_id, number))


def active_layer(organization_id: int | None) -> tuple[int, UUID] | None:
    """Number and name of the layer in force; None without one. The name is never used again."""
    if organization_id is None:
        return None
    versions = LayerVersion.objects.filter(organization_id=organization_id, activated_at__isnull=False)
    return versions.order_by("-number").values_list("number", "public_id").first()


def active_number(organization_id: int | None) -> int:
    """Number of the layer in force; 0 without one."""
    layer = active_layer(organization_id)
    return layer[0] if layer else 0


def overlay_at(organization_id: int, number: int) -> Overlay:
    """What the hospital lays over the packs in version ``number``."""
    standing = standing_in(number) & Q(organization_id=organization_id)
    words = (
        OwnTerm.objects.filter(standing).order_by("id").values_list("word", "severity", "reason", "citation")
    )
    silences = SilencedRule.objects.filter(standing).order_by("id").values_list("rule_id", "until", "reason")
    return Overlay(
        version=str(number),
        words=tuple(
            OwnWord(word, cast(Severity, severity), reason, citation)
            for word, severity, reason, citation in words.iterator()
        ),
        silences=tuple(Silence(rule, until.isoformat(), reason) for rule, until, reason in silences),
    )


def overlay_hash(overlay: Overlay) -> str:
    """Names the content of a layer, whatever its number."""
    return hashlib.sha256(repr((overlay.words, overlay.silences)).encode()).hexdigest()


def standing_in(number: int) -> Q:
    """Entries of the layer that stand in a version."""
    return Q(added_in__lte=number) & (Q(removed_in__isnull=True) | Q(removed_in__gt=number))


def find_draft(organization_id: int | None, *, lock: bool = False) -> LayerVersion | None:
    """The version that is being put together; None when nothing was changed since the last."""
    if organization_id is None:
        return None
    rows = LayerVersion.objects.filter(organization_id=organization_id, activated_at__isnull=True)
    return (db.lock_rows(rows) if lock else rows).first()


def latest_number(organization_id: int | None) -> int:
    """The draft's number, or else that of the layer in force."""
    draft = find_draft(organization_id)
    return draft.number if draft else active_number(organization_id)


def list_own_terms(*, actor: Actor, text: str = "") -> QuerySet[OwnTerm]:
    """Words of the newest version, drafted ones included; ``text`` looks into word and reason."""
    require(actor, Permission.VIEW_RULE)
    rows = OwnTerm.objects.visible_to(actor).filter(standing_in(latest_number(actor.organization_id)))
    return rows.filter(Q(word__icontains=text) | Q(reason__icontains=text)) if text else rows


def list_silences(*, actor: Actor) -> list[SilencedRule]:
    """Silences of the newest version, the first to end first."""
    require(actor, Permission.VIEW_RULE)
    rows = SilencedRule.objects.visible_to(actor).filter(standing_in(latest_number(actor.organization_id)))
    return list(rows.order_by("until", "id"))


def silence_in_force(*, actor: Actor, rule_id: str, today: date) -> SilencedRule | None:
    """The silence that holds today for one rule."""
    standing = standing_in(active_number(actor.organization_id))
    return SilencedRule.objects.visible_to(actor).filter(standing, rule_id=rule_id, until__gte=today).first()


def find_drafted_silence(*, actor: Actor, rule_id: str) -> SilencedRule | None:
    """The silence of one rule that waits in the draft; None."""
    draft = find_draft(actor.organization_id)
    if draft is None:
        return None
    return SilencedRule.objects.visible_to(actor).filter(added_in=draft.number, rule_id=rule_id).first()


def with_rules(silences: Iterable[SilencedRule]) -> list[tuple[SilencedRule, Rule | None]]:
    """Each silence with its rule; None where a later pack has dropped the rule."""
    return [(silence, default_rulebook().rules.get(silence.rule_id)) for silence in silences]


def is_replayed(draft: LayerVersion) -> bool:
    """Whether the last replay was of the draft as it stands."""
    if not draft.replayed_hash:
        return False
    return draft.replayed_hash == overlay_hash(overlay_at(draft.organization_id, draft.number))


def replayed_texts(draft: LayerVersion) -> list[dict[str, Any]]:
    """Past texts whose outcome would change, with the names of their sources."""
    labels = {source.code: source.label for source in sources()}
    return [
        {**text, "source": labels.get(text["source"], text["source"])}
        for text in draft.replay.get("texts", ())
    ]


def shipped_version() -> str:
    """Version of the packs that ship with Xinglin."""
    return default_rulebook().version


def list_versions(*, actor: Actor) -> QuerySet[LayerVersion]:
    """Every version of the layer; the draft among them."""
    require(actor, Permission.VIEW_RULE)
    return LayerVersion.objects.visible_to(actor)


def changes_in(*, actor: Actor, number: int) -> dict[str, list[str]]:
    """What a version added and took away, at most fifty names of each."""
    words, silences = OwnTerm.objects.visible_to(actor), SilencedRule.objects.visible_to(actor)
    return {
        "words_added": list(words.filter(added_in=number).values_list("word", flat=True)[:50]),
        "words_removed": list(words.filter(removed_in=number).values_list("word", flat=True)[:50]),
        "silences_added": list(silences.filter(added_in=number).values_list("rule_id", flat=True)[:50]),
        "silences_removed": list(silences.filter(removed_in=number).values_list("rule_id", flat=True)[:50]),
    }
