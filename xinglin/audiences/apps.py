from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class AudiencesConfig(ModuleConfig):
    default = True
    name = "xinglin.audiences"
    label = "audiences"
    verbose_name = _("人群")
