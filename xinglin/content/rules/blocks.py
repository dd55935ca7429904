"""Markdown as far as a page needs it, read into blocks: what an author types is what the template is given.

``## 小标题``, a paragraph, ``- 项目：内容`` (facts, in rows), ``- 一句话`` (a list), ``1. 一步`` (steps),
``> 引文``, ``![说明](media:ID)``, ``![说明](pano:ID)`` (to look around in), ``![说明](model:ID)`` (to turn),
and alone on a line the ways to the hospital: ``[预约]``, ``[医生]``, ``[电话]``, ``[地址]``. Inside a line
``**粗**``, ``*斜*`` and ``[词](https://…)``. Everything else is text; nothing is ever HTML.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

BlockKind = Literal[
    "heading",
    "text",
    "facts",
    "list",
    "steps",
    "quote",
    "image",
    "panorama",
    "model",
    "booking",
    "doctors",
    "phone",
    "address",
]
WAYS: dict[str, BlockKind] = {"预约": "booking", "医生": "doctors", "电话": "phone", "地址": "address"}
_WAY = re.compile(r"\[\s*(预约|医生|电话|地址)\s*\]")
_FACT = re.compile(r"[-*]\s*([^：:*\[\]]{1,24})[：:]\s*(.+)")
_ITEM = re.compile(r"[-*]\s+(.+)")
_STEP = re.compile(r"(\d{1,2})[.)]\s+(.+)")
_QUOTE = re.compile(r">\s?(.*)")
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\((media|pano|model):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\)")
SHOWN: dict[str, BlockKind] = {"media": "image", "pano": "panorama", "model": "model"}
_SPAN = re.compile(
    r"\*\*(?P<strong>[^*\n]+)\*\*|\*(?P<em>[^*\s][^*\n]*)\*|\[(?P<word>[^\]\n]+)\]\((?P<url>https?://[^\s)]+)\)"
)


@dataclass(frozen=True, slots=True)
class Block:
    """``text`` for headings, paragraphs, quotes and captions, ``rows`` of (term, value) for facts, ``items``
    for lists and steps, ``media`` for the id of a picture or model."""

    kind: BlockKind
    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    items: tuple[str, ...] = ()
    media: str = ""

    @property
    def is_way(self) -> bool:
        """Whether it leads to the hospital: bookings, doctors, phone, address."""
        return self.kind in WAYS.values()


@dataclass(frozen=True, slots=True)
class Span:
    """A run of words inside a line; ``at`` is the place of its first word in the line."""

    text: str
    kind: Literal["plain", "strong", "em", "link"] = "plain"
    url: str = ""
    at: int = field(default=0, compare=False)


def spans(text: str) -> list[Span]:
    """A line's words with what is bold, slanted or a link."""
    found, at = [], 0
    for match in _SPAN.finditer(text):
        if match.start() > at:
            found.append(Span(text[at : match.start()], at=at))
        if match["strong"]:
            found.append(Span(match["strong"], "strong", at=match.start("strong")))
        elif match["em"]:
            found.append(Span(match["em"], "em", at=match.start("em")))
        else:
            found.append(Span(match["word"], "link", match["url"], at=match.start("word")))
        at = match.end()
    if at < len(text):
        found.append(Span(text[at:], at=at))
    return found


def has_links(body: str) -> bool:
    """Whether a text carries a link out."""
    return any(match["url"] for match in _SPAN.finditer(body)) or bool(re.search(r"https?://|www\.", body))


def media_of(body: str) -> list[UUID]:
    """The pictures and models a text shows, in order."""
    found = []
    for match in _IMAGE.finditer(body):
        try:
            found.append(UUID(match[3]))
        except ValueError:
            continue
    return found


def parse(body: str) -> list[Block]:
    """Blocks of a page's text, in order."""
    return list(_blocks(body.replace("\r\n", "\n").split("\n")))


def _blocks(lines: list[str]) -> Iterator[Block]:
    held = _Held()
    for raw in lines:
        line = raw.strip()
        way, image = _WAY.fullmatch(line), _IMAGE.fullmatch(line)
        if not line or way or image or line.startswith("#"):
            yield from held.give()
            if way:
                yield Block(WAYS[way[1]])
            elif image:
                yield Block(SHOWN[image[2]], text=image[1].strip(), media=image[3])
            elif line:
                yield Block("heading", text=line.lstrip("#").strip())
        elif fact := _FACT.fullmatch(line):
            yield from held.take("facts", (fact[1].strip(), fact[2].strip()))
        elif item := _ITEM.fullmatch(line):
            yield from held.take("list", item[1].strip())
        elif step := _STEP.fullmatch(line):
            yield from held.take("steps", step[2].strip(), number=step[1])
        elif quote := _QUOTE.fullmatch(line):
            yield from held.take("quote", quote[1].strip())
        else:
            yield from held.take("text", line)
    yield from held.give()


class _Held:
    """Lines of one kind that stand together."""

    def __init__(self) -> None:
        self.kind: BlockKind = "text"
        self.parts: list[object] = []

    def take(self, kind: BlockKind, part: object, number: str = "") -> Iterator[Block]:
        if kind == "steps" and number != "1" and not (self.kind == "steps" and self.parts):
            kind, part = "text", f"{number}. {part}"  # a year or a count at a line's start is no step
        if self.parts and kind != self.kind:
            yield from self.give()
        self.kind = kind
        self.parts.append(part)

    def give(self) -> Iterator[Block]:
        parts, self.parts = self.parts, []
        if not parts:
            return
        if self.kind == "facts":
            yield Block("facts", rows=tuple(parts))  # type: ignore[arg-type]
        elif self.kind in ("list", "steps"):
            yield Block(self.kind, items=tuple(str(part) for part in parts))
        else:
            yield Block(self.kind, text="\n".join(str(part) for part in parts))


def plain_text(title: str, summary: str, body: str) -> str:
    """What the checker reads: title, summary and body as a visitor sees them."""
    return "\n".join(part for part in (title, summary, body) if part)
