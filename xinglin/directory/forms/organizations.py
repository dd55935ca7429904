"""Hospital, campus, department."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.directory import queries
from xinglin.directory.forms.base import OPTIONAL, TEXT_ROWS


class HospitalForm(forms.Form):
    """The hospital's own facts."""

    name = forms.CharField(label=_("医院全称"), max_length=120)
    short_name = forms.CharField(
        label=_("简称"), max_length=40, required=False, help_text=_("显示在导航栏和短信署名里")
    )
    first_name = forms.CharField(
        label=_("医疗机构第一名称"),
        max_length=120,
        required=False,
        help_text=_("与《医疗机构执业许可证》一致；医疗广告只能用这个名称"),
    )
    licence_no = forms.CharField(label=_("执业许可证登记号"), max_length=60, required=False)
    ad_certificate_no = forms.CharField(
        label=_("医疗广告审查证明文号"),
        max_length=80,
        required=False,
        help_text=_("没有审查证明，就不能发布医疗广告类页面"),
    )
    ad_certificate_until = forms.DateField(
        label=_("审查证明有效期至"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    phone = forms.CharField(label=_("总机"), max_length=30, required=False)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    website = forms.URLField(label=_("官网"), required=False, assume_scheme="https")
    about = forms.CharField(
        label=_("简介"),
        required=False,
        widget=forms.Textarea(attrs=TEXT_ROWS),
        help_text=_("出现在官网的医院介绍里"),
    )
    timezone = forms.CharField(label=_("时区"), max_length=40)
    theme = forms.RegexField(
        r"^#[0-9A-Fa-f]{6}$",
        label=_("官网主色"),
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_("只用在患者看到的页面"),
    )
    is_mfa_required = forms.BooleanField(
        label=_("所有账号都要两步验证"),
        required=False,
        help_text=_("打开后，没有设置的人下次进来要先设置"),
    )

    def clean_timezone(self) -> str:
        """A name of the IANA database."""
        name = str(self.cleaned_data["timezone"]).strip()
        if name not in available_timezones():
            raise ValidationError(_("没有这个时区，中国写 Asia/Shanghai"))
        return name


class CampusForm(forms.Form):
    """A place where the hospital sees people."""

    code = forms.CharField(label=_("编码"), max_length=32)
    name = forms.CharField(label=_("名称"), max_length=80)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)
    is_open = forms.BooleanField(label=_("开放"), required=False, initial=True)


class DepartmentForm(forms.Form):
    """A department; campus and parent come from the hospital's own."""

    code = forms.CharField(
        label=_("编码"), max_length=32, help_text=_("与 HIS 的科室编码一致，导入时按它对应")
    )
    name = forms.CharField(label=_("名称"), max_length=80)
    campus: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=None, label=_("院区"), required=False, empty_label=OPTIONAL
    )
    parent: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=None, label=_("上级科室"), required=False, empty_label=OPTIONAL
    )
    is_clinical = forms.BooleanField(
        label=_("临床科室"), required=False, initial=True, help_text=_("能在官网上挂号")
    )
    about = forms.CharField(label=_("介绍"), required=False, widget=forms.Textarea(attrs=TEXT_ROWS))
    is_open = forms.BooleanField(label=_("开放"), required=False, initial=True)

    def __init__(self, *args: Any, actor: Actor, this: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campus"].queryset = queries.list_campuses(actor)  # type: ignore[attr-defined]
        others = queries.list_departments(actor, is_open=None).exclude(pk=this or 0)
        self.fields["parent"].queryset = others  # type: ignore[attr-defined]
