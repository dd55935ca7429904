"""The last look at a page before it leaves: what its class forbids is not in it, what its class asks for is.

The class decides what templates are given; this reads the finished HTML, frame, head and structured data
included, and would rather show nothing than an unlawful page (互联网广告管理办法第八条;
医疗广告管理办法第十四条).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

_WAY_SCHEMES: Final = frozenset({"tel", "sms", "mailto", "weixin", "geo", "alipays", "javascript"})
_LINKING: Final = frozenset({"href", "src", "action", "formaction", "data", "content"})
_TAGS: Final = frozenset({"iframe", "object", "embed", "map", "area", "canvas"})
_LEADING: Final = re.compile(r"https?:|//|/|[a-z]+:", re.IGNORECASE)
_STRUCTURED: Final = re.compile(
    r'"(?:telephone|address|geo|hasMap|url|sameAs|makesOffer|potentialAction|contactPoint|email)"'
)


_REVIEWS: Final = re.compile(
    r'"(?:aggregateRating|reviewRating|review|reviews|ratingValue)"\s*:|"(?:Aggregate|Employer)?Rating"|"(?:Critic|User)?Review"'
    r"|itemprop=[\"']?(?:review|aggregateRating|ratingValue)\b|schema\.org/(?:Aggregate)?(?:Rating|Review)\b"
)


@dataclass(frozen=True, slots=True)
class Ways:
    """What counts as a way to one hospital: its numbers, its place, and every page not named as harmless.

    ``pages`` are full paths a science page may link to; ``origin`` is our own address.
    """

    origin: str
    phones: Collection[str]
    addresses: Collection[str]
    pages: Collection[str]


class _Reader(HTMLParser):
    """Collects what is wrong; text is read with and without spaces."""

    def __init__(self, ways: Ways) -> None:
        super().__init__(convert_charrefs=True)
        self.ways, self.found, self.text = ways, [], []  # type: ignore[var-annotated]
        self.inside: str = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in {"script", "style"} else ""
        if tag in _TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name in _LINKING and value and _LEADING.match(value.strip()):
                self._link(tag, value.strip())
            elif name in {"content", "alt", "title", "aria-label"} and value:
                self.text.append(value)

    def handle_data(self, data: str) -> None:
        if self.inside == "script" and _STRUCTURED.search(data):
            self.found.append(data[:60])
        if self.inside != "style":
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def _link(self, tag: str, value: str) -> None:
        parts = urlsplit(unescape(value))
        if parts.scheme in _WAY_SCHEMES:
            self.found.append(value)
            return
        own = value.removeprefix(self.ways.origin) if value.startswith(self.ways.origin + "/") else value
        path = urlsplit(own).path
        if not own.startswith("/") or own.startswith("//"):
            return  # a source elsewhere; whether it may be there is the checker's
        harmless = path.startswith("/static/") or path in self.ways.pages
        if not harmless and path.startswith("/"):
            self.found.append(value)


def ways_in(html: str, ways: Ways) -> list[str]:
    """Every way to the hospital that a page without ways has after all; empty when it is as it should be."""
    reader = _Reader(ways)
    reader.feed(html)
    reader.close()
    bare = "".join("".join(reader.text).split())
    digits = re.sub(r"[-—–\s()（）]", "", bare)
    found = list(reader.found)
    found += [phone for phone in ways.phones if phone and re.sub(r"\D", "", phone) in digits]
    found += [place for place in ways.addresses if place and "".join(place.split()) in bare]
    return found


def reviews_in(html: str) -> list[str]:
    """Marks by which a page gives out patients' reviews or stars: shown by the hospital, they make patients
    its proof (广告法第十六条第一款第四项；医疗广告管理办法第七条第六项)."""
    return _REVIEWS.findall(html)


def lacks(html: str, wanted: Collection[str]) -> list[str]:
    """Which of these words a page does not show; "" counts as missing."""
    text = "".join(re.sub(r"<[^>]+>", "", re.sub(r"<head>.*?</head>", "", html, flags=re.S)).split())
    shown = unescape(text)
    return [word for word in wanted if not word or "".join(word.split()) not in shown]
