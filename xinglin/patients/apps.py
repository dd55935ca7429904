from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class PatientsConfig(ModuleConfig):
    default = True
    name = "xinglin.patients"
    label = "patients"
    verbose_name = _("患者")
