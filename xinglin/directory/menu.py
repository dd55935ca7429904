"""What stands under 设置."""

from django.utils.translation import gettext_lazy as _

from xinglin.core.menu import MenuItem, register
from xinglin.directory.permissions import Permission

register(
    MenuItem(
        section="settings",
        label=_("医院资料"),
        url_name="directory:hospital-profile",
        permission=Permission.EDIT_ORGANIZATION,
        order=10,
    )
)
register(
    MenuItem(
        section="settings",
        label=_("院区与科室"),
        url_name="directory:department-list",
        permission=Permission.EDIT_ORGANIZATION,
        order=20,
    )
)
register(
    MenuItem(
        section="settings",
        label=_("职员"),
        url_name="directory:staff-list",
        permission=Permission.VIEW_USER,
        order=30,
    )
)
register(
    MenuItem(
        section="settings",
        label=_("账号"),
        url_name="directory:user-list",
        permission=Permission.VIEW_USER,
        order=40,
    )
)
register(
    MenuItem(
        section="settings",
        label=_("角色权限"),
        url_name="directory:role-list",
        permission=Permission.EDIT_ROLE,
        order=50,
    )
)
register(
    MenuItem(
        section="settings",
        label=_("接口令牌"),
        url_name="directory:token-list",
        permission=Permission.EDIT_TOKEN,
        order=60,
    )
)
register(
    MenuItem(
        section="settings",
        label=_("操作记录"),
        url_name="directory:audit-list",
        permission="core.audit.view",
        order=70,
    )
)
