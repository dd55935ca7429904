from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class UiConfig(ModuleConfig):
    default = True
    name = "xinglin.ui"
    label = "ui"
    verbose_name = _("界面")
