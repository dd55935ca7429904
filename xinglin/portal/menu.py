from django.utils.translation import gettext_lazy as _

from xinglin.core.menu import MenuItem, register
from xinglin.portal.permissions import Permission

register(
    MenuItem(
        section="content",
        label=_("网站维护"),
        url_name="portal:link-list",
        permission=Permission.VIEW_SITE,
        order=80,
    )
)
