"""What visitors type."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.core import masking


class ContactForm(forms.Form):
    """Who comes, and the phone to tell."""

    name = forms.CharField(
        label=_("就诊人姓名"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autocapitalize": "words"}),
        error_messages={"required": _("请填就诊人姓名")},
    )
    phone = forms.CharField(
        label=_("手机号"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "tel-national", "inputmode": "tel"}),
        error_messages={"required": _("请填手机号")},
    )
    news = forms.BooleanField(label=_("也愿意收到医院的健康讲座和活动通知，随时可退订"), required=False)

    def clean_name(self) -> str:
        """A name is letters; control characters and markup have no place in it."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not any(character.isalpha() for character in name) or any(c in "<>{}\\|`$" for c in name):
            raise forms.ValidationError(_("请填真实姓名，就诊时要核对"))
        return name

    def clean_phone(self) -> str:
        """A mainland mobile number, in whatever way it was typed."""
        phone = masking.normalise_phone(self.cleaned_data["phone"])
        if phone is None or len(phone) != 11 or not phone.startswith("1"):
            raise forms.ValidationError(_("请填 11 位手机号"))
        return phone


class VerifiedForm(ContactForm):
    """The phone has been shown to be theirs already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["phone"]


class PhoneForm(forms.Form):
    """Only a phone, to see one's own appointments."""

    phone = ContactForm.base_fields["phone"]
    clean_phone = ContactForm.clean_phone


class CodeForm(forms.Form):
    """The six digits."""

    code = forms.RegexField(
        r"^\s*\d{6}\s*$",
        label=_("短信验证码"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "8"}
        ),
        error_messages={"required": _("请填 6 位验证码"), "invalid": _("验证码是 6 位数字")},
    )
