"""A second reader beside the patterns: how a sentence reads as a whole.

A linear model over runs of one to three characters of the folded text (hashed into buckets, weighted by
rarity, normed by length). Patterns know what must not be said; the reader knows how lawful and unlawful
sentences look that no pattern foresaw. It lets go what a loose pattern hit in a sentence that reads lawful,
and asks after sentences that read unlawful though nothing hit them. ``tools/reader.py`` makes its file from
labelled sentences and prints what it is worth on texts it has not seen.

Source: 医疗广告监管工作指南 and the other texts of ``docs/compliance.md`` by way of the labels; method: Fan
et al., LIBLINEAR (JMLR 9, 2008); Weinberger et al., Feature Hashing (ICML 2009).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from xinglin.compliance.engine.points import points_of

BITS = 18
#: The rule a sentence may break is told from fewer buckets: single characters and pairs.
RULE_BITS = 14
#: Lines up to this length are read whole, longer ones in stretches of sentences of about ``_STRETCH``.
_WHOLE = 100
_STRETCH = 60
_SHORT = 8
#: Shorter than this a stretch says too little.
_LEAST = 8
#: A rule within this of the likeliest (in logits; 1 is 2.7 times less likely) may be the one broken as well.
_CLOSE = 1.0
_PIECE = 1 << 14
#: What each code point is, as bits: it ends a sentence, a line, a clause; it is part of a word; it is blank.
_ENDS, _NEWLINE, _COMMA, _WORD, _BLANK = 1, 2, 4, 8, 16
_KINDS = np.zeros(0x110000, dtype=np.uint8)
_KINDS[0x3400:] = _WORD
for _characters, _bits in (
    ("，,、：:", _COMMA),
    ("。！？!?；;", _COMMA | _ENDS),
    ("\n", _COMMA | _NEWLINE),
    ("0123456789abcdefghijklmnopqrstuvwxyz", _WORD),
    (" \t", _BLANK),
):
    _KINDS[[ord(_character) for _character in _characters]] |= _bits
_A, _B, _C = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D)


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """The model: two numbers a bucket (weight × rarity and, as its imaginary part, rarity²), and what tells
    one rule from another."""

    table: Any
    bias: float
    rules: tuple[str, ...]
    rule_table: Any
    rule_bias: Any

    def read(self, text: str) -> "Reading":
        """How likely each stretch of a folded text is unlawful."""
        points = points_of(text)
        kinds = kinds_of(points)
        said = np.zeros(len(points), dtype=np.complex64)
        for at in range(0, len(points), _PIECE):  # piece by piece, so that it stays in the processor's cache
            for buckets in grams(points[at : at + _PIECE + 2], BITS):
                here = said[at : at + min(_PIECE, len(buckets))]
                here += self.table.take(buckets[: len(here)])
        gains, norms = said.real, said.imag
        levels = []
        for starts in (sentences(kinds), stretches(kinds)):
            score = np.add.reduceat(gains, starts) / np.sqrt(np.add.reduceat(norms, starts) + 1e-9)
            chance = 1 / (1 + np.exp(-(score + self.bias)))
            ends = np.append(starts[1:], len(points))
            chance[ends - starts < _LEAST] = 0.5
            levels.append(Level(starts, ends, chance))
        return Reading(points, kinds, tuple(levels), gains, norms, self.bias)

    def rule_of(
        self, reading: "Reading", start: int, end: int, among: Collection[str], grave: Collection[str] = ()
    ) -> str:
        """The rule that a stretch most likely breaks; a ``grave`` one goes before a milder that is hardly
        likelier. "" when it does not count here: what is unlawful as science may be lawful as a notice."""
        one, two = reading.rule_grams
        buckets = np.concatenate([one[start : end + 2], two[start : end + 1]])
        scores = self.rule_table.take(buckets, axis=0).sum(axis=0) / np.sqrt(len(buckets)) + self.rule_bias
        likeliest = sorted(zip(scores.tolist(), self.rules, strict=True), reverse=True)
        best, first = likeliest[0]
        for score, rule in likeliest:
            if score < best - _CLOSE:
                break
            if rule in grave:
                return rule
        return first if first in among else ""


@dataclass(frozen=True, eq=False)
class Level:
    """A text cut one way: where the pieces begin and end, and the chance that each is unlawful."""

    starts: Any
    ends: Any
    chance: Any

    @cached_property
    def pieces(self) -> tuple[list[int], list[int], list[float]]:
        """The same as lists, which answer for one place sooner."""
        return self.starts.tolist(), self.ends.tolist(), self.chance.tolist()


@dataclass(frozen=True, eq=False)
class Reading:
    """One folded text cut into sentences and, wider, into stretches; and each character's share in it."""

    points: Any
    kinds: Any
    levels: tuple[Level, ...]
    gains: Any
    norms: Any
    bias: float

    def at(self, start: int, end: int) -> float:
        """The largest chance of the pieces that a place touches, however the text is cut."""
        most = 0.0
        for level in self.levels:
            starts, ends, chance = level.pieces
            first, last = bisect_right(ends, start), bisect_left(starts, end)
            most = max(most, *chance[first:last]) if first < last else max(most, 0.5)
        return most

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Where the sentences of a place begin and end."""
        starts, ends, _chance = self.levels[0].pieces
        first = bisect_right(ends, start)
        return starts[first], ends[max(first, bisect_left(starts, end) - 1)]

    @cached_property
    def sentence_ends(self) -> list[int]:
        """Where sentences end; the end of the text is one."""
        return [*_places(self.kinds, _ENDS | _NEWLINE), len(self.kinds)]

    @cached_property
    def rule_grams(self) -> tuple[Any, Any]:
        """Buckets of single characters and pairs that tell one rule from another."""
        one, two, _three = grams(self.points, RULE_BITS)
        return one, two

    @cached_property
    def _commas(self) -> list[int]:
        return _places(self.kinds, _COMMA)

    def clause(self, start: int, end: int) -> float:
        """The chance of the clause around a place, between commas, read by itself; 0.5 where it is short."""
        stops = self._commas
        before, after = bisect_left(stops, start), bisect_left(stops, end)
        left = stops[before - 1] + 1 if before else 0
        right = stops[after] if after < len(stops) else len(self.points)
        if np.count_nonzero(self.kinds[left:right] & _WORD) < _LEAST:
            return 0.5
        score = self.gains[left:right].sum() / np.sqrt(self.norms[left:right].sum() + 1e-9)
        return float(1 / (1 + np.exp(-(score + self.bias))))

    def suspects(self, least: float) -> list[tuple[int, int, float]]:
        """Pieces at or above a chance, sentences first."""
        return [
            (int(level.starts[i]), int(level.ends[i]), float(level.chance[i]))
            for level in self.levels
            for i in np.flatnonzero(level.chance >= least)
        ]

    def core(self, start: int, end: int) -> tuple[int, int]:
        """The clauses of a stretch that make it read unlawful: the weightiest and its weighty neighbours."""
        stops = self._commas[bisect_left(self._commas, start) : bisect_left(self._commas, end)]
        edges = [start, *(stop + 1 for stop in stops if stop + 1 < end), end]
        parts = [(a, b, float(self.gains[a:b].sum())) for a, b in pairwise(edges)]
        best = max(range(len(parts)), key=lambda i: parts[i][2])
        left = right = best
        while left > 0 and parts[left - 1][2] > 0:
            left -= 1
        while right + 1 < len(parts) and parts[right + 1][2] > 0:
            right += 1
        from_, to = parts[left][0], parts[right][1]
        while to - 1 > from_ and self.kinds[to - 1] & (_COMMA | _BLANK):
            to -= 1
        while from_ < to - 1 and self.kinds[from_] & (_COMMA | _BLANK):
            from_ += 1
        return from_, to


def kinds_of(points: Any) -> Any:
    """What each of the code points is, as bits."""
    return _KINDS[points]


def sentence_ends(text: str) -> list[int]:
    """The same of a text that is not read as a whole."""
    return [*_places(kinds_of(points_of(text)), _ENDS | _NEWLINE), len(text)]


def _places(kinds: Any, wanted: int) -> list[int]:
    return list(np.flatnonzero(kinds & wanted).tolist())


def sentences(kinds: Any) -> Any:
    """Where sentences begin; one of a few characters belongs to the next of its line."""
    stops = np.flatnonzero(kinds & (_ENDS | _NEWLINE)) + 1
    stops = stops[(np.diff(stops, prepend=0) >= _SHORT) | (kinds[stops - 1] & _NEWLINE != 0)]
    return np.concatenate([[0], stops[stops < len(kinds)]])


def stretches(kinds: Any) -> Any:
    """Where the stretches begin that are read together; a line never shares one with the next."""
    breaks = np.flatnonzero(kinds & _NEWLINE) + 1
    lines = np.concatenate([[0], breaks[breaks < len(kinds)]])
    lengths = np.diff(np.append(lines, len(kinds)))
    if (lengths <= _WHOLE).all():
        return lines
    stops = np.flatnonzero(kinds & _ENDS) + 1
    line = np.searchsorted(lines, stops, side="right") - 1
    block = (stops - lines[line]) // _STRETCH
    is_last = np.append((line[1:] != line[:-1]) | (block[1:] != block[:-1]), True)[: len(stops)]
    inner = stops[
        is_last & (lengths[line] > _WHOLE) & (stops < np.append(lines, len(kinds))[line + 1] - _LEAST)
    ]
    return np.unique(np.concatenate([lines, inner]))


def grams(points: Any, bits: int) -> tuple[Any, Any, Any]:
    """Buckets of the runs of one, two and three characters that begin at each place."""
    shift = np.uint32(32 - bits)
    one = points * _A
    two = one[:-1] ^ (points[1:] * _B)
    three = two[:-1] ^ (points[2:] * _C)
    return tuple(((run ^ (run >> np.uint32(15))) * _A) >> shift for run in (one, two * _C, three * _B))


def load(path: Path) -> Reader:
    """The model of a file. OSError or ValueError when it cannot be used."""
    with np.load(path, allow_pickle=False) as file:
        # Runs never met say nothing, and the more of them the less is said.
        table = np.full(1 << BITS, complex(0, float(file["unseen"])), dtype=np.complex64)
        values = file["values"].astype(np.float32)
        table[file["buckets"]] = values[:, 0] + 1j * values[:, 1]
        rule_table = np.zeros((1 << RULE_BITS, len(file["rules"])), dtype=np.float32)
        rule_table[file["rule_buckets"]] = file["rule_values"].astype(np.float32) * file["rule_scale"]
        return Reader(
            table=table,
            bias=float(file["bias"]),
            rules=tuple(map(str, file["rules"])),
            rule_table=rule_table,
            rule_bias=file["rule_bias"],
        )
