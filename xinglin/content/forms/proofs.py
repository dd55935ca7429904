from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.content.rules.kinds import CaseScope, MediaKind

DATE = {"type": "date"}


class CertificateForm(forms.Form):
    """A certificate as the paper says, with the text it approved."""

    number = forms.CharField(
        label=_("文号"), max_length=80, help_text=_("例如 医广【2026】第01-15-007号，照证明上写")
    )
    authority = forms.CharField(label=_("发证机关"), max_length=120)
    valid_from = forms.DateField(label=_("有效期自"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    valid_to = forms.DateField(
        label=_("有效期至"),
        widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
        help_text=_("一年；到期当天零点后自动撤下"),
    )
    media_kinds = forms.MultipleChoiceField(
        label=_("媒体类别"), choices=MediaKind, widget=forms.CheckboxSelectMultiple()
    )
    sample = forms.CharField(
        label=_("审查通过的文字（成品样件）"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("一字不差贴进来；发布的广告拿它逐句比对"),
    )
    scan = forms.FileField(label=_("证明扫描件"), required=False)


class CaseForm(forms.Form):
    """A patient's written permission; ``patient`` is chosen from those found beside the form."""

    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
    label = forms.CharField(
        label=_("记号"), max_length=60, help_text=_("例如「骨科 2026-03」；不写姓名，同事只看到它")
    )
    identifiers = forms.CharField(
        label=_("不能出现的词"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("姓名、单位、村名、稀有细节，一行一个；加密保存，只用来比对文章"),
    )
    scope = forms.MultipleChoiceField(
        label=_("同意的范围"), choices=CaseScope, widget=forms.CheckboxSelectMultiple()
    )
    signed_on = forms.DateField(label=_("签字日"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    valid_until = forms.DateField(
        label=_("有效期至"), required=False, widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )
    scan = forms.FileField(label=_("授权书扫描件"), required=False)


class CasePatientForm(forms.Form):
    """Whose permission it is; nobody's where left out."""

    patient = forms.UUIDField(required=False)


class CompareForm(forms.Form):
    """A text to hold beside a sample before anybody writes an item."""

    text = forms.CharField(
        label=_("要发的文字"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}), required=False
    )
