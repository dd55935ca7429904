from django.utils import timezone
from django.utils.translation import gettext_lazy

from xinglin.core.actor import Actor
from xinglin.core.menu import MenuItem, register
from xinglin.journeys import queries
from xinglin.journeys.permissions import Permission


def _due_tasks(actor: Actor) -> int:
    if not actor.can(Permission.DO_TASK):
        return 0
    return queries.list_tasks(actor=actor, status="open").filter(due_at__lte=timezone.now()).count()


register(
    MenuItem(
        section="outreach", label=gettext_lazy("旅程"), url_name="journeys:list",
        permission=Permission.VIEW_JOURNEY, order=15, shortcut="j",
    )
)  # fmt: skip
register(
    MenuItem(
        section="outreach", label=gettext_lazy("旅程任务"), url_name="journeys:task-list",
        permission=Permission.DO_TASK, order=53, waiting=_due_tasks,
    )
)  # fmt: skip
