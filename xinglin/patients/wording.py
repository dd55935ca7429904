"""Words for what the touches of patients carry."""

from django.utils.translation import gettext_lazy as _

from xinglin.ledger.channels import LABELS
from xinglin.ledger.wording import fixed_words, words_for
from xinglin.patients.rules.consents import HOWS, PURPOSES

fixed_words("purpose", PURPOSES, label=_("用途"))
fixed_words("how", {**dict(HOWS), "one-click": _("邮件一键退订")}, label=_("方式"))


@words_for("source", label=_("来源"))
def _sources(_organization, values):  # type: ignore[no-untyped-def]
    """A source is a channel's code, or what the hospital calls it."""
    return {value: LABELS.get(value, value) for value in values}
