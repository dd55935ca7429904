"""Staff and teams."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.directory import queries
from xinglin.directory.forms.base import OPTIONAL, TEXT_ROWS, YuanField


class StaffForm(forms.Form):
    """Somebody who works in the hospital."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    code = forms.CharField(
        label=_("工号"), max_length=32, required=False, help_text=_("与 HIS 一致，导入时按它对应")
    )
    title = forms.CharField(label=_("职称或岗位"), max_length=60, required=False)
    department: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=None, label=_("科室"), required=False, empty_label=OPTIONAL
    )
    team: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=None, label=_("小组"), required=False, empty_label=OPTIONAL
    )
    phone = forms.CharField(label=_("工作电话"), max_length=30, required=False)
    is_practitioner = forms.BooleanField(
        label=_("出诊"), required=False, help_text=_("医生、治疗师等能被预约的人")
    )
    licence_no = forms.CharField(label=_("医师执业证书编码"), max_length=60, required=False)
    fee_fen = YuanField(label=_("挂号费"), required=False)
    specialities = forms.CharField(
        label=_("擅长"), max_length=300, required=False, help_text=_("写病种和技术，不写疗效")
    )
    bio = forms.CharField(label=_("简介"), required=False, widget=forms.Textarea(attrs=TEXT_ROWS))
    is_active = forms.BooleanField(label=_("在岗"), required=False, initial=True)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = queries.list_departments(actor, is_open=None)  # type: ignore[attr-defined]
        self.fields["team"].queryset = queries.list_teams(actor)  # type: ignore[attr-defined]


class TeamForm(forms.Form):
    """A group of colleagues."""

    name = forms.CharField(label=_("小组名称"), max_length=60)
    lead: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=None, label=_("组长"), required=False, empty_label=OPTIONAL
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = queries.list_staff(actor)  # type: ignore[attr-defined]
