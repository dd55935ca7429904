"""An entry in a person's points."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PointsForm(forms.Form):
    what = forms.ChoiceField(
        label=_("记什么"),
        widget=forms.RadioSelect,
        choices=[("spent", _("用掉：换了东西或服务")), ("corrected", _("更正：以前记错了"))],
    )
    points = forms.IntegerField(
        label=_("积分"), min_value=-1_000_000, max_value=1_000_000, help_text=_("更正时，−20 是减 20 分")
    )
    reason = forms.CharField(label=_("为什么"), max_length=60)
