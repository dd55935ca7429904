"""What higher modules add beside an approved text: on its record and on a channel's publishing sheet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from xinglin.core.actor import Actor

if TYPE_CHECKING:
    from xinglin.content.models import ContentVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A section: its title and a template that gets ``panel`` (the context) and ``version``."""

    title: Any
    template: str
    channel: str
    context: Mapping[str, Any] = field(default_factory=dict)


PanelProvider = Callable[..., Panel | None]
_providers: list[PanelProvider] = []


def text_panel(provider: PanelProvider) -> PanelProvider:
    """Register ``f(actor, version, *, now) -> Panel | None``; it checks its own permission."""
    _providers.append(provider)
    return provider


def panels_for(actor: Actor, version: "ContentVersion", *, now: datetime, channel: str = "") -> list[Panel]:
    """Sections for this person, all channels' or one's."""
    found = [panel for provider in _providers if (panel := provider(actor, version, now=now))]
    return [panel for panel in found if not channel or panel.channel == channel]
