"""Expressions made to give up sooner where they match nothing, which is nearly everywhere."""

import re
from collections.abc import Callable, Iterator
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

# A range of more characters than this is nearly any character, and not worth a look.
_MOST = 64
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_WITHOUT_WIDTH = (codes.ASSERT, codes.ASSERT_NOT, codes.AT)


class Expression:
    """An expression compiled when it is first asked: the packs hold 1,800, of which a text asks a few dozen.

    What compiling it raises (``re.error``) comes from the first question.
    """

    __slots__ = ("finditer", "match", "search", "source")
    search: Callable[..., re.Match[str] | None]
    match: Callable[..., re.Match[str] | None]
    finditer: Callable[..., Iterator[re.Match[str]]]

    def __init__(self, source: str) -> None:
        self.source = source
        self.search = lambda *where: self.compiled().search(*where)
        self.match = lambda *where: self.compiled().match(*where)
        self.finditer = lambda *where: self.compiled().finditer(*where)

    def compiled(self) -> re.Pattern[str]:
        """From now on the questions go straight to what was compiled."""
        found = re.compile(quick(self.source))
        self.search, self.match, self.finditer = found.search, found.match, found.finditer
        return found


def quick(source: str) -> str:
    """An expression that matches the same and gives up sooner: it looks at the first character first.

    ``re`` itself does so only where expressions plainly begin with a character.
    """
    parsed = parser.parse(source)
    if parsed.state.flags != re.UNICODE or _begins_plainly(parsed):
        return source
    heads = _heads(parsed)
    return f"(?=[{heads}])(?:{source})" if heads else source


def _begins_plainly(items: Any) -> bool:
    if not items:
        return True
    code, argument = items[0]
    if code is codes.SUBPATTERN:
        return _begins_plainly(argument[3])
    if code is codes.BRANCH:
        return all(one and one[0][0] is codes.LITERAL for one in argument[1])
    return code in (codes.LITERAL, codes.IN, codes.AT)


def _heads(items: Any) -> str | None:
    """The characters a match may begin with, as a class is written; None where anything may."""
    heads = ""
    for code, argument in items:
        is_optional = code in _REPEATS and argument[0] == 0
        inner = _heads_of(code, argument)
        if inner is None:
            return None
        heads += inner
        if inner and not is_optional:
            return heads
    return None


def _heads_of(code: Any, argument: Any) -> str | None:
    """Those of one item; empty for one of no width."""
    if code is codes.LITERAL:
        return re.escape(chr(argument))
    if code is codes.IN:
        return _joined([_member(*one) for one in argument])
    if code is codes.SUBPATTERN:
        _group, flags_on, flags_off, inner = argument
        return None if flags_on or flags_off else _heads(inner)
    if code in _REPEATS:
        return _heads(argument[2])
    if code is codes.BRANCH:
        return _joined([_heads(one) for one in argument[1]])
    return "" if code in _WITHOUT_WIDTH else None


def _joined(classes: list[str | None]) -> str | None:
    known = [one for one in classes if one is not None]
    return "".join(known) if len(known) == len(classes) else None


def _member(code: Any, argument: Any) -> str | None:
    if code is codes.LITERAL:
        return re.escape(chr(argument))
    if code is codes.RANGE and argument[1] - argument[0] < _MOST:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    return r"\s" if argument is codes.CATEGORY_SPACE else None
