"""Who reads and who keeps the hospital's price list; the public page needs nobody's leave."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Codes of the module."""

    VIEW_PRICE = "prices.price.view"
    EDIT_PRICE = "prices.price.edit"


LABELS: dict[Permission, str | Promise] = {
    Permission.VIEW_PRICE: _("看服务与价格"),
    Permission.EDIT_PRICE: _("增改、停用和放行价目"),
}
