"""Bills, refunds, visits off the street."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.booking.forms.appointments import PersonForm
from xinglin.booking.models import Encounter, Invoice
from xinglin.booking.rules import fen_from_text


class YuanField(forms.CharField):
    """An amount typed in yuan, kept in fen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Exact to the fen."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return fen_from_text(text)
        except ValueError:
            raise forms.ValidationError(_("请填金额，如 129.16，最多两位小数")) from None


class InvoiceForm(PersonForm):
    """A bill that was paid at the counter."""

    amount = YuanField(label=_("金额"))
    number = forms.CharField(
        label=_("账单号"), max_length=64, required=False, help_text=_("收费系统里的号；空着就自动编一个")
    )
    method = forms.ChoiceField(label=_("付款方式"), choices=Invoice.Method.choices)
    department = forms.ChoiceField(label=_("科室"), required=False)
    description = forms.CharField(label=pgettext_lazy("预约", "内容"), max_length=200, required=False)

    def __init__(self, *args: Any, departments: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *departments]


class VisitInvoiceForm(InvoiceForm):
    """A bill of a visit: patient and department are the visit's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, departments=(), **kwargs)
        for name in ("patient", "name", "phone", "department"):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Nothing more to check."""
        return self.cleaned_data


class RefundForm(forms.Form):
    """How much goes back and why; ``key`` makes a second click harmless."""

    amount = YuanField(label=_("退款金额"))
    reason = forms.CharField(label=_("原因"), max_length=200)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


class WalkInForm(PersonForm):
    """Somebody is here without an appointment."""

    department = forms.ChoiceField(label=_("科室"))
    care = forms.ChoiceField(label=_("类别"), choices=Encounter.Care.choices)

    def __init__(self, *args: Any, departments: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(departments)
