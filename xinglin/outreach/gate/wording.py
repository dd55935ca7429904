"""What a message says before anybody's name is in it: an approved version, or a shipped service text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from xinglin.compliance.checker import Item, check
from xinglin.compliance.queries import active_layer, rulebook_of
from xinglin.compliance.review import is_intact
from xinglin.content.queries import is_live, still_holds
from xinglin.outreach.models import TemplateVersion
from xinglin.outreach.rules.service_texts import find_text
from xinglin.outreach.rules.template_text import Composed, compose


@dataclass(frozen=True, slots=True)
class Wording:
    """Subject and body a channel, the variables' defaults, and whether it may be used now."""

    bodies: Mapping[str, Mapping[str, str]]
    defaults: Mapping[str, str] = field(default_factory=dict)
    is_approved: bool = True
    is_blocked: bool = False

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self.bodies)

    def compose(
        self,
        *,
        channel: str,
        variables: Mapping[str, str],
        hospital: str,
        purpose: str,
        unsubscribe_url: str = "",
    ) -> Composed:
        """The message of one channel; KeyError where the template has no body for it."""
        body = self.bodies[channel]
        return compose(
            channel=channel,
            subject=body.get("subject", ""),
            body=body["body"],
            variables={**self.defaults, **variables},
            hospital=hospital,
            purpose=purpose,
            unsubscribe_url=unsubscribe_url,
        )


def is_in_force(version: TemplateVersion, *, at: datetime) -> bool:
    """Approved, still the text that was approved, inside its dates; the page it leads to still public, the
    text of the library that it was made from still good."""
    if version.status != TemplateVersion.Status.APPROVED or not is_intact(version, version.payload):
        return False
    page = version.landing_page_id
    if page is not None and not is_live(version.organization_id, page, now=at):
        return False
    source = version.source_id
    if source is not None and not still_holds(version.organization_id, source, now=at):
        return False
    return (version.valid_from is None or version.valid_from <= at) and (
        version.valid_until is None or version.valid_until > at
    )


def wording_of(*, version: TemplateVersion | None, category: str, at: datetime) -> Wording | None:
    """The wording of a message; None for a service occasion that nobody has a text for."""
    if version is not None:
        return Wording(
            bodies=version.bodies,
            defaults={name: _default(value) for name, value in (version.variables or {}).items()},
            is_approved=is_in_force(version, at=at),
            is_blocked=(version.verdict or {}).get("verdict") == "block",
        )
    text = find_text(category)
    if text is None:
        return None
    return Wording(bodies={name: {"subject": text.subject, "body": text.body} for name in text.channels})


def _default(value: object) -> str:
    return str(value.get("default", "") if isinstance(value, Mapping) else value or "")


def is_blocked_text(text: str, purpose: str, *, organization_id: int) -> bool:
    """Whether the rules forbid the finished text, variables included; consent is a check of its own."""
    return _is_blocked(text, purpose, organization_id, active_layer(organization_id))


@lru_cache(maxsize=4096)
def _is_blocked(text: str, purpose: str, organization_id: int, _layer: tuple[int, UUID] | None) -> bool:
    kind = "service" if purpose == "service" else "marketing"
    item = Item(kind="sms", text=text, meta={"purpose": kind, "consent": True})
    return check(item, rulebook=rulebook_of(organization_id)).verdict == "block"
