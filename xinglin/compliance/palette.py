from django.urls import reverse

from xinglin.compliance import queries
from xinglin.compliance.permissions import Permission
from xinglin.core.actor import Actor
from xinglin.core.palette import Hit, register


@register
def find_rules(actor: Actor, query: str) -> list[Hit]:
    """Rules by id, name, law or citation."""
    if not query.strip() or not actor.can(Permission.VIEW_RULE):
        return []
    return [
        Hit(
            title=f"{rule.id} {rule.name}",
            subtitle=rule.citations[0],
            url=reverse("compliance:rule-detail", args=[rule.id]),
            icon="scale",
        )
        for rule in queries.list_rules(actor=actor, text=query.strip())[:5]
    ]
