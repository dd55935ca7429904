from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    VIEW_TOUCH = "ledger.touch.view"
    RECORD_TOUCH = "ledger.touch.record"
    VIEW_LAKE = "ledger.lake.view"
    MANAGE_LAKE = "ledger.lake.manage"


LABELS: dict[Permission, Any] = {
    Permission.VIEW_TOUCH: _("查看触点"),
    Permission.RECORD_TOUCH: _("记入触点（接口）"),
    Permission.VIEW_LAKE: _("查看数据湖状态"),
    Permission.MANAGE_LAKE: _("重建和整理数据湖"),
}
