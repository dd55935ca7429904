"""What a person may do with journeys; roles map to these codes."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Codes of the module."""

    VIEW_JOURNEY = "journeys.journey.view"
    EDIT_JOURNEY = "journeys.journey.edit"
    RUN_JOURNEY = "journeys.journey.run"
    DO_TASK = "journeys.task.do"
    EDIT_POINTS = "journeys.points.edit"


LABELS: dict[Permission, str | Promise] = {
    Permission.VIEW_JOURNEY: _("看旅程和走到哪里了"),
    Permission.EDIT_JOURNEY: _("画旅程、试走"),
    Permission.RUN_JOURNEY: _("上线、暂停、恢复、结束旅程"),
    Permission.DO_TASK: _("处理旅程派的任务"),
    Permission.EDIT_POINTS: _("记患者用掉的积分、更正积分"),
}
