"""Disguised spellings put back: homophones, look-alikes, pinyin and split characters become the word they
stand for, so that every rule sees it; places still lead to the author's own text."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from xinglin.compliance.engine.variants import is_accident

# How much of the text around a disguised word is judged again, characters to either side.
_AROUND = 200
Spelling = tuple[int, int, str]


class Source(Protocol):
    """A text to match against, with the way back to the original."""

    @property
    def text(self) -> str:
        """What is matched."""

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Half-open span of the original for ``text[start:end]``; the span must not be empty."""


@dataclass(frozen=True, slots=True)
class Original:
    """The author's text itself."""

    text: str

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The same span."""
        return start, end


@dataclass(frozen=True, slots=True)
class Within:
    """A source made from the text of another one."""

    source: Source
    outer: Source

    @property
    def text(self) -> str:
        """The text of the inner one."""
        return self.source.text

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Through both."""
        return self.outer.origin(*self.source.origin(start, end))


@dataclass(frozen=True, slots=True)
class Unmasked:
    """Text with words put in; ``starts`` begin its stretches, each with its place in ``outer``."""

    text: str
    outer: Source
    starts: tuple[int, ...]
    places: tuple[tuple[int, int], ...]
    replaced: tuple[bool, ...]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Half-open span of the original; a replaced word answers with the whole of its spelling."""
        first, last = self._stretch(start), self._stretch(end - 1)
        left, right = self.places[first][0], self.places[last][1]
        if not self.replaced[first]:
            left += start - self.starts[first]
        if not self.replaced[last]:
            right = self.places[last][0] + end - self.starts[last]
        return self.outer.origin(left, right)

    @property
    def words(self) -> tuple[tuple[int, int], ...]:
        """Where in ``text`` words were put in."""
        ends = (*self.starts[1:], len(self.text))
        return tuple(
            (start, end) for start, end, put in zip(self.starts, ends, self.replaced, strict=True) if put
        )

    def _stretch(self, position: int) -> int:
        return bisect_right(self.starts, position) - 1


def unmask(source: Source, spellings: Iterable[Spelling]) -> Unmasked | None:
    """The surroundings of the ``spellings`` with the words put back; None where all are accidents."""
    text = source.text
    chosen: list[Spelling] = []
    for start, end, word in sorted(spellings, key=lambda s: (s[0], -s[1])):
        if (not chosen or start >= chosen[-1][1]) and not is_accident(text, start, end, word):
            chosen.append((start, end, word))
    return put_in(source, chosen, around=_AROUND) if chosen else None


def put_in(source: Source, words: list[Spelling], *, around: int) -> Unmasked:
    """``words`` (start, end, word; sorted, apart) put in their places; what is farther off is left out."""
    text = source.text
    pieces: list[tuple[str, tuple[int, int], bool]] = []
    at = max(0, words[0][0] - around)
    for i, (start, end, word) in enumerate(words):
        following = words[i + 1][0] if i + 1 < len(words) else len(text) + 2 * around
        pieces += [(text[at:start], (at, start), False), (word, (start, end), True)]
        at = end
        if following - end > 2 * around:
            stop = min(len(text), end + around)
            pieces.append((text[end:stop], (end, stop), False))
            if stop < len(text):
                pieces.append(("。", (stop - 1, stop), True))
            at = following - around
    pieces = [piece for piece in pieces if piece[0]]
    starts, length = [], 0
    for piece, _place, _is_word in pieces:
        starts.append(length)
        length += len(piece)
    return Unmasked(
        "".join(piece for piece, _place, _is_word in pieces),
        source,
        tuple(starts),
        tuple(place for _piece, place, _is_word in pieces),
        tuple(is_word for _piece, _place, is_word in pieces),
    )
