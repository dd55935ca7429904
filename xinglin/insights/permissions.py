from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    VIEW_REPORT = "insights.report.view"


LABELS: dict[Permission, Any] = {Permission.VIEW_REPORT: _("查看结果和经营看板")}
