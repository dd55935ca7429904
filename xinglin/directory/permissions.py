"""What a person may do in the directory: codes, and their Chinese names."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Codes of this module, ``module.noun.verb``."""

    EDIT_ORGANIZATION = "directory.organization.edit"
    EDIT_ROLE = "directory.role.edit"
    EDIT_TOKEN = "directory.token.edit"  # noqa: S105 (a permission code)
    EDIT_USER = "directory.user.edit"
    VIEW_USER = "directory.user.view"


LABELS: dict[Permission, str | Promise] = {
    Permission.EDIT_ORGANIZATION: _("修改医院资料、院区和科室"),
    Permission.EDIT_ROLE: _("修改角色权限"),
    Permission.EDIT_TOKEN: _("管理接口令牌"),
    Permission.EDIT_USER: _("管理账号和职员"),
    Permission.VIEW_USER: _("查看账号和职员"),
}
