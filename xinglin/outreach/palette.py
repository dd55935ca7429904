from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.core.actor import Actor
from xinglin.core.palette import Hit, register
from xinglin.outreach import queries
from xinglin.outreach.permissions import Permission


@register
def campaigns(actor: Actor, query: str) -> list[Hit]:
    """Campaigns by name, and the two things one does with them."""
    if not actor.can(Permission.VIEW_CAMPAIGN):
        return []
    hits = [
        Hit(
            title=campaign.name,
            subtitle=campaign.get_status_display(),
            url=reverse("outreach:campaign-detail", args=[campaign.public_id]),
            icon="send",
        )
        for campaign in queries.list_campaigns(actor, search=query)[:5]
    ]
    pages = [(_("新建群发"), "outreach:campaign-create", "plus", Permission.EDIT_CAMPAIGN)]
    pages.append((_("暂停全部营销发送"), "outreach:freeze", "player-pause", Permission.FREEZE))
    hits += [
        Hit(title=title, url=reverse(name), icon=icon)
        for title, name, icon, code in pages
        if query in title and actor.can(code)
    ]
    return hits
