"""What changed between two wordings, character by character in small runs."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that stayed, went or came."""

    kind: Literal["same", "removed", "added"]
    text: str


def runs(before: str, after: str) -> list[Run]:
    """``after`` told as changes of ``before``; joined kept and added runs give ``after`` back."""
    found: list[Run] = []
    for tag, a, b, c, d in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Run("same", before[a:b]))
            continue
        if b > a:
            found.append(Run("removed", before[a:b]))
        if d > c:
            found.append(Run("added", after[c:d]))
    return found
