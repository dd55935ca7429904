from django.utils.translation import gettext_lazy as _

from xinglin.core.menu import MenuItem, register
from xinglin.directory.permissions import Permission

register(
    MenuItem(
        section="settings",
        label=_("示范数据"),
        url_name="config:demo",
        permission=Permission.EDIT_USER,
        order=90,
    )
)
