"""A questionnaire's items as form fields."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.scores.rules.questionnaires import Questionnaire, text


class AnswerForm(forms.Form):
    """One field an item, in the order of the questionnaire; shape only, the action checks the values."""

    def __init__(self, *args: Any, questionnaire: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in questionnaire.items:
            self.fields[item["code"]] = _field(item)


def _field(item: dict[str, Any]) -> forms.Field:
    label = text(item, "label")
    if item["type"] == "number":
        unit = text(item, "unit")
        return forms.FloatField(
            label=f"{label}（{unit}）",
            min_value=item["min"],
            max_value=item["max"],
            help_text=_("%(low)s 到 %(high)s") % {"low": item["min"], "high": item["max"]},
            widget=forms.NumberInput(
                attrs={"inputmode": "decimal", "step": 1 if item.get("whole") else "any"}
            ),
        )
    if item["type"] == "sex":
        choices = [("F", _("女")), ("M", _("男"))]
    else:
        choices = [(choice["code"], text(choice, "label")) for choice in item["choices"]]
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)


class RefusalForm(forms.Form):
    """Why, or how, the person said so."""

    note = forms.CharField(label=gettext_lazy("怎么提出的"), max_length=200, required=False)
