from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.core.actor import Actor
from xinglin.core.home import Card, home_card
from xinglin.journeys import queries
from xinglin.journeys.permissions import Permission

SHOWN = 5


@home_card(order=22)
def tasks_of_journeys(actor: Actor, *, now: datetime) -> Card | None:
    """Tasks that fall to the actor and whose time has come."""
    if not actor.can(Permission.DO_TASK):
        return None
    due = queries.list_tasks(actor=actor, status="open", is_mine=True).filter(due_at__lte=now)
    count = due.count()
    url = f"{reverse('journeys:task-list')}?mine=1"
    rows = [(_("旅程派的任务"), f"{count:,}", url)]
    return Card(title=_("要联系的患者"), tone="wait", rows=rows, url=url, icon="route") if count else None


@home_card(order=46)
def running_journeys(actor: Actor, *, now: datetime) -> Card | None:
    """Journeys that run or stand still, each with the people inside."""
    if not actor.can(Permission.VIEW_JOURNEY):
        return None
    standing = queries.list_journeys(actor=actor).filter(status__in=["paused", "live"])
    found = list(standing.order_by("-status", "-id")[:SHOWN])  # those that stand still first
    if not found:
        return None
    numbers = queries.totals(found)
    rows = [
        (
            journey.name,
            _("%(n)s 人在里面 · %(status)s")
            % {"n": f"{numbers[journey.pk].inside:,}", "status": journey.get_status_display()},
            reverse("journeys:detail", args=[journey.public_id]),
        )
        for journey in found
    ]
    return Card(title=_("进行中的旅程"), rows=rows, url=reverse("journeys:list"))
