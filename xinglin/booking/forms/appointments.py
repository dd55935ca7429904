"""Booking by phone, moving, cancelling."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.core.masking import normalise_phone

SOURCES = [
    ("phone", _("打电话来")),
    ("counter", _("到前台")),
    ("wechat", _("微信")),
    ("partner", _("合作单位")),
    ("event", _("活动现场")),
]


class MoveForm(forms.Form):
    """Another slot."""

    slot = forms.UUIDField(label=_("新的时间"), error_messages={"required": _("请选一个时间")})


class CancellationForm(forms.Form):
    """Why a visit is given up."""

    reason = forms.CharField(
        label=_("取消原因"),
        max_length=200,
        widget=forms.TextInput(attrs={"list": "cancel-reasons"}),
        error_messages={"required": _("请写一句取消的原因")},
    )


class PersonForm(forms.Form):
    """A patient who is known (``patient``), or name and phone."""

    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("姓名"), max_length=40, required=False)
    phone = forms.CharField(
        label=_("手机"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )

    def clean_phone(self) -> str:
        """A phone number in one form, or nothing."""
        text = str(self.cleaned_data["phone"]).strip()
        if not text:
            return ""
        phone = normalise_phone(text)
        if phone is None:
            raise forms.ValidationError(_("这不像一个电话号码"))
        return phone

    def clean(self) -> dict[str, Any]:
        """Either a known patient or both name and phone."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("patient"):
            for name, words in (("name", _("请填姓名")), ("phone", _("请填手机"))):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return cleaned


class BookingForm(PersonForm):
    """Somebody calls: who, which doctor, which day, which slot."""

    doctor = forms.ChoiceField(label=_("医生"))
    day = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    slot = forms.UUIDField(label=_("时间"), error_messages={"required": _("请选一个时间")})
    source_channel = forms.ChoiceField(label=_("从哪里来"), choices=SOURCES, initial="phone")
    note = forms.CharField(label=_("备注"), max_length=200, required=False)

    def __init__(self, *args: Any, doctors: Sequence[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["doctor"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(key), label) for key, label in doctors]
