from django.urls import reverse

from xinglin.core.actor import Actor
from xinglin.core.palette import Hit, register
from xinglin.scores.permissions import Permission
from xinglin.scores.rules.catalogue import KINDS
from xinglin.scores.rules.questionnaires import shipped


@register
def find_scores(actor: Actor, query: str) -> list[Hit]:
    """Scores and questionnaires by name."""
    wanted, hits = query.strip().lower(), []
    if not wanted:
        return []
    if actor.can(Permission.VIEW_SCORE):
        hits += [
            Hit(
                title=str(kind.label),
                subtitle=str(kind.purpose),
                url=reverse("scores:detail", args=[name]),
                icon=kind.icon,
            )
            for name, kind in KINDS.items()
            if wanted in str(kind.label).lower() or wanted in name
        ]
    if actor.can(Permission.FILL_QUESTIONNAIRE):
        hits += [
            Hit(
                title=each.name,
                subtitle=each.purpose,
                url=reverse("scores:answer-create", args=[slug]),
                icon="clipboard-heart",
            )
            for slug, each in shipped().items()
            if wanted in each.name.lower() or wanted in slug
        ]
    return hits[:5]
