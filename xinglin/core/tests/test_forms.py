from django import forms

from xinglin.core.errors import Invalid
from xinglin.core.forms import blame


class One(forms.Form):
    name = forms.CharField()


def bound() -> One:
    form = One({"name": "x"})
    assert form.is_valid()
    return form


def test_a_complaint_stands_beside_its_field_or_on_top() -> None:
    form = blame(bound(), Invalid("no", fields={"name": ["too short", "taken"], "elsewhere": ["odd"]}))
    assert form.errors["name"] == ["too short", "taken"]
    assert form.non_field_errors() == ["odd"]


def test_an_error_about_no_field_is_not_lost() -> None:
    assert blame(bound(), Invalid("not now")).non_field_errors() == ["not now"]
