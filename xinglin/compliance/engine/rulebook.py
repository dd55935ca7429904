"""Rule packs made ready to match: one automaton for every word and anchor, and expressions."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from xinglin.compliance.engine.expressions import Expression
from xinglin.compliance.engine.folding import fold
from xinglin.compliance.engine.packs import ContextException, Pack, Pattern, Rule, Terms, read_packs
from xinglin.compliance.engine.reader import Reader, load
from xinglin.compliance.engine.variants import variants

if TYPE_CHECKING:
    from xinglin.compliance.engine.overlay import OwnWord, Silence

# The anchor that stands for a run of seven figures or more (telephone and identity numbers).
DIGITS = "<digits>"
DIGITS_INDEX = -1
#: The second reader's model, beside the packs and part of their version.
READER = "_reader.npz"
_FRAGMENT = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True, eq=False)
class Clause:
    """One compiled pattern of one rule; expressions are None where the pack says nothing."""

    rule: Rule
    pattern: Pattern
    kinds: frozenset[str]
    classes: frozenset[str]
    regex: Expression | None
    slots: tuple[Expression, ...]
    near: Expression | None
    far: Expression | None
    before: Expression | None
    after: Expression | None
    not_before: Expression | None
    not_after: Expression | None
    text_has: Expression | None
    text_lacks: Expression | None
    exceptions: tuple["CompiledException", ...]
    line: bool
    has_neighbours: bool

    @cached_property
    def is_loose(self) -> bool:
        """Whether it goes by how a sentence is built rather than by its very words."""
        return not self.pattern.words

    @cached_property
    def first(self) -> Expression | None:
        """The expression that must be found in the sentence, whatever else is asked; None without one."""
        return self.regex or self.near or next(iter(self.slots), None)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledException:
    """A context exception with its expressions."""

    id: str
    label: str
    behind: Expression | None
    ahead: Expression | None
    sentence: Expression | None
    around: Expression | None
    unless: Expression | None
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Active:
    """Clauses by index of their string; ``opens`` says of each string whether it has any, the last place
    standing for the digits."""

    clauses: dict[int, tuple[Clause, ...]]
    opens: Any


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything the checker needs; ``version`` changes with any byte of the packs.

    ``roles`` says what a string of the automaton stands for, as bits: 1 it opens clauses, 2 it disguises a
    word, 4 it is a signal of the text's class, 8 a proper noun that saves, 16 a word of the hospital's own.
    ``own`` and ``silences`` are filled by ``overlay``; ``clauses[DIGITS_INDEX]`` are those of the digits.
    """

    version: str
    terms: Terms
    packs: tuple[Pack, ...]
    rules: dict[str, Rule]
    strings: tuple[str, ...]
    automaton: AhoCorasick
    roles: Any
    clauses: dict[int, tuple[Clause, ...]]
    disguise_of: dict[int, str]
    signal_of: dict[int, str]
    safe_for: dict[int, frozenset[str]]
    #: Days (ISO) on which a rule begins to count or has ceased to.
    turns: tuple[str, ...] = ()
    reader: Reader | None = None
    own: Mapping[int, "OwnWord"] = field(default_factory=dict)
    silences: Mapping[str, "Silence"] = field(default_factory=dict)
    #: What patterns ask of meta, each once.
    conditions: tuple[Mapping[str, Any], ...] = ()
    _active: dict[tuple[str, str, int, tuple[bool, ...]], Active] = field(default_factory=dict, repr=False)

    def active(self, kind: str, text_class: str, today: str, meta: Mapping[str, Any]) -> Active:
        """Clauses that count for this kind, class and meta on a day (ISO); kept for every stretch of days
        between two on which some rule begins or ends."""
        fits = tuple(_meta_fits(condition, meta) for condition in self.conditions)
        key = (kind, text_class, bisect_right(self.turns, today), fits)
        found = self._active.get(key)
        if found is None:
            clauses = {}
            for index, candidates in self.clauses.items():
                counting = tuple(
                    c
                    for c in candidates
                    if _counts(c, kind, text_class, today) and _meta_fits(c.pattern.meta, meta)
                )
                if counting:
                    clauses[index] = counting
            opens = np.zeros(len(self.strings) + 1, dtype=bool)
            opens[list(clauses)] = True
            found = self._active[key] = Active(clauses, opens)
        return found


def _meta_fits(condition: Mapping[str, Any], meta: Mapping[str, Any]) -> bool:
    return all(meta.get(key) == value for key, value in condition.items())


def _turns(rules: Iterable[Rule]) -> tuple[str, ...]:
    begins = {rule.effective_from for rule in rules}
    ceases = {rule.effective_to + timedelta(days=1) for rule in rules if rule.effective_to}
    return tuple(sorted(day.isoformat() for day in begins | ceases))


def _conditions(rules: Iterable[Rule]) -> tuple[Mapping[str, Any], ...]:
    asked: list[Mapping[str, Any]] = []
    for pattern in (pattern for rule in rules for pattern in rule.patterns):
        if pattern.meta and pattern.meta not in asked:
            asked.append(pattern.meta)
    return tuple(asked)


def _counts(clause: Clause, kind: str, text_class: str, today: str) -> bool:
    rule = clause.rule
    return (
        kind in clause.kinds
        and (not clause.classes or text_class in clause.classes)
        and rule.effective_from.isoformat() <= today
        and (rule.effective_to is None or today <= rule.effective_to.isoformat())
    )


