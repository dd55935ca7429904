"""What stands in the navigation; every module registers its own pages."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.core.actor import Actor

# Section code → name and icon, in the order of the rail.
SECTIONS: dict[str, tuple[object, str]] = {
    "home": (_("工作台"), "home"),
    "patients": (_("患者"), "users"),
    "outreach": (_("触达"), "send"),
    "content": (_("内容"), "file-text"),
    "service": (_("服务"), "headset"),
    "events": (_("活动"), "calendar-event"),
    "partners": (pgettext_lazy("导航", "渠道"), "building"),
    "community": (_("社群"), "messages"),
    "listening": (_("舆情"), "ear"),
    "team": (_("团队"), "sitemap"),
    "insights": (_("经营"), "chart-bar"),
    "settings": (_("设置"), "settings"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One page in the navigation; ``waiting`` counts what waits for this person.

    ``also`` is asked of those whom no permission lets in: it costs them a query a page.
    """

    section: str
    label: object
    url_name: str
    permission: str | tuple[str, ...] = ""
    order: int = 100
    shortcut: str = ""
    waiting: Callable[[Actor], int] | None = None
    also: Callable[[Actor], bool] | None = None

    def is_for(self, actor: Actor) -> bool:
        """With several permissions any one is enough; without, everybody signed in."""
        codes = (self.permission,) if isinstance(self.permission, str) else self.permission
        if not any(codes) or any(actor.can(code) for code in codes):
            return True
        return self.also is not None and self.also(actor)


_items: dict[str, MenuItem] = {}
rail_foot: list[Callable[[Actor], dict[str, object] | None]] = []


def register(item: MenuItem) -> None:
    if item.section not in SECTIONS:
        raise ValueError(f"no such section: {item.section}")
    _items[item.url_name] = item


def items_for(actor: Actor) -> dict[str, list[MenuItem]]:
    """The pages this person may open, by section, in order; empty sections are left out."""
    mine = sorted((item for item in _items.values() if item.is_for(actor)), key=lambda item: item.order)
    sections = {code: [item for item in mine if item.section == code] for code in SECTIONS}
    return {code: items for code, items in sections.items() if items}
