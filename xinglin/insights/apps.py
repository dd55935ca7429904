from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class InsightsConfig(ModuleConfig):
    default = True
    name = "xinglin.insights"
    label = "insights"
    verbose_name = _("经营")
