"""One pass over the folded text: hits of the automaton, then context tests around each hit only."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from xinglin.compliance.engine.context import LINE_REACH, Offence, Safe, Span, offences, saved_by
from xinglin.compliance.engine.expressions import Expression
from xinglin.compliance.engine.packs import Limits, Rule
from xinglin.compliance.engine.reader import Reading, sentence_ends
from xinglin.compliance.engine.rulebook import DIGITS_INDEX, Active, Clause, Rulebook
from xinglin.compliance.engine.unmask import Source, Spelling, unmask
from xinglin.compliance.engine.variants import cuts_latin

if TYPE_CHECKING:
    from xinglin.compliance.engine.overlay import OwnWord

#: Who speaks of the house and what it offers means its own words, however the sentence reads.
_OWN = re.compile(
    r"[我本这该]院|我们|咱|[我本]科|科室|院区|诊所|这里|技术|设备|团队|疗效|效果|服务|口碑|规模|实力|便宜|专业"
)
#: What people say among themselves counts only where it speaks of care: they promise much besides.
_SPEECH = ("community_post",)
_OF_CARE = re.compile(
    r"医|院(?!校|子|线)|诊|药|疗|治|病|癌|瘤|患|护士|大夫|主任|专家|教授|手术|术后|术前|微创|科(?!技|学|目|幻)|床位|牙|齿|眼(?!光|看|缘)|镜片|"
    r"近视|视力|鼻|脸|皮肤|斑|痘|疤|整形|微整|美容|抗衰|嫩肤|植发|脱毛|脱发|体检|康复|孕|产后|产妇|胎|试管|代孕|男孩|针|灸|推拿|膏|贴敷|丸|胶囊|"
    r"保健|养生|营养|疫苗|感染|症|炎|痛|疼|血|糖尿|降糖|血糖|肾|肝|胃|肠|骨|关节|颈椎|腰(?![线带间身])|失眠|睡眠|减肥|减重|瘦[0-9一二三四五六七八九十]|长高|"
    r"听力|聋|喘|咳|转诊|号源|挂号|黄牛|化验|报告|处方|医保|社保|养老|月子|痊愈|AI|口腔|刀口|私立|抱不上|生娃|怀不上"
)
_DIGITS = re.compile("[0-9][0-9-]{5,}[0-9x]")
#: A stretch of nothing but plain facts that an advertisement may give promises nothing, however it reads.
_FACT = (
    r"(?:诊疗)?(?:科目)?[:：]?(?:[一-龥]{1,5}科[、和]?)+|(?:(?:院|地)址|位于)?[:：]?[一-龥]{2,10}(?:路|街|大道|巷|镇|村)[0-9]+号?|"
    r"(?:咨询|预约|联系|总机|服务)?(?:电话|热线|总机)?[:：]?[0-9]{3,4}-?[0-9]{6,8}|"
    r"(?:(?:接诊|门诊|开诊|营业)?时间)?[:：]?(?:全天|[0-9]{1,2}:[0-9]{2}[-—~至到][0-9]{1,2}:[0-9]{2})(?:接诊|开诊)?|"
    r"(?:床位|牙椅)[/一-龥]{0,3}[:：]?[0-9]+张?|所有制[一-龥]{0,2}[:：]?[一-龥]{2,5}|"
    r"(?:名称|类别)?[:：]?[一-龥]{2,10}(?:医院|诊所|门诊部)"
)
_FACTS = re.compile(rf"[，、；。\s]*(?:{_FACT})(?:[，、；。\s]+(?:{_FACT}))*[，、；。\s]*")


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that bites ``[start:end]`` of the original text; ``saved_by`` names what let it off."""

    rule: Rule
    clause: Clause
    start: int
    end: int
    saved_by: str = ""

    @property
    def severity(self) -> str:
        """Of the pattern where it has its own, else of the rule."""
        return self.clause.pattern.severity or self.rule.severity


@dataclass(frozen=True, slots=True)
class Suspect:
    """A stretch ``[start:end]`` of the original that reads like a violation of a rule, and how likely."""

    rule: Rule
    start: int
    end: int
    chance: float


@dataclass(slots=True)
class Scan:
    """Raw outcome of the pass: matches that open clauses (rows of index, start, end), signals of the text's
    class, saving names."""

    source: Source
    matches: Any
    signals: Counter[str]
    safe: Safe
    whole: str
    own: list[list[int]]
    reading: Reading | None = None
    put_in: tuple[Span, ...] = ()

    def is_new(self, left: int, right: int) -> bool:
        """Whether a stretch holds a word put back; all of the first scan is new."""
        if not self.put_in:
            return True
        at = bisect_left(self.put_in, (left,))
        return (at < len(self.put_in) and self.put_in[at][0] < right) or (
            at > 0 and self.put_in[at - 1][1] > left
        )


