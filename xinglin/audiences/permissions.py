"""What may be done with audiences."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    VIEW_AUDIENCE = "audiences.audience.view"
    EDIT_AUDIENCE = "audiences.audience.edit"
    EXPORT_AUDIENCE = "audiences.audience.export"


LABELS: dict[Permission, str | Promise] = {
    Permission.VIEW_AUDIENCE: _("查看人群"),
    Permission.EDIT_AUDIENCE: _("新建和修改人群"),
    Permission.EXPORT_AUDIENCE: _("导出人群名单"),
}
