"""From an advertisement to a lawful science text: what makes it one is taken out, and said.

Contact, booking and links go with their sentence; what the rules can rewrite is rewritten; what praises or
promises and cannot be rewritten goes with its clause. The author sees every change before it is taken over.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext

_WAY = re.compile(r"^\s*\[\s*(?:预约|医生|电话|地址)\s*\]\s*$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]+)\]\(https?://[^\s)]+\)")
_URL = re.compile(r"(?:https?://|www\.)[^\s，。；、）)]+")
_STOPS = "。！？!?；;\n"
_COMMAS = "，,、" + _STOPS
#: These go with their whole sentence; half a testimonial is one still.
WHOLE = frozenset({"disguised", "endorsement", "price", "bribery"})
#: Rewritten as a whole clause: what stands around the figure boasts too.
CLAUSE = frozenset({"cure_rate", "efficacy", "comparison"})
ROUNDS = 6


class Finding(Protocol):
    """What the helper needs of a finding; offsets are code points of the text it was found in."""

    @property
    def start(self) -> int | None: ...
    @property
    def end(self) -> int | None: ...
    @property
    def replace(self) -> str | None: ...
    @property
    def family(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def severity(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """One change: what was there, what stands now ("" where it went), and the rule's name."""

    before: str
    after: str
    why: str


def _around(text: str, start: int, end: int, stops: str) -> tuple[int, int]:
    while start > 0 and text[start - 1] not in stops:
        start -= 1
    while end < len(text) and text[end] not in stops:
        end += 1
    return start, end


def _one(text: str, finding: Finding) -> tuple[str, Taken]:
    start, end = finding.start or 0, finding.end or 0
    if finding.replace and finding.family in CLAUSE:
        start, end = _around(text, start, end, _COMMAS)
    if finding.replace:
        return text[:start] + finding.replace + text[end:], Taken(
            text[start:end], finding.replace, finding.name
        )
    whole = finding.family in WHOLE
    start, end = _around(text, start, end, _STOPS if whole else _COMMAS)
    if end < len(text) and text[end] in (_STOPS if whole else "，,、"):
        end += 1
    elif start > 0 and text[start - 1] in "，,、":
        start -= 1
    return text[:start] + text[end:], Taken(text[start:end], "", finding.name)


def as_science(text: str, find: Callable[[str], Sequence[Finding]]) -> tuple[str, list[Taken]]:
    """A text without what science may not carry, and every change; ``find`` gives its blocking findings.

    What is left after six rounds is left to the author.
    """
    taken = [Taken(match[0].strip(), "", gettext("科普页不放入口")) for match in _WAY.finditer(text)]
    text = _WAY.sub("", text)
    taken += [Taken(match[0], match[1], gettext("科普页不放链接")) for match in _LINK.finditer(text)]
    text = _LINK.sub(r"\1", text)
    taken += [Taken(match[0], "", gettext("科普页不放链接")) for match in _URL.finditer(text)]
    text = _URL.sub("", text)
    for _ in range(ROUNDS):
        found = [f for f in find(text) if f.severity == "block" and f.start is not None]
        if not found:
            break
        found = [f for f in found if f.family in WHOLE] or found
        limit = len(text) + 1
        for finding in sorted(found, key=lambda f: f.start or 0, reverse=True):
            if (finding.end or 0) > limit:
                continue  # overlaps what was just changed; the next round looks again
            text, change = _one(text, finding)
            taken.append(change)
            limit = _around(text, finding.start or 0, finding.start or 0, _STOPS)[0]
    return re.sub(r"\n{3,}", "\n\n", text).strip(), taken
