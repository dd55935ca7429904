"""Links in messages: one row per address, one token per person."""

import re

from django.conf import settings

from xinglin.outreach.models import Message, TemplateVersion, TrackedLink
from xinglin.outreach.rules.tokens import FIRST_LINK, OPEN, UNSUBSCRIBE, make_token

_URL = re.compile(r"https?://[^\s<>{}\"'，。；！？）】]+")


def link_id(*, organization_id: int, campaign_id: int | None, url: str, content_id: int | None = None) -> int:
    """The number of an address within a campaign; made when new."""
    row, _ = TrackedLink.objects.get_or_create(
        organization_id=organization_id,
        campaign_id=campaign_id or 0,
        url=url[:500],
        defaults={"content_id": content_id},
    )
    return row.pk + FIRST_LINK


def link_url(message_id: int, link: int) -> str:
    return f"{settings.PUBLIC_URL}/r/{make_token(message_id=message_id, link=link)}"


def unsubscribe_url(message_id: int) -> str:
    return f"{settings.PUBLIC_URL}/u/{make_token(message_id=message_id, link=UNSUBSCRIBE)}"


def open_url(message_id: int) -> str:
    return f"{settings.PUBLIC_URL}/o/{make_token(message_id=message_id, link=OPEN)}.gif"


def landing_address(version: TemplateVersion | None, slug: str) -> tuple[str, int | None]:
    """Where ``{链接}`` leads: the template's page, else the hospital's own site."""
    page = version.landing_page if version is not None else None
    if page is None:
        return f"{settings.PUBLIC_URL}/h/{slug}/", None
    return f"{settings.PUBLIC_URL}/h/{slug}/p/{page.slug}/", page.pk


def tracked_body(body: str, *, message: Message) -> tuple[str, dict[str, int]]:
    """The body with its addresses as variables, and the links behind those variables."""
    links: dict[str, int] = {}

    def swap(found: re.Match[str]) -> str:
        name = f"_link{len(links)}"
        links[name] = link_id(
            organization_id=message.organization_id, campaign_id=message.campaign_id, url=found[0]
        )
        return "{" + name + "}"

    return _URL.sub(swap, body), links