def scan(source: Source, book: Rulebook) -> list[Scan]:
    """Run the automaton once, and once more around the disguised words, put back, where there are any.

    Nothing is judged yet; the first scan is of the text as it came.
    """
    first, disguises = _pass(source, book, source.text)
    plain = unmask(source, disguises) if disguises else None
    if plain is None:
        return [first]
    second = _pass(plain, book, source.text)[0]
    second.put_in = plain.words
    return [first, second]


def _pass(source: Source, book: Rulebook, whole: str) -> tuple[Scan, list[Spelling]]:
    text = source.text
    matches = _rows(book.automaton.find_matches_as_indexes(text, overlapping=True))
    roles = book.roles[matches[:, 0]]

    def those(role: int) -> Any:
        return matches[(roles & role) != 0]

    opening = those(1)
    disguises: list[Spelling] = [(s, e, book.disguise_of[index]) for index, s, e in those(2).tolist()]
    signals = Counter(map(book.signal_of.__getitem__, those(4)[:, 0].tolist()))
    safe: Safe = [(start, end, book.safe_for[index]) for index, start, end in those(8).tolist()]
    safe.sort(key=lambda s: s[0])
    digits = [(DIGITS_INDEX, *m.span()) for m in _DIGITS.finditer(text)] if book.clauses[DIGITS_INDEX] else []
    if digits:
        opening = np.concatenate([opening, _rows(digits)])
        opening = opening[np.argsort(opening[:, 1], kind="stable")]
    return Scan(source, opening, signals, safe, whole, those(16).tolist()), disguises


def _rows(matches: list[tuple[int, int, int]]) -> Any:
    """As an array: what concerns only some of very many matches need not be asked of each in turn."""
    numbers = np.fromiter(chain.from_iterable(matches), dtype=np.int32, count=3 * len(matches))
    return numbers.reshape(-1, 3)


def judge(
    found: list[Scan],
    book: Rulebook,
    *,
    kind: str,
    text_class: str,
    meta: Mapping[str, Any],
    today: str,
    explain: bool = False,
) -> list[Hit]:
    """Hits that bite in a text of this kind and class; with ``explain`` also those a context saved."""
    hits: list[Hit] = []
    active = book.active(kind, text_class, today, meta)
    for one in found:
        if book.reader is not None:
            one.reading = book.reader.read(one.source.text)
        hits += _judge(one, active, explain, kind, book.terms.reader, text_class)
    return _without_repeats(hits)


def own_hits(found: list[Scan], book: Rulebook) -> list[tuple["OwnWord", int, int]]:
    """The hospital's own words with their places in the original; the longest of those that overlap."""
    hits: list[tuple[OwnWord, int, int]] = []
    seen: set[tuple[int, int]] = set()
    for one in found:
        text, origin, last = one.source.text, one.source.origin, 0
        for index, start, end in sorted(one.own, key=lambda m: (m[1], -m[2])):
            if start < last or cuts_latin(text, start, end):
                continue
            last = end
            place = origin(start, end)
            if place not in seen:
                seen.add(place)
                hits.append((book.own[index], *place))
    return hits


def _judge(
    found: Scan,
    active: Active,
    explain: bool,
    kind: str,
    ease: Limits,
    text_class: str,
) -> list[Hit]:
    text, whole = found.source.text, found.whole
    texts = (text,) if text is whole else (text, whole)
    fits: dict[Clause, bool] = {}
    seen: dict[Expression, bool] = {}
    known: dict[tuple[str, int, int], bool] = {}
    hits: list[Hit] = []
    for offence in _offences(found, active):
        clause, places = offence.clause, offence.places
        if clause not in fits:
            fits[clause] = _text_fits(clause, texts, seen)
        if not fits[clause]:
            continue
        saved = saved_by(offence, text, found.safe, known, kind)
        saved = saved or _eased(offence, found, ease, text_class, kind)
        if explain or not saved:
            span = found.source.origin(min(p[0] for p in places), max(p[1] for p in places))
            hits.append(Hit(clause.rule, clause, *span, saved))
    return hits


def _eased(offence: Offence, found: Scan, ease: Limits, text_class: str, kind: str) -> str:
    """A hit in a sentence that reads lawful, the sooner where the pattern is loose; never one that somebody
    disguised, and no listed word of an advertisement."""
    clause = offence.clause
    is_loose = clause.is_loose and clause.rule.id not in ease.firm and kind not in ease.asks
    limit = ease.ease if is_loose else 0.0 if text_class == "ad" else ease.listed
    if found.reading is None or found.put_in or limit == 0 or clause.rule.id in ease.never:
        return ""
    start, end = min(p[0] for p in offence.places), max(p[1] for p in offence.places)
    chance = found.reading.at(start, end)
    if chance >= limit:
        return ""
    is_firm = clause.rule.id in ease.firm
    if is_firm and _OWN.search(found.source.text, *found.reading.sentence(start, end)):
        return ""
    alone = ease.firm_clause if is_firm else 0.5 if is_loose else ease.clause
    if found.reading.clause(start, end) >= alone:
        return ""
    left, right = found.source.origin(start, end)
    if right - left > end - start:
        return ""
    return f"整句读来合法（语句判读 {chance:.2f}）"


