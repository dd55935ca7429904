"""A journey's name, why it is paused or ended, and whom to try it with."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NewForm(forms.Form):
    name = forms.CharField(label=_("旅程名称"), max_length=80)
    note = forms.CharField(
        label=_("为什么要有它"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("给同事的一句话，可不填"),
    )


class MoveForm(forms.Form):
    """From one version to the one in force."""

    number = forms.IntegerField(min_value=1)


class TaskForm(forms.Form):
    """What came of a task."""

    outcome = forms.ChoiceField(
        label=_("结果"), widget=forms.RadioSelect, choices=[("done", _("做完了")), ("dropped", _("不做了"))]
    )
    note = forms.CharField(
        label=_("记一句"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
