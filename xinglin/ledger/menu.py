from django.utils.translation import gettext_lazy as _

from xinglin.core.menu import MenuItem, register
from xinglin.ledger.permissions import Permission

register(
    MenuItem(
        section="insights",
        label=_("触点流水"),
        url_name="ledger:touch-list",
        permission=Permission.VIEW_TOUCH,
        order=90,
    )
)
register(
    MenuItem(
        section="settings",
        label=_("数据湖"),
        url_name="ledger:lake",
        permission=Permission.VIEW_LAKE,
        order=80,
    )
)
