"""The checker: a text and what it is → a verdict with findings. Pure: no database, no network, no clock.

It fails closed: whatever goes wrong, the answer is *review*, never *pass*.
"""

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

from xinglin.compliance.engine.classify import Classification, classify
from xinglin.compliance.engine.overlay import HOUSE_RULE, OWN_FAMILY, OWN_RULE, OwnWord
from xinglin.compliance.engine.packs import Kind, Rule
from xinglin.compliance.engine.readings import readings
from xinglin.compliance.engine.rulebook import Rulebook, default_rulebook
from xinglin.compliance.engine.scan import Hit, Suspect, judge, own_hits, scan, suspects
from xinglin.compliance.engine.structure import CHECKS, Facts, is_of_goods
from xinglin.compliance.engine.unmask import Source
from xinglin.compliance.results import Finding, Item, Result, Saved, Silenced, Verdict

__all__ = ["ERROR_RULE", "Finding", "Item", "Result", "Saved", "Silenced", "Verdict", "check", "unreadable"]

ERROR_RULE = "SYS-01"
#: Whether a service is on the licence stands in no sentence; consent and proof answer what a sentence raises.
_BY_META = {"MED-05", "MED-10"}
_ANSWERED = {"patient_consent": ("PRV-03",), "claims_verified": ("AD-09", "AD-10", "MED-12")}
_PRIVATE_KINDS = ("sms", "community_post")
_PRIVATE_LAW = ("反不正当竞争法第九条", "消费者权益保护法第二十条")


def check(
    item: Item | Mapping[str, Any],
    *,
    now: datetime | None = None,
    rulebook: Rulebook | None = None,
    explain: bool = False,
) -> Result:
    """Check one text. Never raises: an unusable input, pack or engine gives verdict *review*.

    ``now`` dates the rules and certificates when meta has no ``publish_at``; ``explain`` also lists what a
    context exception saved.
    """
    identity = ""
    try:
        item = item if isinstance(item, Item) else _item(item)
        identity = item.id
        book = rulebook or default_rulebook()
        with _uncollected():
            return _check(item, now, book, explain)
    except Exception as error:
        return unreadable(identity, error)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: a long text makes many small tuples, each of which it would visit."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _item(data: Mapping[str, Any]) -> Item:
    meta = data.get("meta") or {}
    if not isinstance(meta, Mapping):
        raise TypeError("meta 应是对象")
    return Item(id=str(data.get("id", "")), kind=data["kind"], text=data["text"], meta=meta)


def _check(item: Item, now: datetime | None, book: Rulebook, explain: bool) -> Result:
    if item.kind not in get_args(Kind):
        raise ValueError(f"未知的 kind：{item.kind}")
    encoded = item.text.encode("utf-8")
    sources = readings(item.text)
    today = _today(item.meta, now, book)
    found = [one for source in sources for one in scan(source, book)]
    classification = classify(
        kind=item.kind,
        text="\n".join(one.source.text for one in found),
        meta=item.meta,
        signals=found[0].signals,
    )
    hits = judge(
        found,
        book,
        kind=item.kind,
        text_class=classification.text_class,
        meta=item.meta,
        today=today,
        explain=explain,
    )
    findings = [_finding(h, item, classification) for h in hits if not h.saved_by]
    quiet = classification.text_class == "service" or is_of_goods(sources[0].text)
    rules = set() if quiet else _rules_for(item, classification, book)
    findings += _suspected(suspects(found, hits, book, rules, item.kind), item, book.terms.reader.asks)
    findings += _structural(item, sources[0], classification, today, book)
    findings += [_own(word, item, start, end) for word, start, end in own_hits(found, book)]
    findings, silenced = _after_silences(findings, book, today)
    findings.sort(key=lambda f: (f.start is None, f.start or 0, f.end or 0, f.rule))
    return Result(
        id=item.id,
        verdict=_verdict(findings),
        findings=tuple(findings),
        text_class=classification.text_class,
        class_reason=classification.reason,
        pack_version=book.version,
        text_hash=hashlib.sha256(encoded).hexdigest(),
        saved=tuple(_saved(h, item.text) for h in hits if h.saved_by),
        silenced=tuple(silenced),
    )


def _after_silences(
    findings: list[Finding], book: Rulebook, today: str
) -> tuple[list[Finding], list[Silenced]]:
    """A silenced hint is dropped; what would block still wants a person, so silence never passes it."""
    kept: list[Finding] = []
    silenced: list[Silenced] = []
    for finding in findings:
        silence = book.silences.get(finding.rule)
        if silence is None or today > silence.until:
            kept.append(finding)
            continue
        silenced.append(
            Silenced(
                rule=finding.rule,
                name=finding.name,
                severity=finding.severity,
                start=finding.start,
                end=finding.end,
                quote=finding.quote,
                reason=silence.reason,
                until=silence.until,
            )
        )
        if finding.severity == "block":
            note = f"本机构已静音此规则至 {silence.until}（{silence.reason}），仍须人工复核。"
            kept.append(replace(finding, severity="warn", message=finding.message + note))
    return kept, silenced


