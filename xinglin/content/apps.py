from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class ContentConfig(ModuleConfig):
    default = True
    name = "xinglin.content"
    label = "content"
    verbose_name = _("内容")
