from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class ScoresConfig(ModuleConfig):
    default = True
    name = "xinglin.scores"
    label = "scores"
    verbose_name = _("评分")
