"""What may be done with scores."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Codes of this module, ``module.noun.verb``."""

    VIEW_SCORE = "scores.score.view"
    RUN_MODEL = "scores.model.run"
    EDIT_REFUSAL = "scores.refusal.edit"
    FILL_QUESTIONNAIRE = "scores.questionnaire.fill"


LABELS: dict[Permission, str | Promise] = {
    Permission.VIEW_SCORE: _("查看评分和模型卡"),
    Permission.RUN_MODEL: _("重新拟合和计算评分"),
    Permission.EDIT_REFUSAL: _("登记患者拒绝自动化评分"),
    Permission.FILL_QUESTIONNAIRE: _("填写健康自测量表"),
}
