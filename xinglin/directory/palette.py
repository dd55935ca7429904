"""What Ctrl-K finds here: colleagues and accounts."""

from django.urls import reverse

from xinglin.core.actor import Actor
from xinglin.core.palette import Hit, register
from xinglin.directory import queries
from xinglin.directory.permissions import Permission


@register
def find_staff(actor: Actor, query: str) -> list[Hit]:
    """Colleagues by name or number, with their department."""
    if len(query.strip()) < 1 or not actor.can(Permission.VIEW_USER):
        return []
    rows = queries.list_staff(actor, search=query.strip())[:5]
    return [
        Hit(
            title=person.name,
            subtitle=" · ".join(part for part in (str(person.department or ""), person.title) if part),
            url=reverse("directory:staff-detail", args=[person.public_id]),
            icon="stethoscope" if person.is_practitioner else "id-badge-2",
        )
        for person in rows
    ]
