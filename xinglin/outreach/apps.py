from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class OutreachConfig(ModuleConfig):
    default = True
    name = "xinglin.outreach"
    label = "outreach"
    verbose_name = _("触达")
