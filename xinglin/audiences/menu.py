from django.utils.translation import gettext_lazy as _

from xinglin.audiences.permissions import Permission
from xinglin.core.menu import MenuItem, register

register(
    MenuItem(
        section="patients",
        label=_("人群"),
        url_name="audiences:list",
        permission=Permission.VIEW_AUDIENCE,
        order=20,
        shortcut="a",
    )
)
