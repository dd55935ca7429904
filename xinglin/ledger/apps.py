from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


class LedgerConfig(ModuleConfig):
    default = True
    name = "xinglin.ledger"
    label = "ledger"
    verbose_name = _("触点账本")
