"""A health questionnaire as a patient fills it in, one field an item."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from xinglin.scores.queries import Asked, Questionnaire


class HealthForm(forms.Form):
    """Shape only; the values are checked where they are worked out. ``people`` may keep the result."""

    def __init__(self, *args: Any, questionnaire: Questionnaire, people: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in questionnaire.asked():
            self.fields[item.code] = _field(item)
        if people:
            choices = [(str(person.public_id), label) for person, label in people]
            choices.append(("", _("谁也不是，只看结果，不保存")))
            self.fields["who"] = forms.ChoiceField(
                label=_("为谁填"), choices=choices, required=False, widget=forms.RadioSelect,
                initial=choices[0][0],
            )  # fmt: skip

    @property
    def answers(self) -> dict[str, Any]:
        """What was answered, without for whom."""
        return {name: value for name, value in self.cleaned_data.items() if name != "who"}


def _field(item: Asked) -> forms.Field:
    wrong = {"required": _("这一项要填"), "invalid": _("要填数字"), "invalid_choice": _("请从给出的选项里选")}
    if item.choices:
        return forms.ChoiceField(
            label=item.label, choices=item.choices, widget=forms.RadioSelect, error_messages=wrong
        )
    return forms.FloatField(
        label=item.label,
        min_value=item.low,
        max_value=item.high,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": 1 if item.is_whole else "any"}),
        error_messages=wrong,
    )
