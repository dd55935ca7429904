from django.utils.translation import gettext_lazy as _

from xinglin.core.menu import MenuItem, register
from xinglin.patients.permissions import Permission

register(
    MenuItem(
        section="patients",
        label=_("患者库"),
        url_name="patients:list",
        permission=Permission.VIEW_PATIENT,
        order=10,
        shortcut="p",
    )
)
register(
    MenuItem(
        section="patients",
        label=_("家庭"),
        url_name="patients:household-list",
        permission=Permission.VIEW_PATIENT,
        order=30,
    )
)
register(
    MenuItem(
        section="patients",
        label=_("导入"),
        url_name="patients:import-list",
        permission=Permission.RUN_IMPORT,
        order=60,
    )
)
register(
    MenuItem(
        section="patients",
        label=_("删除申请"),
        url_name="patients:erasure-list",
        permission=Permission.ERASE_PATIENT,
        order=70,
    )
)