def _today(meta: Mapping[str, Any], now: datetime | None, book: Rulebook) -> str:
    for key in ("publish_at", "send_at"):
        if meta.get(key):
            return str(meta[key])[:10]
    return now.date().isoformat() if now else book.version[:10]


def _verdict(findings: list[Finding]) -> Verdict:
    severities = {finding.severity for finding in findings}
    return "block" if "block" in severities else "review" if "warn" in severities else "pass"


def _finding(hit: Hit, item: Item, classification: Classification) -> Finding:
    pattern = hit.clause.pattern
    replace = hit.rule.replace if pattern.replace is None else pattern.replace
    if replace and classification.text_class == "ad":
        replace = ""
    return _described(hit.rule, item, hit.start, hit.end, severity=hit.severity, replace=replace)


def _rules_for(item: Item, classification: Classification, book: Rulebook) -> set[str]:
    """Rules about what a text of this kind and class says; those about what it lacks, or that what came with
    it has answered, are not read off it."""
    answered = {rule for key, rules in _ANSWERED.items() if item.meta.get(key) is True for rule in rules}
    return {
        rule.id
        for rule in book.rules.values()
        if rule.patterns
        and rule.id not in answered
        and rule.id not in _BY_META
        and item.kind in rule.kinds
        and (not rule.classes or classification.text_class in rule.classes)
    }


def _suspected(found: list[Suspect], item: Item, asks: tuple[Kind, ...]) -> list[Finding]:
    """What the second reader is sure of counts as its rule does; where a name is put in, it only asks."""
    findings = []
    for suspect in found:
        severity = "warn" if item.kind in asks else suspect.rule.severity
        made = _described(suspect.rule, item, suspect.start, suspect.end, severity=severity, replace=None)
        note = f"语句判读：这句读来与这一类违法表述相近（{suspect.chance:.2f}），请人工核对。"
        findings.append(replace(made, message=made.message + note))
    return findings


def _structural(
    item: Item, folded: Source, classification: Classification, today: str, book: Rulebook
) -> list[Finding]:
    facts = Facts(item.kind, classification.text_class, folded.text, item.meta, today)
    findings = []
    for rule in book.rules.values():
        if not rule.check or item.kind not in rule.kinds:
            continue
        for span in CHECKS[rule.check](facts):
            start, end = folded.origin(*span) if span else (None, None)
            findings.append(_described(rule, item, start, end, severity=rule.severity, replace=None))
    return findings


def _described(
    rule: Rule, item: Item, start: int | None, end: int | None, *, severity: str, replace: str | None
) -> Finding:
    quote = "" if start is None else item.text[start:end]
    articles = rule.citations
    if rule.private_too and item.kind in _PRIVATE_KINDS:
        articles += tuple(law for law in _PRIVATE_LAW if law not in articles)
    message = (
        f"命中：{quote or '整篇'} —— {rule.name}：{rule.message}。依据：{articles[0]}。建议：{rule.rewrite}。"
    )
    message += f"需要证据：{rule.evidence}。" if rule.evidence else ""
    message += f"{rule.leniency}。" if rule.leniency else ""
    return Finding(
        rule=rule.id,
        rule_version=rule.version,
        name=rule.name,
        family=rule.family,
        severity=severity,
        article=articles,
        start=start,
        end=end,
        quote=quote,
        law=rule.law,
        message=message,
        suggestion=rule.rewrite,
        replace=replace,
        evidence=rule.evidence,
        leniency=rule.leniency,
    )


def _own(word: OwnWord, item: Item, start: int, end: int) -> Finding:
    quote = item.text[start:end]
    article, reason = word.citation or HOUSE_RULE, word.reason or "本机构不用这个词"
    return Finding(
        rule=OWN_RULE,
        rule_version=1,
        name="本机构用语",
        family=OWN_FAMILY,
        severity=word.severity,
        article=(article,),
        start=start,
        end=end,
        quote=quote,
        law="",
        message=f"命中：{quote} —— 本机构用语：{reason}。依据：{article}。建议：换一个说法。",
        suggestion="换一个说法",
        replace="",
        evidence="",
        leniency="",
    )


def _saved(hit: Hit, text: str) -> Saved:
    return Saved(
        rule=hit.rule.id,
        name=hit.rule.name,
        start=hit.start,
        end=hit.end,
        quote=text[hit.start : hit.end],
        reason=hit.saved_by,
    )


def unreadable(identity: str, error: Exception) -> Result:
    """The answer where nothing could be checked: *review*, with the reason."""
    finding = Finding(
        rule=ERROR_RULE,
        rule_version=1,
        name="没能检查",
        family="system",
        severity="warn",
        article=(),
        start=None,
        end=None,
        quote="",
        law="",
        message=f"没能完成检查（{type(error).__name__}：{error}），请人工复核，不要当作通过。",
        suggestion="检查输入的文字与类型，或请管理员核对规则包",
        replace=None,
        evidence="",
        leniency="",
    )
    return Result(id=identity, verdict="review", findings=(finding,))