def compile_rulebook(folder: Path) -> Rulebook:
    """Read and compile the packs in ``folder``. ValueError or OSError when they cannot be used."""
    terms, packs = read_packs(folder)
    rules = {rule.id: rule for pack in packs for rule in pack.rules}
    opened, safe, masked, anchors = _words(rules.values(), terms)
    digits = tuple(opened.pop(DIGITS, ()))
    signals = {folded_word(word): name for name, words in terms.signals.items() for word in words}
    disguises = _spellings(masked, anchors, terms)
    strings = tuple(dict.fromkeys((*opened, *safe, *signals, *disguises)))
    index_of = {string: index for index, string in enumerate(strings)}
    clauses = {index_of[string]: tuple(dict.fromkeys(found)) for string, found in opened.items()}
    roles = np.zeros(len(strings), dtype=np.uint8)
    for bit, part in ((1, [*opened]), (2, [*disguises]), (4, [*signals]), (8, [*safe])):
        for string in part:
            roles[index_of[string]] |= bit
    return Rulebook(
        version=_version(folder, packs),
        terms=terms,
        packs=tuple(packs),
        rules=rules,
        strings=strings,
        automaton=matcher(strings),
        roles=roles,
        clauses=clauses | {DIGITS_INDEX: digits},
        disguise_of={index_of[string]: word for string, word in disguises.items()},
        signal_of={index_of[string]: name for string, name in signals.items()},
        safe_for={index_of[string]: frozenset(names) for string, names in safe.items()},
        turns=_turns(rules.values()),
        conditions=_conditions(rules.values()),
        reader=_reader(folder / READER),
    )


def _reader(path: Path) -> Reader | None:
    return load(path) if path.exists() else None


def matcher(strings: Sequence[str]) -> AhoCorasick:
    """The automaton; indexes of its matches are places in ``strings``."""
    return AhoCorasick(strings, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)


def _version(folder: Path, packs: list[Pack]) -> str:
    digest = hashlib.sha256()
    for path in (*sorted(folder.glob("*.yaml")), *folder.glob(READER)):
        digest.update(path.read_bytes())
    return f"{max(p.version for p in packs)}+{digest.hexdigest()[:8]}"


def _words(
    rules: Iterable[Rule], terms: Terms
) -> tuple[dict[str, list[Clause]], dict[str, set[str]], set[str], set[str]]:
    """String → clauses it opens; string → rules it saves from; words and anchors to look for in disguise."""
    exceptions = {e.id: _exception(e, terms) for e in terms.exceptions}
    opened: dict[str, list[Clause]] = {}
    safe: dict[str, set[str]] = {}
    masked = {folded_word(word) for word in (*terms.lexicon, *terms.aliases)}
    anchors: set[str] = set()
    for rule in rules:
        for word in rule.safe:
            safe.setdefault(folded_word(word), set()).add(rule.id)
        for pattern in rule.patterns:
            clause = _clause(rule, pattern, terms, exceptions)
            strings = [folded_word(word) for word in pattern.words or pattern.anchors]
            for string in strings:
                opened.setdefault(string, []).append(clause)
            if pattern.fuzzy:
                (masked if pattern.words else anchors).update(strings)
    return opened, safe, masked, anchors


@cache
def default_rulebook() -> Rulebook:
    """The packs that ship with Xinglin, compiled once a process."""
    return compile_rulebook(Path(str(files("xinglin.compliance") / "rules")))


def folded_word(word: str) -> str:
    """A word as it stands in the automaton; empty when nothing of it is left."""
    return word if word == DIGITS else fold(word).text


def _spellings(words: set[str], anchors: set[str], terms: Terms) -> dict[str, str]:
    """Disguised spelling → the word it hides; a spelling that is itself a word of the packs hides nothing.

    Anchors are ordinary words: only known substitutes and letters disguise them, not any homophone.
    """
    found: dict[str, str] = {}
    known = words | anchors
    for word in sorted(known):
        aliases = map(folded_word, terms.aliases.get(word, ()))
        spelled = variants(word, terms.substitutes, any_homophone=word in words)
        for spelling in (*aliases, *spelled):
            if spelling not in known:
                found.setdefault(spelling, word)
    return found


@cache
def _expression(source: str) -> Expression:
    """One object an expression, so that what it finds can be remembered."""
    return Expression(source)


def _regex(source: str, terms: Terms) -> Expression | None:
    if not source:
        return None
    while _FRAGMENT.search(source):
        source = _FRAGMENT.sub(lambda m: f"(?:{terms.fragments[m.group(1)]})", source)
    return _expression(source)


def _clause(rule: Rule, pattern: Pattern, terms: Terms, exceptions: dict[str, CompiledException]) -> Clause:
    names = rule.exceptions if pattern.exceptions is None else pattern.exceptions
    return Clause(
        rule=rule,
        pattern=pattern,
        kinds=frozenset(pattern.kinds or rule.kinds),
        classes=frozenset(pattern.classes or rule.classes),
        regex=_regex(pattern.regex, terms),
        slots=tuple(slot for source in pattern.all if (slot := _regex(source, terms))),
        near=_regex(pattern.near, terms),
        far=_regex(pattern.far, terms),
        before=_regex(f"(?:{pattern.before})$" if pattern.before else "", terms),
        after=_regex(pattern.after, terms),
        not_before=_regex(f"(?:{pattern.not_before})$" if pattern.not_before else "", terms),
        not_after=_regex(pattern.not_after, terms),
        text_has=_regex(pattern.text_has, terms),
        text_lacks=_regex(pattern.text_lacks, terms),
        exceptions=tuple(exceptions[name] for name in names),
        line=pattern.line,
        has_neighbours=bool(pattern.before or pattern.after or pattern.not_before or pattern.not_after),
    )


def _exception(source: ContextException, terms: Terms) -> CompiledException:
    return CompiledException(
        source.id,
        source.label,
        _regex(source.behind, terms),
        _regex(source.ahead, terms),
        _regex(source.sentence, terms),
        _regex(source.around, terms),
        _regex(source.unless, terms),
        frozenset(source.kinds),
    )