def suspects(
    found: list[Scan], hits: list[Hit], book: Rulebook, among: Collection[str], kind: str
) -> list[Suspect]:
    """Stretches that read unlawful where no rule held the text, with the rule they most likely break; a
    milder finding there keeps quiet only what is no graver."""
    bitten = [hit for hit in hits if not hit.saved_by]
    size = max(one.source.origin(0, len(one.source.text))[1] for one in found) + 1
    held, asked = bytearray(size), bytearray(size)  # the characters that are spoken for
    for hit in bitten:
        marked = held if hit.severity == "block" else asked
        marked[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
    grave = {rule for rule in among if book.rules[rule].severity == "block"}
    suspected: list[Suspect] = []
    for one in found:
        reading, origin = one.reading, one.source.origin
        if reading is None or book.reader is None:
            continue
        for start, end, chance in reading.suspects(book.terms.reader.sure):
            if kind in _SPEECH and not _OF_CARE.search(one.source.text, start, end):
                continue
            if _FACTS.fullmatch(one.source.text, start, end):
                continue
            left, right = origin(start, end)
            if 1 in held[left:right]:
                continue
            rule = book.reader.rule_of(reading, start, end, among, grave)
            if not rule or (rule not in grave and 1 in asked[left:right]):
                continue
            suspected.append(Suspect(book.rules[rule], *origin(*reading.core(start, end)), chance))
            held[left:right] = b"\1" * (right - left)
    return suspected


def _offences(found: Scan, active: Active) -> Iterator[Offence]:
    """Sentence by sentence, so that a clause with many anchors is tried once."""
    ends = sentence_ends(found.source.text) if found.reading is None else found.reading.sentence_ends
    by_string = active.clauses
    left = right = 0
    pending: dict[Clause, list[Span]] = {}
    for index, start, end in found.matches[active.opens[found.matches[:, 0]]].tolist():
        if start < left or end > right:
            if pending:
                yield from _pending_offences(pending, found, left, right)
                pending = {}
            at = bisect_left(ends, start)
            left, right = ends[at - 1] + 1 if at else 0, ends[bisect_left(ends, end, at)]
        for clause in by_string[index]:
            if clause in pending:
                pending[clause].append((start, end))
            else:
                pending[clause] = [(start, end)]
    yield from _pending_offences(pending, found, left, right)


def _pending_offences(
    pending: dict[Clause, list[Span]], found: Scan, left: int, right: int
) -> Sequence[Offence]:
    text, bites = found.source.text, []
    is_new = not found.put_in or found.is_new(left, right)
    for clause, anchors in pending.items():
        if not is_new and not (clause.line and found.is_new(left - LINE_REACH, right + LINE_REACH)):
            continue
        # Most anchors stand in innocent sentences: one search says so.
        if clause.line or clause.first is None or clause.first.search(text, left, right):
            bites += offences(clause, text, anchors, left, right)
    return bites


def _text_fits(clause: Clause, texts: tuple[str, ...], seen: dict[Expression, bool]) -> bool:
    """``text_has`` and ``text_lacks``; clauses share expressions, so each is looked for once a text."""
    for regex, wanted in ((clause.text_has, True), (clause.text_lacks, False)):
        if regex is None:
            continue
        if regex not in seen:
            seen[regex] = any(regex.search(text) for text in texts)
        if seen[regex] is not wanted:
            return False
    return True


def _exact_first(hits: list[Hit]) -> list[Hit]:
    """Hits without those frames that an exact pattern of the same rule has bitten into."""
    exact: dict[str, list[Hit]] = {}
    for hit in hits:
        if not hit.clause.slots and not hit.saved_by:
            exact.setdefault(hit.rule.id, []).append(hit)
    return [
        hit
        for hit in hits
        if not hit.clause.slots
        or not any(one.start < hit.end and hit.start < one.end for one in exact.get(hit.rule.id, ()))
    ]


def _without_repeats(hits: list[Hit]) -> list[Hit]:
    """Overlapping hits of one rule become one span; a hit that counts wins over a saved one.

    A frame of slots spans half a sentence: where an exact pattern of the same rule bites inside it, the
    exact words are what the author should see.
    """
    kept: list[Hit] = []
    for hit in sorted(_exact_first(hits), key=lambda h: (h.rule.id, bool(h.saved_by), h.start, -h.end)):
        last = kept[-1] if kept else None
        if (
            last
            and last.rule is hit.rule
            and bool(last.saved_by) == bool(hit.saved_by)
            and hit.start < last.end
        ):
            if hit.end > last.end:
                kept[-1] = Hit(last.rule, last.clause, last.start, hit.end, last.saved_by)
            continue
        kept.append(hit)
    biting = {(h.rule.id, h.start, h.end) for h in kept if not h.saved_by}
    return sorted(
        (
            h
            for h in kept
            if not h.saved_by or not any(r == h.rule.id and s < h.end and h.start < e for r, s, e in biting)
        ),
        key=lambda h: (h.start, h.end, h.rule.id),
    )
