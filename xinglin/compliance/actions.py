"""Changes to the hospital's layer: drafted, replayed on what was said before, then switched on."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.compliance import queries
from xinglin.compliance.engine.packs import CITATION
from xinglin.compliance.engine.rulebook import folded_word
from xinglin.compliance.models import LayerVersion, OwnTerm, SilencedRule
from xinglin.compliance.permissions import Permission
from xinglin.core import audit, jobs
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid, NotFound

MAX_WORDS = 100_000
_SEPARATORS = re.compile(r"[\n\r,，;；、\t]+")


class NotReplayed(Conflict):
    code = "not-replayed"
    default = _("先在以往的内容上回放这次改动，看过会变什么再启用")


class NothingDrafted(Conflict):
    code = "nothing-drafted"
    default = _("没有待启用的改动")


@transaction.atomic
def add_own_terms(
    *, actor: Actor, words: Sequence[str] | str, severity: str, reason: str, citation: str = "", now: datetime
) -> int:
    """Draft words of the hospital's own; returns how many are new. A string is split at lines and commas.

    A word that stands already takes the new severity and reason. Raises Invalid with the field at fault.
    """
    require(actor, Permission.EDIT_RULE)
    wanted = _words(words)
    errors: dict[str, list[object]] = {}
    if not wanted:
        errors["words"] = [_("至少写一个词")]
    if any(len(word) > 60 or not folded_word(word) for word in wanted):
        errors["words"] = [_("每个词 1 到 60 个字，要有文字或数字")]
    if not reason.strip():
        errors["reason"] = [_("写明为什么不用")]
    if severity not in OwnTerm.Severity.values:
        errors["severity"] = [_("选一个轻重")]
    if citation and not CITATION.match(citation):
        errors["citation"] = [_("写成「广告法第九条第三项」这样")]
    if errors:
        raise Invalid(fields=errors)
    draft = _draft(actor)
    standing = queries.list_own_terms(actor=actor)
    if standing.count() + len(wanted) > MAX_WORDS:
        raise Invalid(fields={"words": [_("最多 10 万个词")]})
    known = set()
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        same = standing.filter(word__in=chunk)
        unchanged = same.filter(severity=severity, reason=reason.strip(), citation=citation)
        known |= set(unchanged.values_list("word", flat=True))
        _remove(same.exclude(word__in=list(known)), draft)
    rows = [
        OwnTerm(
            organization_id=_hospital(actor),
            word=word,
            severity=severity,
            reason=reason.strip()[:200],
            citation=citation,
            added_in=draft.number,
            added_by_name=actor.name[:120],
        )
        for word in wanted
        if word not in known
    ]
    OwnTerm.objects.bulk_create(rows, batch_size=500)
    audit.record(actor, "compliance.own_term.added", draft, at=now, reason=reason, count=len(rows))
    return len(rows)


@transaction.atomic
def remove_own_term(*, actor: Actor, public_id: UUID | str, now: datetime) -> None:
    """Draft the removal of a word. NotFound."""
    require(actor, Permission.EDIT_RULE)
    row = queries.list_own_terms(actor=actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    draft = _draft(actor)
    _remove(OwnTerm.objects.filter(pk=row.pk), draft)
    audit.record(actor, "compliance.own_term.removed", draft, at=now, label=row.word)


@transaction.atomic
def silence_rule(*, actor: Actor, rule_id: str, reason: str, until: date, now: datetime) -> SilencedRule:
    """Draft the silence of a shipped rule through ``until``; a silence that stands is replaced.

    Raises NotFound, Invalid.
    """
    require(actor, Permission.EDIT_RULE)
    rule = queries.get_rule(actor=actor, rule_id=rule_id)
    errors: dict[str, list[object]] = {}
    if not reason.strip():
        errors["reason"] = [_("写明为什么静音")]
    if until < now.date():
        errors["until"] = [_("选今天或以后的日期")]
    elif (until - now.date()).days > 366:
        errors["until"] = [_("最长一年，到期再看")]
    if errors:
        raise Invalid(fields=errors)
    draft = _draft(actor)
    standing = SilencedRule.objects.visible_to(actor).filter(queries.standing_in(draft.number))
    _remove(standing.filter(rule_id=rule.id), draft)
    row = SilencedRule.objects.create(
        organization_id=_hospital(actor),
        rule_id=rule.id,
        reason=reason.strip()[:200],
        until=until,
        added_in=draft.number,
        added_by_name=actor.name[:120],
    )
    audit.record(
        actor,
        "compliance.rule.silenced",
        row,
        at=now,
        label=rule.id,
        reason=reason,
        until=until.isoformat(),
    )
    return row


@transaction.atomic
def end_silence(*, actor: Actor, public_id: UUID | str, now: datetime) -> None:
    """Draft the end of a silence. NotFound."""
    require(actor, Permission.EDIT_RULE)
    row = next(
        (one for one in queries.list_silences(actor=actor) if str(one.public_id) == str(public_id)), None
    )
    if row is None:
        raise NotFound
    draft = _draft(actor)
    _remove(SilencedRule.objects.filter(pk=row.pk), draft)
    audit.record(actor, "compliance.rule.heard_again", draft, at=now, label=row.rule_id)


@transaction.atomic
def discard_draft(*, actor: Actor, now: datetime) -> None:
    """Take back everything drafted. NothingDrafted."""
    require(actor, Permission.EDIT_RULE)
    draft = _own_draft(actor)
    for model in (OwnTerm, SilencedRule):
        rows = model.objects.filter(organization_id=actor.organization_id)
        rows.filter(added_in=draft.number).delete()
        rows.filter(removed_in=draft.number).update(removed_in=None)
    audit.record(actor, "compliance.layer.discarded", None, at=now, label=str(draft))
    draft.delete()


@transaction.atomic
def replay_draft(*, actor: Actor, now: datetime) -> LayerVersion:
    """Start the job that judges all past texts by the layer in force and by the draft. NothingDrafted."""
    require(actor, Permission.EDIT_RULE)
    draft = _own_draft(actor)
    row = jobs.enqueue(
        "compliance.replay",
        {"version": draft.pk},
        actor=actor,
        title=str(_("回放规则改动")),
        dedupe_key=f"compliance.replay:{draft.pk}",
        run_at=now,
    )
    draft.job_id = row.public_id
    draft.save(update_fields=["job_id", "updated_at"])
    return draft


@transaction.atomic
def activate_draft(*, actor: Actor, note: str, now: datetime) -> LayerVersion:
    """Switch the draft on, once it was replayed as it stands. NothingDrafted, NotReplayed, Invalid."""
    require(actor, Permission.EDIT_RULE)
    draft = _own_draft(actor)
    if not note.strip():
        raise Invalid(fields={"note": [_("一句话说明这次改了什么")]})
    overlay = queries.overlay_at(draft.organization_id, draft.number)
    if draft.replayed_hash != queries.overlay_hash(overlay):
        raise NotReplayed
    draft.note = note.strip()[:200]
    draft.activated_at, draft.activated_by_name = now, actor.name[:120]
    draft.save(update_fields=["note", "activated_at", "activated_by_name", "updated_at"])
    audit.record(
        actor,
        "compliance.layer.activated",
        draft,
        at=now,
        label=str(draft),
        reason=note,
        words=len(overlay.words),
        silences=len(overlay.silences),
        changed=draft.replay.get("changed", 0),
    )
    return draft


def _words(words: Sequence[str] | str) -> list[str]:
    parts = _SEPARATORS.split(words) if isinstance(words, str) else words
    return list(dict.fromkeys(word.strip() for word in parts if word.strip()))


def _draft(actor: Actor) -> LayerVersion:
    """The draft, begun where there is none."""
    draft = queries.find_draft(actor.organization_id, lock=True)
    if draft is not None:
        return draft
    return LayerVersion.objects.create(
        organization_id=_hospital(actor), number=queries.active_number(_hospital(actor)) + 1
    )


def _hospital(actor: Actor) -> int:
    if actor.organization_id is None:
        raise NotFound
    return actor.organization_id


def _own_draft(actor: Actor) -> LayerVersion:
    draft = queries.find_draft(actor.organization_id, lock=True)
    if draft is None:
        raise NothingDrafted
    return draft


def _remove(rows: QuerySet[OwnTerm] | QuerySet[SilencedRule], draft: LayerVersion) -> None:
    """What the draft itself added goes away, what stood before it is marked."""
    rows.filter(added_in=draft.number).delete()
    rows.filter(added_in__lt=draft.number).update(removed_in=draft.number)
