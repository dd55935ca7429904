"""What every back-office page's frame shows; worked out only when a template asks for it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from xinglin.core import menu
from xinglin.core.actor import Actor

THEMES = ("light", "dark", "auto")


@dataclass(frozen=True, slots=True)
class Link:
    label: object
    url: str
    is_current: bool
    waiting: int
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One line of the rail with the pages under it."""

    code: str
    label: object
    icon: str
    links: list[Link]

    @property
    def url(self) -> str:
        return self.links[0].url

    @property
    def waiting(self) -> int:
        return sum(link.waiting for link in self.links)

    @property
    def is_open(self) -> bool:
        return any(link.is_current for link in self.links)


class Shell:
    """Navigation, the state of sending, theme and language of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.actor: Actor | None = getattr(request, "actor", None)

    @cached_property
    def theme(self) -> str:
        user = getattr(self.request, "user", None)
        wanted = getattr(user, "theme", "") or self.request.COOKIES.get("theme", "")
        return wanted if wanted in THEMES else "auto"

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, "中文" if code.startswith("zh") else str(name)) for code, name in settings.LANGUAGES]

    @property
    def language(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @cached_property
    def sections(self) -> list[Section]:
        """The rail for this person; pages whose module is not installed are left out."""
        if self.actor is None:
            return []
        found = {code: self._resolved(items) for code, items in menu.items_for(self.actor).items()}
        here = self._current_url([url for pairs in found.values() for _, url in pairs])
        sections = []
        for code, pairs in found.items():
            label, icon = menu.SECTIONS[code]
            links = [self._link(item, url, here) for item, url in pairs]
            if links:
                sections.append(Section(code, label, icon, links))
        return sections

    @cached_property
    def here(self) -> tuple[Section, Link] | None:
        """The section and page that the current address belongs to."""
        return next(((s, link) for s in self.sections for link in s.links if link.is_current), None)

    @cached_property
    def foot(self) -> list[dict[str, object]]:
        """Standing notices above the name, such as whether messages go out."""
        if self.actor is None:
            return []
        return [state for provider in menu.rail_foot if (state := provider(self.actor))]

    @cached_property
    def account_links(self) -> list[tuple[str, str, str]]:
        """Name, address and icon of the person's own pages, as far as they exist."""
        from django.utils.translation import gettext as _

        wanted = [
            (_("我的账号"), "directory:account", "user-circle"),
            (_("后台任务"), "ui:job-list", "progress-check"),
            (_("换一家医院"), "directory:hospital-choice", "building-hospital"),
            (_("界面部件"), "ui:gallery", "components"),
        ]
        return [(label, url, icon) for label, name, icon in wanted if (url := url_or_none(name))]

    @cached_property
    def sign_out_url(self) -> str:
        return url_or_none("account_logout") or ""

    @cached_property
    def hospital(self) -> str:
        """The hospital's short name, where the session says which it is."""
        organization = getattr(getattr(self.request, "membership", None), "organization", None)
        return str(getattr(organization, "short_name", "") or getattr(organization, "name", "") or "")

    @cached_property
    def logo(self) -> str:
        """The address of the hospital's own picture; "" where it has none."""
        organization = getattr(getattr(self.request, "membership", None), "organization", None)
        if not getattr(organization, "logo_name", ""):
            return ""
        return reverse("directory:logo", args=[getattr(organization, "public_id", "")])

    @cached_property
    def role(self) -> str:
        """What the person is here, in words."""
        role = getattr(getattr(self.request, "membership", None), "role", None)
        return str(getattr(role, "label", ""))

    def _resolved(self, items: list[menu.MenuItem]) -> list[tuple[menu.MenuItem, str]]:
        return [(item, url) for item in items if (url := url_or_none(item.url_name))]

    def _link(self, item: menu.MenuItem, url: str, here: str) -> Link:
        assert self.actor is not None
        waiting = item.waiting(self.actor) if item.waiting else 0
        return Link(item.label, url, url == here, waiting, item.shortcut)

    def _current_url(self, urls: list[str]) -> str:
        """The longest menu address that the path begins with; the home page only when it is the path."""
        path = self.request.path
        fitting = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
        return max(fitting, key=len, default="")


def url_or_none(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``shell``."""
    return {"shell": Shell(request)}
