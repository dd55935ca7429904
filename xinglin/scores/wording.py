"""Words for what the touches of scores carry."""

from django.utils.translation import gettext_lazy as _

from xinglin.ledger.wording import fixed_words

fixed_words("noted_by", {"patient": _("患者自己填的"), "staff": _("工作人员登记的")}, label=_("谁登记的"))
