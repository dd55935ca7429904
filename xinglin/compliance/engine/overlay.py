"""What a hospital lays over the shipped packs: words of its own, and rules it has silenced for a time."""

from dataclasses import dataclass, replace

import numpy as np

from xinglin.compliance.engine.packs import Severity
from xinglin.compliance.engine.rulebook import Rulebook, folded_word, matcher

OWN_RULE = "OWN-01"
OWN_FAMILY = "own"
HOUSE_RULE = "本机构用语规定"


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A word of the hospital's own list; ``citation`` names a law or stays empty for a rule of the house."""

    word: str
    severity: Severity = "warn"
    reason: str = ""
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """A rule that does not count until the day after ``until`` (ISO date), and why."""

    rule: str
    until: str
    reason: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """One version of the hospital's layer."""

    version: str = ""
    words: tuple[OwnWord, ...] = ()
    silences: tuple[Silence, ...] = ()


def laid_over(book: Rulebook, overlay: Overlay) -> Rulebook:
    """The shipped packs with the hospital's layer: one automaton over all strings, so still one pass."""
    strings = dict.fromkeys(book.strings)
    own_words = {string: own for own in overlay.words if (string := folded_word(own.word))}
    for string in own_words:
        strings.setdefault(string)
    ordered = tuple(strings)
    roles = np.zeros(len(ordered), dtype=np.uint8)
    roles[: len(book.strings)] = book.roles
    own: dict[int, OwnWord] = {}
    for index, string in enumerate(ordered):
        if string in own_words:
            own[index] = own_words[string]
            roles[index] |= 16
    return replace(
        book,
        _active={},
        version=f"{book.version}/{overlay.version}" if overlay.version else book.version,
        strings=ordered,
        automaton=matcher(ordered) if own else book.automaton,
        roles=roles,
        own=own,
        silences={silence.rule: silence for silence in overlay.silences},
    )
