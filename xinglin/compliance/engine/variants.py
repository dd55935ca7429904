"""Spellings a forbidden word is disguised in, made at load time: by sound, by shape, by letters."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import product

_SHORT = 4
# Words of grammar stand beside anything; one of them in place of a character is an accident.
_GRAMMAR = frozenset(
    "的了是在有和就不人都个上也很到说要去会着没看自这那之与及以为于而其被把让给从向又再还已如何时所可能更只地得过呢吗吧啊"
)


def _lines(name: str) -> list[str]:
    return (files("xinglin.compliance.engine") / f"data/{name}").read_text("utf-8").splitlines()


@cache
def _syllables() -> tuple[dict[str, str], dict[str, str]]:
    """Character → syllable, and syllable → its common characters."""
    common = dict(line.split(" ") for line in _lines("syllables.txt"))
    return {c: syllable for syllable, characters in common.items() for c in characters}, common


@cache
def _shapes() -> dict[str, tuple[str, ...]]:
    """Character → what stands in for it: others of its look or sound, or its parts in a row."""
    return {line[0]: tuple(line[2:].split(" ")) for line in _lines("shapes.txt")}


@cache
def _pairs() -> dict[str, str]:
    """First character → second characters of two-character words."""
    return {line[0]: line[1:] for line in _lines("pairs.txt")}


def is_pair(first: str, second: str) -> bool:
    """Whether two characters are a word of ordinary Chinese."""
    return bool(first and second) and second in _pairs().get(first, "")


def variants(word: str, substitutes: Mapping[str, str], *, any_homophone: bool = True) -> Iterator[str]:
    """Disguised spellings of ``word``; some come twice, never the word itself, never an ordinary word.

    Known substitutes in any places; any common homophone in one place, where asked for; pinyin in any
    places; an initial in one place where two characters or more remain.
    """
    syllable_of, common = _syllables()
    if len(word) < 2 or not all(c in syllable_of for c in word):
        return
    syllables = [syllable_of[c] for c in word]
    if len(word) <= 6:
        stand_ins = [(c, *substitutes.get(c, ""), *_shapes().get(c, ())) for c in word]
        yield from (s for p in product(*stand_ins) if (s := "".join(p)) != word and not _ordinary(word, p))
    for i, character in enumerate(word):
        head, tail = word[:i], word[i + 1 :]
        for other in common[syllables[i]] if any_homophone else "":
            if other != character and not _ordinary(word, (*head, other, *tail)):
                yield head + other + tail
        if len(word) >= 3:
            yield head + syllables[i][0] + tail
        yield head + syllables[i] + tail
    if len(word) <= 5:
        mixed = product(*zip(word, syllables, strict=True))
        yield from (spelling for p in mixed if (spelling := "".join(p)) != word)
    yield "".join(syllables)
    yield " ".join(syllables)


def _ordinary(word: str, parts: tuple[str, ...]) -> bool:
    """Whether a spelling holds an ordinary word where a character was changed; long words may."""
    if len(word) >= _SHORT:
        return False
    for i, (part, character) in enumerate(zip(parts, word, strict=True)):
        if part != character and (
            part in _GRAMMAR
            or (i and is_pair(parts[i - 1][-1], part[0]))
            or (i + 1 < len(parts) and is_pair(part[-1], parts[i + 1][0]))
            or (len(part) == 2 and is_pair(part[0], part[1]))
        ):
            return True
    return False


def is_accident(text: str, start: int, end: int, word: str) -> bool:
    """Whether ``text[start:end]`` reads as ``word`` by chance: it cuts a word of the text around it.

    Latin spellings must not begin or end inside a Latin word; a character put in for another must not make
    a word with its neighbour outside, where the hidden word is short.
    """
    before, first = text[start - 1 : start], text[start]
    last, after = text[end - 1], text[end : end + 1]
    if cuts_latin(text, start, end):
        return True
    if len(word) >= _SHORT:
        return False
    return (first != word[0] and is_pair(before, first)) or (last != word[-1] and is_pair(last, after))


def cuts_latin(text: str, start: int, end: int) -> bool:
    """Whether a place begins or ends inside a Latin word."""
    return (_is_latin(text[start]) and _is_latin(text[start - 1 : start])) or (
        _is_latin(text[end - 1]) and _is_latin(text[end : end + 1])
    )


def _is_latin(character: str) -> bool:
    return "a" <= character <= "z"
