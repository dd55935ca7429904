from django.utils.translation import gettext_lazy as _

from xinglin.core.menu import MenuItem, register
from xinglin.prices.permissions import Permission

register(
    MenuItem(
        section="content",
        label=_("服务与价格"),
        url_name="prices:price-list",
        permission=Permission.VIEW_PRICE,
        order=78,
    )
)
