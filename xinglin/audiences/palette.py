from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.audiences import queries
from xinglin.audiences.permissions import Permission
from xinglin.core import palette
from xinglin.core.actor import Actor


@palette.register
def find_audiences(actor: Actor, query: str) -> list[palette.Hit]:
    """Audiences whose name contains the query, and the way to a new one."""
    if not actor.can(Permission.VIEW_AUDIENCE) or not query.strip():
        return []
    hits = [
        palette.Hit(
            title=audience.name,
            subtitle=_("人群"),
            url=reverse("audiences:detail", args=[audience.public_id]),
            icon="users-group",
        )
        for audience in queries.list_audiences(actor, search=query.strip())[:5]
    ]
    if actor.can(Permission.EDIT_AUDIENCE) and query.strip() in _("新建人群"):
        hits.append(palette.Hit(title=_("新建人群"), url=reverse("audiences:new"), icon="plus"))
    return hits
