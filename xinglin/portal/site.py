"""One public request: which hospital, who comes, from which campaign, and what they agreed to.

Nothing here is an account. Cookies of the public pages live under ``/h/`` and are never the staff's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.core.ids import uuid7
from xinglin.directory import queries as directory
from xinglin.portal import rules

COOKIE_PATH: Final = "/h/"
CHOICE, VISITOR, SOURCE, PHONE = "xl_choice", "xl_visitor", "xl_source", "xl_phone"
YEAR: Final = 365 * 86_400
SOURCE_LIFE: Final = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a person came from: the campaign, message and content behind the link they opened."""

    channel: str = ""
    campaign_id: int | None = None
    content_id: int | None = None
    message: str = ""

    def signed(self, organization_id: int) -> str:
        """As it rides in an address or cookie; tamper-proof, names nobody."""
        values = [self.channel, self.campaign_id, self.content_id, self.message]
        return signing.dumps([organization_id, *values], salt="portal.source", compress=True)

    @classmethod
    def read(cls, text: str, *, organization_id: int) -> "Source":
        """The source that ``signed`` wrote for this hospital; an empty one for anything else."""
        try:
            owner, channel, campaign, content, message = signing.loads(
                text, salt="portal.source", max_age=SOURCE_LIFE
            )
        except (signing.BadSignature, ValueError, TypeError):
            return cls()
        if owner != organization_id:
            return cls()
        return cls(channel=channel, campaign_id=campaign, content_id=content, message=message)

    @property
    def is_known(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.channel or self.campaign_id or self.message)


@dataclass(slots=True)
class Site:
    """What every view of the public pages needs; built once per request by ``open_site``."""

    request: HttpRequest
    organization: Any
    now: datetime
    source: Source
    choice: str
    visitor: UUID | None
    phone_token: str
    _cookies: dict[str, tuple[str, int | None]] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """The public pages as an actor of this hospital."""
        return Actor.system(self.organization.pk, "portal")

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's time zone."""
        return ZoneInfo(self.organization.timezone)

    @property
    def attribution(self) -> Mapping[str, Any]:
        """What a booking keeps of where the person came from."""
        return {
            "source_channel": self.source.channel or "website",
            "campaign_id": self.source.campaign_id,
            "content_id": self.source.content_id,
            "message": self.source.message,
            "visitor": self.visitor,
        }

    def accept(self, choice: str) -> None:
        """Keep the answer to the cookie question; a visitor id exists only after a yes."""
        self.choice = choice
        self._cookies[CHOICE] = (choice, YEAR)
        if choice == "yes":
            self.visitor = self.visitor or uuid7()
            self._cookies[VISITOR] = (signing.dumps(self.visitor.hex, salt="portal.visitor"), YEAR)
        else:
            self.visitor = None
            self._cookies[VISITOR] = ("", 0)

    def remember_phone(self, token: str) -> None:
        """Keep for half an hour that this browser has shown a phone to be its own."""
        self.phone_token = token
        self._cookies[PHONE] = (
            signing.dumps(token, salt="portal.phone"),
            int(rules.VERIFIED_FOR.total_seconds()),
        )

    def forget_phone(self) -> None:
        """Let go of the verified phone."""
        self.phone_token = ""
        self._cookies[PHONE] = ("", 0)

    def finish(self, response: HttpResponse) -> HttpResponse:
        """Set what changed; a campaign is kept until the browser closes."""
        if self.source.is_known and "s" in self.request.GET:
            self._cookies[SOURCE] = (self.source.signed(self.organization.pk), None)
        for name, (value, age) in self._cookies.items():
            if value:
                response.set_cookie(
                    name,
                    value,
                    max_age=age,
                    path=COOKIE_PATH,
                    httponly=True,
                    samesite="Lax",
                    secure=settings.SESSION_COOKIE_SECURE,
                )
            else:
                response.delete_cookie(name, path=COOKIE_PATH)
        return response


def open_site(request: HttpRequest, slug: str, *, now: datetime) -> Site:
    """The hospital that an address names, with what the browser brought; NotFound otherwise."""
    organization = directory.get_organization(slug)
    if not organization.is_active:
        raise NotFound
    text = request.GET.get("s", "") or request.COOKIES.get(SOURCE, "")
    source = Source.read(text, organization_id=organization.pk) if text else Source()
    if not source.is_known and "utm_source" in request.GET:
        source = Source(channel=request.GET["utm_source"][:32])
    choice = request.COOKIES.get(CHOICE, "")
    visitor = _loads(request.COOKIES.get(VISITOR, ""), "portal.visitor", YEAR) if choice == "yes" else ""
    return Site(
        request=request,
        organization=organization,
        now=now,
        source=source,
        choice=choice if choice in {"yes", "no"} else "",
        visitor=UUID(hex=visitor) if visitor else None,
        phone_token=_loads(
            request.COOKIES.get(PHONE, ""), "portal.phone", int(rules.VERIFIED_FOR.total_seconds())
        ),
    )


def _loads(text: str, salt: str, max_age: int) -> str:
    if not text:
        return ""
    try:
        return str(signing.loads(text, salt=salt, max_age=max_age))
    except signing.BadSignature:
        return ""


def client_address(request: HttpRequest) -> str:
    """The network address of the client; a proxy's word counts only where one is configured."""
    if settings.SECURE_PROXY_SSL_HEADER and (chain := request.headers.get("X-Forwarded-For", "")):
        return chain.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def is_machine(request: HttpRequest) -> bool:
    """Whether a crawler, a scanner or a prefetch asks."""
    return rules.is_machine(
        user_agent=request.headers.get("User-Agent", ""),
        purpose=request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", ""),
        method=request.method or "",
    )
