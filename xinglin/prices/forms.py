"""What staff type about the price list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.core.money import parse_fen
from xinglin.directory import queries as directory
from xinglin.prices import rules
from xinglin.prices.actions import PriceFacts
from xinglin.prices.models import PriceItem


class YuanField(forms.CharField):
    """An amount typed in yuan, kept in fen."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=20, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Fen from the database become yuan; what somebody typed stays as typed."""
        return f"{value / 100:.2f}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Exact to the fen, never negative."""
        text = super().clean(value)
        try:
            fen = parse_fen(text)
        except ValueError:
            fen = -1
        if not 0 <= fen <= rules.MOST_FEN:
            raise forms.ValidationError(_("请填金额，如 129.16，最多两位小数"))
        return fen


def _day(**kwargs: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class PriceForm(forms.Form):
    """One entry."""

    code = forms.CharField(
        label=_("编码"), max_length=40, help_text=_("收费系统里的项目编码；导入时按它认出同一条")
    )
    name = forms.CharField(label=_("项目"), max_length=rules.MOST_NAME)
    department: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=None, label=_("科室"), required=False, empty_label=_("全院"), to_field_name="public_id"
    )
    unit = forms.CharField(label=_("计价单位"), max_length=20, help_text=_("例如：次、项、每部位"))
    price_fen = YuanField(label=_("价格（元）"))
    insurance = forms.ChoiceField(
        label=_("医保类别"), required=False, choices=[("", _("未注明")), *PriceItem.Insurance.choices]
    )
    notes = forms.CharField(
        label=_("项目内涵与说明"),
        max_length=rules.MOST_NOTES,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("包含什么、不包含什么。只写事实；保存时按「信息公开」检查"),
    )
    valid_from = _day(label=_("生效日"), required=False, help_text=_("不填就从今天起"))
    valid_until = _day(label=_("最后一天"), required=False)
    position = forms.IntegerField(
        label=_("顺序"), min_value=0, max_value=1_000_000, required=False, help_text=_("小的排在前面")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = directory.list_departments(actor)  # type: ignore[attr-defined]

    @property
    def facts(self) -> PriceFacts:
        """What a valid form says."""
        return PriceFacts(**{**self.cleaned_data, "position": self.cleaned_data["position"] or 0})


class EndForm(forms.Form):
    """When an entry ends."""

    last_day = _day(label=_("最后一天"))


class ReleaseForm(forms.Form):
    """What was looked at."""

    note = forms.CharField(
        label=_("看过什么证据"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class NoticeForm(forms.Form):
    """What stands above the list."""

    complaint_phone = forms.CharField(
        label=_("价格投诉电话"),
        max_length=30,
        required=False,
        help_text=_("不填就写医院总机；12315 和 12345 总是列出"),
    )
    note = forms.CharField(
        label=_("公示说明"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("例如执行哪个文件、哪一级医院的标准"),
    )
