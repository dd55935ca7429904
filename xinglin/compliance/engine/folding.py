"""Folding: one canonical text to match against, with a map back to the author's own code points.

Two steps only, so that offsets stay cheap: a one-to-one character table (width, case, traditional forms,
circled figures, look-alikes) and the removal of what hides a word (zero-width characters, emoji, ornaments,
and blanks or strokes between Chinese characters).
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from xinglin.compliance.engine.points import points_of

_STRETCH = 2048
CJK = "\u3400-\u4dbf\u4e00-\u9fff"
_CJK_OR_WORD = re.compile(f"[{CJK}A-Za-z0-9%]")
_CJK = re.compile(f"[{CJK}]")
# Always removed, wherever they stand.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u0300-\u036f\u20d0-\u20ff\ue000-\uf8ff"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)
_PICTURES = (
    "\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff\u3030\u303d"
)
# Removed between Chinese characters (or a Chinese character and a letter or figure).
_STROKES = r" \t\r\f\v\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000·•・‧\-_/\\.*|+~^`'#&=<>‑‒–—―﹣－‖¦∣"
# Written one and more, not ``+``: an expression that begins with a class is searched for much faster.
_REMOVABLE = re.compile("[{0}][{0}]*".format(_INVISIBLE + _PICTURES + _STROKES))
_STROKE = re.compile(f"[{_STROKES}]")
# One character, one separator, one character …: punctuation used to cut a word into letters.
_CHOP_SIGNS = '，,、。.！!；;:：?？"“”…'
_CHOPS = f"[{_CHOP_SIGNS}][{_CHOP_SIGNS}]?"
# Separator, one character, separator, one character …: punctuation used to cut a word into letters.
_CHOPPED = re.compile(f"{_CHOPS}[{CJK}](?:{_CHOPS}[{CJK}])+(?![{CJK}])")
_CHOP = re.compile(_CHOPS)
# A line break with the blank lines and blanks after it; a line but the first that may be such a fragment.
_BREAK = re.compile(r"\n\s*")
_SHORT_LINE = re.compile(r"\n\s*+[^\n]{1,3}(?:\n|\Z)")

_LOOKALIKES = dict(
    zip(
        "囯囶蕞嘬卝仩丅絶効亱癒瘉菂锝佌専㊣仼恠沒冇卛凨凬旡苐伩葯満仝"
        "夭丕卟芣甪雰曰氐冢呺笫眀璧冶乂菿亇箹媄佰仟柒贰叁捌玖佽朩傚哋伱莪鈊侢証炦娤"
        "兲恏冇薬痩訫昰眞羙荿莈斈庅洅囬囙泩苼甡嬡図圎哃尛尐弌弍弎圡芐茤菦徃戓耂祘衞氺亽汏迏偂赱"
        "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü"
        "АВЕКМНОРСТУХаеорсухіѕјԁɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧοıℓ",
        "国国最最十上下绝效夜愈愈的的此专正任怪没没率风风无第信药满全"
        "天不不不用零日低家号第明壁治义到个药美百千七二三八九次木效地你我心再证发装"
        "天好无药瘦信是真美成没学么再回因生生生爱图圆同小少一二三土下多近往或老算卫水人大达前走"
        "aaaaeeeeiiiioooouuuuvvvvv"
        "abekmhopctyxaeopcyxisjdgabezhikmnoptyxoil",
        strict=True,
    )
)
_ROMAN = dict(zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ", "1234567899", strict=True))


@cache
def fold_table() -> dict[int, str]:
    """Code point → folded character; only characters that change are in it."""
    source, target = (files("xinglin.compliance.engine") / "data/traditional.txt").read_text("utf-8").split()
    table = {ord(a): b for a, b in zip(source, target, strict=True)}
    ranges = [
        range(0xFF01, 0xFF5F),  # full width
        range(0x2460, 0x249C),  # circled and dotted figures
        range(0x24B6, 0x24EA),  # circled letters
        range(0x24EA, 0x2500),
        range(0x2776, 0x2794),  # dingbat figures
        range(0x3220, 0x3244),
        range(0x3280, 0x32B1),  # circled Chinese
        range(0xF900, 0xFAFF),  # compatibility forms
        range(0x2E80, 0x2FD6),  # radicals
        range(0x1D400, 0x1D800),  # mathematical letters
        range(0x1F100, 0x1F190),  # squared and circled letters
    ]
    for codes in ranges:
        for code in codes:
            plain = _plain(chr(code))
            if plain is not None and plain != chr(code):
                table[code] = plain
    for code in range(0x2776, 0x2780):
        table[code] = table[code + 10] = str((code - 0x2776 + 1) % 10)
    for code in range(ord("A"), ord("Z") + 1):
        table[code] = chr(code + 32)
    table |= {ord(a): b for a, b in (_LOOKALIKES | _ROMAN).items() if a != b}
    # Punctuation of both widths is matched as it stands, so ordinary text need not be rewritten.
    for sign in "，。：；！？（）":
        table.pop(ord(sign), None)
    return table


def _plain(character: str) -> str | None:
    """The one character that says the same, lower case; None when there is none."""
    folded = unicodedata.normalize("NFKC", character).lower()
    if len(folded) > 1:
        kept = [c for c in folded if c.isalnum()]
        folded = kept[0] if len(kept) == 1 else ""
    return folded if len(folded) == 1 else None


#: What folding may have to do about a character: translate it, take it out, take out what cuts words up.
_FOLDED, _REMOVED, _CHOPPING = 1, 2, 4
_BEYOND = 0x10000


@cache
def _concerns() -> Any:
    """For every code point of the basic plane what it may ask for; one more entry for those beyond it."""
    table = np.zeros(_BEYOND + 1, dtype=np.uint8)
    table[_BEYOND] = _FOLDED | _REMOVED
    table[[code for code in fold_table() if code < _BEYOND]] |= _FOLDED
    table[[ord(sign) for sign in _CHOP_SIGNS]] |= _CHOPPING
    for run in _REMOVABLE.finditer("".join(map(chr, range(_BEYOND)))):
        table[run.start() : run.end()] |= _REMOVED
    return table


def _asked(text: str) -> tuple[Any, int]:
    """What each character asks for, and all of them together: most texts ask for little."""
    each = _concerns()[np.minimum(points_of(text), _BEYOND)]
    return each, int(np.bitwise_or.reduce(each))


@cache
def _foldable() -> re.Pattern[str]:
    """Finds a character worth folding; the basic plane alone, which keeps the set a fast bitmap."""
    return re.compile("[" + "".join(re.escape(chr(c)) for c in sorted(fold_table()) if c < 0x10000) + "]")


def _translated(text: str) -> str:
    """The table applied by stretches: hit by hit where hits are few, else character by character."""
    return "".join(_translated_stretch(text[i : i + _STRETCH]) for i in range(0, len(text), _STRETCH))


def _translated_stretch(text: str) -> str:
    table = fold_table()
    if has_astral(text) or 8 * len(_foldable().findall(text)) > len(text):
        return text.translate(table)
    return _foldable().sub(lambda hit: table[ord(hit.group())], text)


def has_astral(text: str) -> bool:
    """Characters beyond the basic plane; the encoder is an order of magnitude faster than a pattern."""
    return len(text.encode("utf-16-le", "surrogatepass")) != 2 * len(text)


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; ``origin`` maps a span of it to a span of the original, in code points."""

    text: str
    starts: tuple[int, ...]
    shifts: tuple[int, ...]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Half-open span in the original text of ``text[start:end]``; the span must not be empty."""
        return self._at(start), self._at(end - 1) + 1

    def _at(self, position: int) -> int:
        return position + self.shifts[bisect_right(self.starts, position) - 1]


def fold(text: str) -> Folded:
    """Fold ``text`` for matching; deterministic, length-changing only by removal."""
    each, asked = _asked(text)
    plain = text
    if asked & _FOLDED:
        plain = _translated(text)
        each, asked = _asked(plain)
    cuts = _cuts(plain, each, asked)
    if not cuts:
        return Folded(plain, (0,), (0,))
    parts: list[str] = []
    starts, shifts = [0], [0]
    at = length = 0
    for start, end in cuts:
        parts.append(plain[at:start])
        length += start - at
        at = end
        starts.append(length)
        shifts.append(end - length)
    parts.append(plain[at:])
    return Folded("".join(parts), tuple(starts), tuple(shifts))


def _cuts(text: str, each: Any, asked: int) -> list[tuple[int, int]]:
    cuts: list[tuple[int, int]] = []
    for match in _REMOVABLE.finditer(text) if asked & _REMOVED else ():
        start, end = match.span()
        left, right = text[start - 1 : start], text[end : end + 1]
        if _joins(left, right, match.group()):
            cuts.append((start, end))
        else:
            cuts += _inner_cuts(match.group(), start)
    chopped = [
        (m.start() + c.start(), m.start() + c.end())
        for m in (_CHOPPED.finditer(text) if _may_be_chopped(each, asked) else ())
        if _stands_alone(text, m.start() - 1)
        for c in _CHOP.finditer(m.group())
    ]
    lines = _line_cuts(text)
    return _merged(cuts + chopped + lines) if chopped or lines else cuts


def _may_be_chopped(each: Any, asked: int) -> bool:
    """Whether a single character stands between two signs anywhere."""
    return bool(asked & _CHOPPING) and 2 in np.diff(np.flatnonzero(each & _CHOPPING))


def _joins(left: str, right: str, run: str = "") -> bool:
    if not left or not right:
        return False
    if run and not run.strip("*_~^|"):
        return bool(_CJK_OR_WORD.match(left) and _CJK_OR_WORD.match(right))
    return bool(
        _CJK_OR_WORD.match(left) and _CJK_OR_WORD.match(right) and (_CJK.match(left) or _CJK.match(right))
    )


def _inner_cuts(run: str, offset: int) -> list[tuple[int, int]]:
    """Runs that do not join a word lose only what cannot be seen; blanks and strokes stay."""
    if all(_STROKE.match(c) for c in run):
        return []
    return [(offset + i, offset + i + 1) for i, c in enumerate(run) if not _STROKE.match(c)]


def _stands_alone(text: str, at: int) -> bool:
    """A Chinese character without another one before it."""
    return at >= 0 and bool(_CJK.match(text, at)) and not (at and _CJK.match(text, at - 1))


def _line_cuts(text: str) -> list[tuple[int, int]]:
    """Line breaks beside a fragment of one or two characters: a word written downwards."""
    first = text.find("\n")
    if first < 0 or (first > 3 and _SHORT_LINE.search(text) is None):
        return []
    breaks = [m.span() for m in _BREAK.finditer(text)]
    cuts: list[tuple[int, int]] = []
    for i, (at, end) in enumerate(breaks):
        previous = breaks[i - 1][1] if i else 0
        following = breaks[i + 1][0] if i + 1 < len(breaks) else len(text)
        if at - previous <= 3 or following - end <= 2:
            start = at
            while start > 0 and text[start - 1].isspace():
                start -= 1
            if _joins(text[start - 1 : start], text[end : end + 1]):
                cuts.append((start, end))
    return cuts


def _merged(cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(cuts):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
