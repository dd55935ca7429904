from django.urls import reverse
from django.utils import timezone

from xinglin.core.actor import Actor
from xinglin.core.palette import Hit, register
from xinglin.patients import queries
from xinglin.patients.permissions import Permission


@register
def find_people(actor: Actor, query: str) -> list[Hit]:
    """People by name, initials, phone or card, for those who may see them."""
    if not actor.can(Permission.VIEW_PATIENT) or not query.strip() or actor.organization_id is None:
        return []
    today = timezone.localdate()
    return [
        Hit(
            title=one.name,
            subtitle=" ".join(
                filter(None, [str(one.get_sex_display()), _age(one.age_on(today)), one.masked_phone])
            ),
            url=reverse("patients:detail", args=[one.public_id]),
            icon="user",
        )
        for one in queries.search(actor, query, limit=8)
    ]


def _age(age: int | None) -> str:
    return "" if age is None else str(age)
