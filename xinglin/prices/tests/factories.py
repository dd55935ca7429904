"""Entries of a price list for tests."""

from typing import Any

from django.utils import timezone

from xinglin.prices import actions
from xinglin.prices.models import PriceItem


def make_price(actor: Any, **facts: Any) -> PriceItem:
    """An entry in force, unless ``facts`` say otherwise."""
    said: dict[str, Any] = {"code": "E1", "name": "常规心电图检查", "unit": "次", "price_fen": 2500, **facts}
    return actions.add_price(actor=actor, facts=actions.PriceFacts(**said), now=timezone.now())
