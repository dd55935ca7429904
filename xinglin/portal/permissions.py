"""Who keeps the public site in order."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Codes of the module; the public pages themselves need none."""

    VIEW_SITE = "portal.site.view"
    MANAGE_SITE = "portal.site.manage"


LABELS: dict[Permission, str | Promise] = {
    Permission.VIEW_SITE: _("看网站维护"),
    Permission.MANAGE_SITE: _("查断链、设改址和收录推送"),
}
