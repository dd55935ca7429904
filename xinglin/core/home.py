"""What stands on the home page: every module offers cards, the role's permissions choose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from xinglin.core.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One piece of the page; ``rows`` are (label, value, url).

    ``tone`` says where it stands: "lead" the sentence on top (``value``, more in ``note``), "setup" a
    checklist, "wait" what waits for this person (``icon``, and in ``action`` what the button says),
    "funnel" a row of ``steps`` (label, value), "feed" what changed; else a number, or a list of rows.
    ``change`` is the difference to the period before, ``is_good`` whether that is welcome.
    """

    title: object
    value: object = ""
    note: object = ""
    url: str = ""
    tone: str = ""
    rows: Sequence[tuple[object, object, str]] = ()
    spark: Sequence[float] = field(default_factory=tuple)
    unit: object = ""
    change: str = ""
    direction: str = ""
    is_good: bool = True
    icon: str = "circle-dot"
    action: object = ""
    steps: Sequence[Mapping[str, object]] = ()
    fresh_as_of: datetime | None = None


Provider = Callable[..., Card | None]
_providers: list[tuple[int, Provider]] = []


def home_card(*, order: int = 100) -> Callable[[Provider], Provider]:
    """Register ``f(actor, *, now) -> Card | None``; None where it is not for this person."""

    def register(provider: Provider) -> Provider:
        _providers.append((order, provider))
        return provider

    return register


def cards_for(actor: Actor, *, now: datetime) -> list[Card]:
    ordered = sorted(_providers, key=lambda pair: pair[0])
    return [card for _, provider in ordered if (card := provider(actor, now=now)) is not None]
