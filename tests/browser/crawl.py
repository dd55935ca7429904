"""Every page the URL resolver knows, found by following links.

A page without a hole in its path is opened as it is; one with a hole by the first link to it that any page
shows. Nothing is listed by hand, so a new page is walked from the day it is linked, and one that nothing
links to is noticed.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qs, urlsplit

from django.urls import Resolver404, URLPattern, get_resolver, resolve

from tests.test_url_access import fill, patterns
from xinglin.directory import rules
from xinglin.directory.urls import THIRD_PARTY

#: Who opens the pages of somebody signed in; the first who may.
ROLES = {role.code: frozenset(role.permissions) for role in rules.shipped_roles() if not role.is_portal}
FIRST = next(iter(ROLES))
STRANGER = ""
#: Whose account the pages of sign-in are opened for, besides nobody's.
SECURED = "community"
#: Not in the demo: a picture in a page, a code on paper, a logo, a scan of a proof, a passkey, a provider
#: that wants its templates approved; the first setup is over, and a provider's callbacks are no pages.
NOT_IN_DEMO = {
    "h/<slug:slug>/media/<uuid:public_id>",
    "k/<str:code>",
    "logo/<uuid:public_id>",
    "content/proofs/<uuid:public_id>/",
    "account/passkeys/<int:pk>/",
    "account/passkeys/<int:pk>/removal/",
    "settings/channels/<slug:channel>/templates/<str:which>/",
    "hooks/<slug:kind>/<uuid:public_id>/",
    "hooks/<slug:kind>/<uuid:public_id>/<str:secret>/",
    "setup/",
}
#: A list with a row open beside it, a doctor with a time chosen: pages of their own.
VARIANTS = ("open", "slot")
#: How many links to the same page are kept, so that rows in several states are looked at for further links.
KEPT = 4


@dataclass(frozen=True)
class Room:
    """One URL pattern: who opens it, and the path where it has no hole."""

    route: str
    path: str
    example: str
    guests: tuple[str, ...]


def rooms() -> dict[str, Room]:
    """Every URL pattern outside the API, by its route."""
    third = {entry.callback for entry in THIRD_PARTY}
    found = {}
    for route, entry in patterns(get_resolver()):
        has_hole = bool(entry.pattern.converters) or "(?P" in route
        guests = (STRANGER, SECURED) if entry.callback in third else guests_of(entry)
        found[route] = Room(route, "" if has_hole else f"/{route}", fill(route, entry), guests)
    return found


def guests_of(entry: URLPattern) -> tuple[str, ...]:
    if getattr(entry.callback, "access_kind", "") == "public":
        return (STRANGER,)
    codes = {str(code) for code in getattr(entry.callback, "access_codes", ())}
    return tuple(role for role, held in ROLES.items() if codes <= held)[:1]


def is_file(route: str) -> bool:
    return route.rsplit(".", 1)[-1] in {"csv", "gif", "ics", "pdf", "png", "svg", "txt", "xml"}


@cache
def route_of(path: str) -> str:
    """The pattern a path belongs to; "" when it is nobody's."""
    try:
        return resolve(path).route
    except Resolver404:
        return ""


def words(route: str) -> set[str]:
    """The parts of a route that name something."""
    return set(re.findall(r"(?<![<:\w])[a-z][a-z-]+(?=/)", route))


@dataclass
class Crawl:
    """What is still to be opened; fed with the links of every page that was."""

    host: str
    rooms: Mapping[str, Room] = field(default_factory=rooms)
    paths: dict[str, list[str]] = field(default_factory=dict)
    opened: dict[tuple[str, str], str] = field(default_factory=dict)
    #: Parts of pages that nothing links to; the row they were tried with may have none.
    guessed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.paths.update(
            {
                route: [room.path]
                for route, room in self.rooms.items()
                if room.path and route not in NOT_IN_DEMO
            }
        )

    def learn(self, links: Iterable[str]) -> None:
        """Keep the first links to each page."""
        for link in links:
            parts = urlsplit(link)
            if parts.netloc not in {"", self.host} or not parts.path.startswith("/"):
                continue
            route = route_of(parts.path)
            if route not in self.rooms:
                continue
            variant = next((name for name in VARIANTS if name in parse_qs(parts.query)), "")
            kept = self.paths.setdefault(f"{route}?{variant}" if variant else route, [])
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            if path not in kept and len(kept) < KEPT:
                kept.append(path)

    def note(self, url: str) -> None:
        """This page has been looked at already."""
        path = urlsplit(url).path
        route = resolve(path).route
        self.paths.setdefault(route, [path])
        self.opened.update({(guest, route): path for guest in self.rooms[route].guests})

    def guests(self, key: str) -> tuple[str, ...]:
        return self.rooms[key.split("?")[0] if key not in self.rooms else key].guests

    def walk(self, visit: Callable[[str, str], Iterable[str]]) -> None:
        """Open everything that can be found; ``visit(guest, path)`` gives the links of a page."""
        while todo := [
            (guest, key)
            for key in self.paths
            for guest in self.guests(key)
            if (guest, key) not in self.opened
        ]:
            # The pages of sign-in ask for the password again after five minutes.
            for guest, key in sorted(todo, key=lambda each: (each[0] != SECURED, each)):
                self.opened[guest, key] = self.paths[key][0]
                self.learn(visit(guest, self.paths[key][0]))

    def unseen(self) -> list[Room]:
        return [
            room
            for route, room in self.rooms.items()
            if route not in self.paths and route not in NOT_IN_DEMO and not is_file(route)
        ]

    def list_of(self, room: Room) -> str:
        """The list a row's page belongs to; "" where its path has no such part."""
        return next(iter(self.paths.get(room.route[: room.route.find("<")], [])), "")

    def scout(self, fetch: Callable[[str, str], Iterable[str]]) -> None:
        """Look for links to what is still unseen: as those who may open it, at more rows of related lists."""
        asked = {(guest, path) for (guest, _key), path in self.opened.items()}
        for guest in sorted({room.guests[0] for room in self.unseen()}):
            for route, kept in list(self.paths.items()):
                wanted = {
                    word for room in self.unseen() if guest in room.guests for word in words(room.route)
                }
                if wanted & words(route):
                    for path in kept:
                        if (guest, path) not in asked:
                            asked.add((guest, path))
                            self.learn(fetch(guest, path))

    def fill_in(self) -> None:
        """Parts of a page that are fetched by it, not linked: the same row as the page's own."""
        for room in self.unseen():
            last = room.route.rfind(">") + 1
            for route, kept in list(self.paths.items()):
                if last and route.startswith(room.route[:last]):
                    holes = resolve(urlsplit(kept[0]).path).kwargs
                    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda hole: str(holes[hole[1]]), room.route)  # noqa: B023
                    self.paths.setdefault(room.route, [f"/{path}"])
                    self.guessed.add(f"/{path}")
