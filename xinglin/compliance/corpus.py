"""Registry of what the hospital has said before: modules hang in the texts a changed rule is replayed on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from xinglin.compliance.review.parts import Part


@dataclass(frozen=True, slots=True)
class PastText:
    """One text: its name and page for people, and its parts as they were checked."""

    label: str
    url: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Texts of one kind. ``texts`` yields all of a hospital's, newest wording each, in a stable order."""

    code: str
    label: str | Promise
    count: Callable[[int], int]
    texts: Callable[[int], Iterator[PastText]]


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a source; a module does so in its ``corpus.py``."""
    _sources[source.code] = source


def sources() -> list[Source]:
    """All sources in the order of their codes."""
    return [source for _code, source in sorted(_sources.items())]
