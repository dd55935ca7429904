from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    VIEW_AUDIT = "core.audit.view"
    VIEW_JOB = "core.job.view"


LABELS = {
    Permission.VIEW_AUDIT: _("查看操作记录"),
    Permission.VIEW_JOB: _("查看所有人的任务"),
}
