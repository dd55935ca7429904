from django.utils.translation import gettext_lazy as _

from xinglin.core.menu import MenuItem, register
from xinglin.insights.permissions import Permission

register(
    MenuItem(
        section="insights",
        label=_("经营看板"),
        url_name="insights:overview",
        permission=Permission.VIEW_REPORT,
        order=10,
        shortcut="i",
    )
)
register(
    MenuItem(
        section="insights",
        label=_("官网"),
        url_name="insights:site-report",
        permission=Permission.VIEW_REPORT,
        order=30,
    )
)
