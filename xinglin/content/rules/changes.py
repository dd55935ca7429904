"""What changed between two texts, line by line and inside a line word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Change = Literal["same", "added", "removed"]
_WORDS = re.compile(r"[A-Za-z0-9.%]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison: kept, added or removed."""

    kind: Change
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line as shown: runs of words that stayed, came or went."""

    runs: tuple[Line, ...]

    @property
    def is_changed(self) -> bool:
        return any(run.kind != "same" for run in self.runs)


def changed_lines(before: str, after: str) -> list[Line]:
    """Both texts line by line, removed lines before the added ones that took their place."""
    return list(_lines(before.splitlines(), after.splitlines()))


def changed_words(before: str, after: str) -> list[Row]:
    """Both texts as rows; a line that was rewritten shows the words that went and came."""
    rows: list[Row] = []
    old, new = before.splitlines(), after.splitlines()
    for tag, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [Row((Line("same", text),)) for text in old[a:b]]
            continue
        pairs = min(b - a, d - c)
        rows += [Row(tuple(_words(old[a + n], new[c + n]))) for n in range(pairs)]
        rows += [Row((Line("removed", text),)) for text in old[a + pairs : b]]
        rows += [Row((Line("added", text),)) for text in new[c + pairs : d]]
    return rows


def _words(before: str, after: str) -> Iterator[Line]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    if matcher.ratio() < 0.4:  # another sentence altogether reads better whole
        yield from (Line("removed", before), Line("added", after))
        return
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield Line("same", "".join(old[a:b]))
            continue
        if b > a:
            yield Line("removed", "".join(old[a:b]))
        if d > c:
            yield Line("added", "".join(new[c:d]))


def _lines(old: list[str], new: list[str]) -> Iterator[Line]:
    for tag, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line("same", text) for text in old[a:b])
        else:
            yield from (Line("removed", text) for text in old[a:b])
            yield from (Line("added", text) for text in new[c:d])
