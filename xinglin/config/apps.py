from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class ConfigConfig(ModuleConfig):
    """The whole installation: first setup and the demo hospital, which know every module."""

    default = True
    name = "xinglin.config"
    label = "config"
    verbose_name = _("安装")
