from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.audiences import queries
from xinglin.audiences.permissions import Permission
from xinglin.core.actor import Actor
from xinglin.core.home import Card, home_card
from xinglin.ui.formats import count


@home_card(order=60)
def largest_audiences(actor: Actor, *, now: datetime) -> Card | None:
    """The audiences counted last, with their size."""
    if not actor.can(Permission.EDIT_AUDIENCE):
        return None
    rows = queries.list_audiences(actor).filter(member_count__isnull=False).order_by("-member_count")[:5]
    lines = [
        (
            a.name,
            _("%(n)s 人") % {"n": count(a.member_count)},
            reverse("audiences:detail", args=[a.public_id]),
        )
        for a in rows
    ]
    return Card(title=_("人群"), rows=lines, url=reverse("audiences:list")) if lines else None
