"""Words for what the touches of booking carry."""

from django.utils.translation import gettext_lazy as _

from xinglin.booking.models import Encounter, Invoice
from xinglin.ledger.wording import fixed_words

fixed_words("method", Invoice.Method.choices, label=_("付款方式"))
fixed_words("care", Encounter.Care.choices, label=_("就诊类别"))
fixed_words(
    "by",
    {"patient": _("患者本人取消"), "staff": _("工作人员取消"), "import": _("按导入的文件")},
    label=_("谁取消的"),
)
