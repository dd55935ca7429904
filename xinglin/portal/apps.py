from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class PortalConfig(ModuleConfig):
    default = True
    name = "xinglin.portal"
    label = "portal"
    verbose_name = _("公开页面")
