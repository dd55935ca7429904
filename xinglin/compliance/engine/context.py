"""Tests around one hit: slots, neighbours, sentence, and the contexts that let a hit go."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from xinglin.compliance.engine.expressions import Expression
from xinglin.compliance.engine.rulebook import Clause, CompiledException

_LAST_BREAK = re.compile(r"(?s).*[，,、。！？!?\n；;：:]")
# Sentences up to this length are looked at whole, in longer ones ``_REACH`` characters to either side.
_WHOLE = 120
_REACH = 60
LINE_REACH = 160
_BEHIND = 14
_AHEAD = 22
# How far the sentences next to a hit are looked at for an exception ``around`` it.
_NEXT_DOOR = 60
_LONGEST_NAME = 24
Span = tuple[int, int]
Safe = list[tuple[int, int, frozenset[str]]]


@dataclass(slots=True)
class Offence:
    """Where a clause bites: its anchor, the places that offend together, and the surroundings looked at."""

    clause: Clause
    anchor: Span
    places: list[Span]
    left: int
    right: int


def offences(clause: Clause, text: str, anchors: list[Span], left: int, right: int) -> list[Offence]:
    """What of the anchors of one sentence (``left`` to ``right``) bites; one in which the clause's first
    expression is found, unless it looks at the line."""
    if clause.line:
        return [o for a in anchors for o in _within(clause, text, [a], *_line(text, *a))]
    if right - left <= _WHOLE:
        return _biting(clause, text, anchors, left, right)
    return [
        offence
        for start, end in anchors
        for offence in _within(
            clause, text, [(start, end)], max(left, start - _REACH), min(right, end + _REACH)
        )
    ]


def _line(text: str, start: int, end: int) -> Span:
    """The line around a hit, for patterns that look further than the sentence."""
    left = text.rfind("\n", max(0, start - LINE_REACH), start) + 1
    right = text.find("\n", end, end + LINE_REACH)
    return max(left, start - LINE_REACH, 0), right if right >= 0 else min(len(text), end + LINE_REACH)


def _within(clause: Clause, text: str, anchors: list[Span], left: int, right: int) -> list[Offence]:
    if clause.first is not None and not clause.first.search(text, left, right):
        return []
    return _biting(clause, text, anchors, left, right)


def _biting(clause: Clause, text: str, anchors: list[Span], left: int, right: int) -> list[Offence]:
    if clause.regex is not None and clause.near is not None and not clause.near.search(text, left, right):
        return []
    for slot in clause.slots:
        if slot is not clause.first and not slot.search(text, left, right):
            return []
    found = [(a, a) for a in anchors] if clause.regex is None else _around(clause, text, anchors, left, right)
    if not found or (clause.far is not None and clause.far.search(text, left, right)):
        return []
    offending: list[Offence] = []
    spans: set[Span] = set()
    for anchor, place in found:
        places = [place]
        for slot in clause.slots:
            nearest = _nearest(slot, text, *place, left, right)
            if nearest is None:
                break
            places.append(nearest)
        else:
            if clause.has_neighbours and not _neighbours_fit(clause, text, *place, left, right):
                continue
            span = (min(p[0] for p in places), max(p[1] for p in places)) if clause.slots else anchor
            if span not in spans:  # anchors of one frame make one offence
                spans.add(span)
                offending.append(Offence(clause, anchor, places, left, right))
    return offending


def _around(clause: Clause, text: str, anchors: list[Span], left: int, right: int) -> list[tuple[Span, Span]]:
    """Anchors with the first match of the expression that touches each."""
    if clause.regex is None:
        return []
    matches = [match.span() for match in clause.regex.finditer(text, left, right)]
    found = []
    for start, end in anchors:
        touching = next((m for m in matches if m[0] < end and start < m[1]), None)
        if touching is not None:
            found.append(((start, end), touching))
    return found


def _nearest(
    regex: Expression, text: str, start: int, end: int, left: int, right: int
) -> tuple[int, int] | None:
    best, distance = None, 0
    for match in regex.finditer(text, left, right):
        away = max(match.start() - end, start - match.end(), 0)
        if match.end() > match.start() and (best is None or away < distance):
            best, distance = match.span(), away
    return best


def _neighbours_fit(clause: Clause, text: str, start: int, end: int, left: int, right: int) -> bool:
    behind, ahead = text[max(left, start - _BEHIND) : start], text[end : min(right, end + _AHEAD)]
    return (
        (clause.before is None or bool(clause.before.search(behind)))
        and (clause.after is None or bool(clause.after.match(ahead)))
        and (clause.not_before is None or not clause.not_before.search(behind))
        and (clause.not_after is None or not clause.not_after.match(ahead))
    )


def saved_by(
    offence: Offence, text: str, safe: Safe, known: dict[tuple[str, int, int], bool], kind: str
) -> str:
    """Why the hit does not count: a proper noun around it, or a context exception; empty when it counts.

    ``known`` remembers what was found of sentences; rules share their exceptions.
    """
    clause, places = offence.clause, offence.places
    start, end = min(p[0] for p in places), max(p[1] for p in places)
    name = _proper_noun(clause, text, offence.anchor, (start, end), safe)
    if name or not clause.exceptions:
        return name
    left, right = min(offence.left, start), max(offence.right, end)
    behinds: set[str] | None = None
    ahead = text[end : end + _AHEAD]
    for exception in clause.exceptions:
        if exception.kinds and kind not in exception.kinds:
            continue
        if exception.behind is not None:
            if behinds is None:
                firsts = {place[0] for place in places} | {offence.anchor[0]}
                behinds = {_in_clause(text, max(left, first - _BEHIND), first) for first in firsts}
            if any(map(exception.behind.search, behinds)):
                return exception.label
        if exception.ahead is not None and exception.ahead.match(ahead):
            return exception.label
        if exception.sentence is not None or exception.around is not None:
            key = (exception.id, left, right)
            if key not in known:
                known[key] = _surrounds(exception, text, left, right, known)
            if known[key]:
                return exception.label
    return ""


def _surrounds(
    exception: CompiledException, text: str, left: int, right: int, known: dict[tuple[str, int, int], bool]
) -> bool:
    """Whether the sentence, or what stands next to it, is of the kind the exception names."""
    sentence, unless = exception.sentence, exception.unless
    if sentence is not None and sentence.search(text, left, right):
        return unless is None or not unless.search(text, left, right)
    if exception.around is None:
        return False
    anywhere = (exception.id, 0, -1)
    if anywhere not in known:
        known[anywhere] = exception.around.search(text) is not None
    wide = max(0, left - _NEXT_DOOR), right + _NEXT_DOOR
    return (
        known[anywhere]
        and exception.around.search(text, *wide) is not None
        and (unless is None or not unless.search(text, *wide))
    )


def _in_clause(text: str, left: int, right: int) -> str:
    """What stands before a place in its own clause."""
    behind = text[left:right]
    last = _LAST_BREAK.match(behind)
    return behind[last.end() :] if last else behind


def _proper_noun(
    clause: Clause, text: str, anchor: tuple[int, int], span: tuple[int, int], safe: Safe
) -> str:
    start, end = span
    wanted = clause.rule.id
    for at in range(bisect_left(safe, (start - _LONGEST_NAME,)), len(safe)):
        safe_start, safe_end, rules = safe[at]
        if safe_start >= end:
            break
        if wanted not in rules:
            continue
        inside = start <= safe_start and safe_end <= end and clause.regex is None and not clause.slots
        if inside or (safe_start <= anchor[0] and anchor[1] <= safe_end):
            return text[safe_start:safe_end]
    return ""
