"""Walking over our own public pages as a search engine would: no network, no counting, no scripts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import Resolver404, resolve
from django.utils import translation

#: Pages that belong to one person or change something; a crawler stays out of them.
PRIVATE: Final = ("booking/", "code/", "my/", "a/", "cookies/")
AGENT: Final = "xinglin-linkcheck (bot)"


@dataclass(slots=True)
class Seen:
    """One page as it came back, with the addresses on it (in order, without fragments) and its anchors."""

    path: str
    status: int
    html: str = ""
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    fragments: list[str] = field(default_factory=list)


class _Links(HTMLParser):
    def __init__(self, seen: Seen) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = seen

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if identity := values.get("id"):
            self.seen.anchors.add(identity)
        address = values.get("href" if tag in {"a", "link", "area"} else "src")
        if not address or tag not in {"a", "link", "area", "img", "script", "source"}:
            return
        whole = urljoin(self.seen.path, address)
        parts = urlsplit(whole)
        if address.startswith("#"):
            self.seen.fragments.append(parts.fragment)
        elif parts.scheme in {"", "http", "https"}:
            self.seen.links.append(whole.split("#", 1)[0])


def look(path: str, *, language: str = "zh-hans") -> Seen:
    """One of our own pages by its path, as a machine sees it."""
    request = RequestFactory().get(path, headers={"user-agent": AGENT})
    request.LANGUAGE_CODE = language
    request.actor = None  # type: ignore[attr-defined]
    try:
        found = resolve(urlsplit(path).path)
    except Resolver404:
        return Seen(path, 404)
    with translation.override(language):
        answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    if answer.status_code in {301, 302}:
        return Seen(path, answer.status_code, links=[urljoin(path, answer["Location"])])
    html = "" if answer.streaming else answer.content.decode(answer.charset or "utf-8", errors="replace")
    seen = Seen(path, answer.status_code, html)
    if "html" in answer.get("Content-Type", ""):
        reader = _Links(seen)
        reader.feed(html)
        reader.close()
    return seen


def walk(
    start: str, *, origin: str, most: int = 2_000, beat: Callable[[], None] = lambda: None
) -> Iterator[Seen]:
    """Every public page that can be reached from ``start`` inside its folder, breadth first, each path once.

    Query strings are left out: a doctor's next week is the same page.
    """
    queue, known = [start], {start}
    while queue and len(known) <= most:
        seen = look(queue.pop(0))
        yield seen
        beat()
        for link in seen.links:
            path = urlsplit(link.removeprefix(origin)).path if link.startswith((origin, "/")) else ""
            inside = path.startswith(start) and not path.removeprefix(start).startswith(PRIVATE)
            if inside and path not in known and "/media/" not in path:
                known.add(path)
                queue.append(path)
