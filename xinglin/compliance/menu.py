from django.utils.translation import gettext_lazy as _

from xinglin.compliance.permissions import Permission
from xinglin.core.menu import MenuItem, register

register(
    MenuItem(
        section="content",
        label=_("合规检查"),
        url_name="compliance:rule-list",
        permission=Permission.VIEW_RULE,
        order=60,
    )
)
