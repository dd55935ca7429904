"""What a campaign has brought: other modules register the numbers they know."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol


class ReportProvider(Protocol):
    def __call__(self, *, organization_id: int, campaign_id: int, now: datetime) -> dict[str, Any]: ...


_providers: dict[str, ReportProvider] = {}


def campaign_report(name: str) -> Callable[[ReportProvider], ReportProvider]:
    """Register ``f(*, organization_id, campaign_id, now) -> dict`` of plain values under ``name``."""

    def register(provider: ReportProvider) -> ReportProvider:
        _providers[name] = provider
        return provider

    return register


def collect(*, organization_id: int, campaign_id: int, now: datetime) -> dict[str, Any]:
    """Every provider's answer under its name."""
    return {
        name: provider(organization_id=organization_id, campaign_id=campaign_id, now=now)
        for name, provider in sorted(_providers.items())
    }
