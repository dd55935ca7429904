from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class BookingConfig(ModuleConfig):
    default = True
    name = "xinglin.booking"
    label = "booking"
    verbose_name = _("预约")
