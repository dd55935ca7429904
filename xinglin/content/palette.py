from django.urls import reverse

from xinglin.content.permissions import Permission
from xinglin.content.queries import list_items
from xinglin.core.actor import Actor
from xinglin.core.palette import Hit, register


@register
def items(actor: Actor, query: str) -> list[Hit]:
    if not query or not actor.can(Permission.VIEW_CONTENT):
        return []
    return [
        Hit(
            title=item.name,
            url=reverse("content:item-detail", args=[item.public_id]),
            subtitle=str(item.get_kind_display()),
            icon="file-text",
        )
        for item in list_items(actor=actor, text=query).order_by("-id")[:5]
    ]
