"""A questionnaire's items as form fields."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.scores.rules.questionnaires import Asked, Questionnaire


class AnswerForm(forms.Form):
    """One field an item, in the order of the questionnaire; shape only, the action checks the values."""

    def __init__(self, *args: Any, questionnaire: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in questionnaire.asked():
            self.fields[item.code] = _field(item)


def _field(item: Asked) -> forms.Field:
    if item.choices:
        return forms.ChoiceField(label=item.label, choices=item.choices, widget=forms.RadioSelect)
    return forms.FloatField(
        label=item.label,
        min_value=item.low,
        max_value=item.high,
        help_text=_("%(low)s 到 %(high)s") % {"low": item.low, "high": item.high},
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": 1 if item.is_whole else "any"}),
    )


class RefusalForm(forms.Form):
    """Why, or how, the person said so."""

    note = forms.CharField(label=gettext_lazy("怎么提出的"), max_length=200, required=False)
