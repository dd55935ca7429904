from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class ComplianceConfig(ModuleConfig):
    default = True
    name = "xinglin.compliance"
    label = "compliance"
    verbose_name = _("合规")
