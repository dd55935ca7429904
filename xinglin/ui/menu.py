from django.utils.translation import gettext_lazy as _

from xinglin.core.menu import MenuItem, register
from xinglin.core.permissions import Permission

register(MenuItem(section="home", label=_("工作台"), url_name="ui:home", order=0, shortcut="h"))
register(
    MenuItem(
        section="settings",
        label=_("后台任务"),
        url_name="ui:job-list",
        permission=Permission.VIEW_JOB,
        order=900,
    )
)
