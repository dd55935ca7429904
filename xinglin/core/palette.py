"""What Ctrl-K finds: people, pages, things; every module offers its own."""

from collections.abc import Callable
from dataclasses import dataclass

from xinglin.core.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    title: object
    url: str
    subtitle: object = ""
    icon: str = "arrow-right"


Provider = Callable[[Actor, str], list[Hit]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    _providers.append(provider)
    return provider


def find(actor: Actor, query: str, *, limit: int = 20) -> list[Hit]:
    hits: list[Hit] = []
    for provider in _providers:
        hits += provider(actor, query)
        if len(hits) >= limit:
            break
    return hits[:limit]
