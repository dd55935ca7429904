from django.urls import reverse
from django.utils import timezone

from xinglin.core.actor import Actor
from xinglin.core.money import yuan
from xinglin.core.palette import Hit, register
from xinglin.prices.permissions import Permission
from xinglin.prices.queries import ORDER, list_prices


@register
def prices(actor: Actor, query: str) -> list[Hit]:
    if not query or not actor.can(Permission.VIEW_PRICE):
        return []
    rows = list_prices(actor=actor, text=query, today=timezone.localdate()).order_by(*ORDER)[:5]
    return [
        Hit(
            title=row.name,
            url=reverse("prices:price-detail", args=[row.public_id]),
            subtitle=f"{yuan(row.price_fen)} / {row.unit}",
            icon="receipt",
        )
        for row in rows
    ]
