"""A page's text row by row with its places: what the view of a text as it reads needs to write it back.

Places count UTF-16 units, as browsers do. What lies between two pieces (blank lines, a heading without
words) belongs to nobody and is given back as it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from xinglin.content.rules.blocks import Block, parse, spans

PieceKind = Literal["heading", "text", "quote", "item", "step", "fact", "picture", "way"]
_ROWS: dict[str, PieceKind] = {"list": "item", "steps": "step"}


@dataclass(frozen=True, slots=True)
class Run:
    """Words as they read, and where they stand in the text; ``url`` for those of a link."""

    text: str
    kind: str
    url: str
    at: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One row of a list, one heading, one paragraph …, from ``start`` to ``end`` of the text.

    ``term`` is a fact's left side, ``block`` what a picture or a way to the hospital was read into.
    """

    kind: PieceKind
    start: int
    end: int
    runs: tuple[Run, ...] = ()
    term: tuple[Run, ...] = ()
    block: Block | None = None


def width(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def pieces(body: str) -> list[Piece]:
    """The pieces of a text in order; their ``start`` and ``end`` never overlap. ``body`` has no ``\\r``."""
    rows, at = [], 0
    for line in body.split("\n"):
        if line.strip():
            rows.append((at, line))
        at += width(line) + 1
    found: list[Piece] = []
    for block in parse(body):
        count = len(block.rows) or len(block.items) or block.text.count("\n") + 1
        found += _pieces(block, rows[:count])
        rows = rows[count:]
    return found


def _pieces(block: Block, rows: list[tuple[int, str]]) -> Iterator[Piece]:
    if block.kind in ("facts", "list", "steps"):
        for row, (term, value) in zip(rows, block.rows or [("", item) for item in block.items], strict=True):
            kind = _ROWS.get(block.kind, "fact")
            yield Piece(kind, *_extent([row]), runs=tuple(_runs(row, value)), term=tuple(_term(row, term)))
    elif block.media or block.is_way:
        yield Piece("picture" if block.media else "way", *_extent(rows), block=block)
    elif block.text.strip():
        kind = block.kind if block.kind in ("heading", "quote") else "text"
        # A paragraph is shown as it was typed: "2) …" too, which is read as "2. …".
        texts = [line.strip() for _at, line in rows] if kind == "text" else block.text.split("\n")
        runs: list[Run] = []
        for number, (row, text) in enumerate(zip(rows, texts, strict=True)):
            if number:
                runs.append(Run("\n", "plain", "", row[0] - 1))
            runs += _runs(row, text)
        yield Piece(kind, *_extent(rows), runs=tuple(runs))


def _extent(rows: list[tuple[int, str]]) -> tuple[int, int]:
    return rows[0][0], rows[-1][0] + width(rows[-1][1])


def _runs(row: tuple[int, str], text: str) -> Iterator[Run]:
    """The runs of words that end a row."""
    at, line = row
    before = at + width(line.rstrip()) - width(text)
    for span in spans(text):
        yield Run(span.text, span.kind, span.url, before + width(text[: span.at]))


def _term(row: tuple[int, str], term: str) -> Iterator[Run]:
    """The left side of a fact, which stands behind its mark."""
    at, line = row
    if term:
        mark = len(line) - len(line.lstrip()) + 1
        yield Run(term, "plain", "", at + width(line[: line.index(term, mark)]))
