from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class PricesConfig(ModuleConfig):
    default = True
    name = "xinglin.prices"
    label = "prices"
    verbose_name = _("服务与价格")
