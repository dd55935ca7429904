"""What people put into the hospital's own layer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.compliance.models import OwnTerm


class OwnTermForm(forms.Form):
    """Words, a line or comma apart, with one severity and reason."""

    words = forms.CharField(
        label=_("词"),
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("一行一个，或用逗号隔开；也可以整列粘贴"),
    )
    severity = forms.ChoiceField(
        label=_("轻重"),
        choices=OwnTerm.Severity,
        initial="warn",
        help_text=_("阻断：不能发；复核：要人看过；提示：只提醒"),
    )
    reason = forms.CharField(label=_("为什么不用"), max_length=200, help_text=_("写作者会看到这句话"))
    citation = forms.CharField(
        label=_("依据的法条"),
        max_length=120,
        required=False,
        help_text=_("例如：广告法第九条第三项；没有就不填，按本院规定"),
    )


class SilenceForm(forms.Form):
    """Why a rule is silenced, and until when."""

    reason = forms.CharField(
        label=_("为什么静音"), max_length=200, help_text=_("会写进操作记录和每一份受影响的结论")
    )
    until = forms.DateField(
        label=_("静音到"), widget=forms.DateInput(attrs={"type": "date"}), help_text=_("含当天，最长一年")
    )


class ActivationForm(forms.Form):
    """One sentence on what the new version changes."""

    note = forms.CharField(label=_("这次改了什么"), max_length=200)
