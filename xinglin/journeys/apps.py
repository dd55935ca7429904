from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class JourneysConfig(ModuleConfig):
    default = True
    name = "xinglin.journeys"
    label = "journeys"
    verbose_name = _("旅程")
