"""What the forms of steps share: properties in, controls, properties out; what narrows a kind of touch.

A draft may be unfinished, so nothing here is required; ``rules.checks`` says what is missing. Properties
that a form does not show stay as they were.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.journeys.queries.narrowing import as_list

Json = dict[str, Any]
Choices = Sequence[tuple[str, Any]]
BOXES = forms.CheckboxSelectMultiple
SEPARATORS = re.compile(r"[、,，;；\n]+")


@dataclass(frozen=True, slots=True)
class Offered:
    """What a hospital has to choose from."""

    touches: Choices = ()
    leaving: Choices = ()
    templates: Choices = ()
    audiences: Choices = ()
    narrowings: Sequence[Any] = ()  # of the chosen kind of touch, see ``queries.narrowing``
    channels: Choices = ()
    lanes: Mapping[str, str] = field(default_factory=dict)  # template → its purpose
    reach: Mapping[str, Sequence[str]] = field(default_factory=dict)  # template → channels it has words for
    assignees: Choices = ()
    unskilled: Sequence[str] = ()  # scores that a message could go by, without a model with skill


class StepForm(forms.Form):
    """The base of all: every step may have a title of its own."""

    def __init__(self, data: Any = None, *, props: Json, offered: Offered) -> None:
        self.props, self.offered = props, offered
        super().__init__(data, initial=self.read(props), auto_id="step_%s")
        self.fill(offered)
        self.fields["label"] = forms.CharField(
            label=_("自己的叫法"), max_length=60, required=False, help_text=_("不填就按设置自动叫")
        )
        self.initial["label"] = props.get("label", "")

    def read(self, props: Json) -> Json:
        return dict(props)

    def fill(self, offered: Offered) -> None:
        """Give the choices of this hospital to the fields."""

    def offer(self, name: str, choices: Choices, empty: Any = None) -> None:
        """Choices of a field; what is chosen already stays choosable."""
        rows = [(str(code), label) for code, label in choices]
        chosen = self.initial.get(name)
        for each in chosen if isinstance(chosen, list) else [chosen]:
            if each not in (None, "") and str(each) not in {code for code, _label in rows}:
                rows.append((str(each), str(each)))
        self.fields[name].choices = [*([("", empty)] if empty is not None else []), *rows]  # type: ignore[attr-defined]

    def value(self, name: str) -> Any:
        """What a control shows now."""
        return self[name].value()

    def write(self, data: Json) -> Json:
        """The properties that this form decides; None leaves a property out."""
        return data

    def result(self) -> Json:
        """Properties after the form; the old ones where it is not filled in rightly."""
        if not self.is_bound or not self.is_valid():
            return self.props
        data = dict(self.cleaned_data)
        label = data.pop("label", "")
        mine = {**self.props, **self.write(data), "label": label}
        return {name: value for name, value in mine.items() if value not in (None, "", {})}


class TouchForm(StepForm):
    """A step that minds a kind of touch; its fields ``w_…`` narrow it by properties of the touch."""

    def fill(self, offered: Offered) -> None:
        where = self.props.get("where", {})
        for one in offered.narrowings:
            name, chosen = f"w_{one.name}", [str(each) for each in as_list(where.get(one.name, []))]
            self.fields[name] = _choosing(one) if one.choices else _typing(one)
            self.initial[name] = chosen if one.choices else "、".join(chosen)

    @property
    def narrowed(self) -> list[forms.BoundField]:
        return [self[f"w_{one.name}"] for one in self.offered.narrowings]

    @property
    def is_narrowed(self) -> bool:
        return any(field.value() for field in self.narrowed)

    def where(self, data: Json) -> Json:
        """Property → a value or a list, as the fields say."""
        made: Json = {}
        for one in self.offered.narrowings:
            given = data.pop(f"w_{one.name}", None) or []
            values = self._values(one, given)
            if values:
                made[one.name] = values if len(values) > 1 else values[0]
        return made

    def _values(self, one: Any, given: Any) -> list[Any]:
        """As the touch holds them; what stood there before keeps its type."""
        texts = given if isinstance(given, list) else [part.strip() for part in SEPARATORS.split(given)]
        known = {str(value): value for value, _words in one.choices}
        known |= {str(value): value for value in as_list(self.props.get("where", {}).get(one.name, []))}
        return [known.get(text, int(text) if one.is_number else text) for text in texts if text]


def _choosing(one: Any) -> forms.Field:
    options = [(str(value), said) for value, said in one.choices]
    return forms.MultipleChoiceField(label=one.label, required=False, widget=BOXES, choices=options)


def _typing(one: Any) -> forms.Field:
    hint = _("整数，几个用顿号分开") if one.is_number else _("几个用顿号分开")
    checks = [_whole_numbers] if one.is_number else []
    return forms.CharField(label=one.label, required=False, max_length=200, help_text=hint, validators=checks)


def _whole_numbers(text: str) -> None:
    if not all(re.fullmatch(r"-?\d{1,9}", part.strip()) for part in SEPARATORS.split(text) if part.strip()):
        raise forms.ValidationError(_("写整数"))
