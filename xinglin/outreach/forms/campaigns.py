"""The steps of drafting a campaign."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.core.money import parse_fen
from xinglin.outreach.models import Campaign
from xinglin.outreach.queries.variables import CampaignVariable

#: How the fields of variables are named.
PREFIX = "var_"
LOCAL = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


#: Beside a choice that rests on a score, while nothing better than a guess is known.
NO_SKILL = _("还看不出每个人的常用渠道（模型还没有算，或者不比人人一样更准），选了也按上面的顺序发")


class YuanField(forms.CharField):
    """An amount in yuan; its value is whole fen, or None."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            fen = parse_fen(text)
        except ValueError as error:
            raise forms.ValidationError(_("写成 200 或 200.50 这样的金额")) from error
        if fen < 0:
            raise forms.ValidationError(_("金额不能是负数"))
        return fen


class PeopleForm(forms.Form):
    """Who: a name for the campaign and its audience."""

    name = forms.CharField(label=_("群发名称"), max_length=80, help_text=_("只有同事看得到"))
    audience_version_id = forms.TypedChoiceField(
        label=_("发给谁"), coerce=int, help_text=_("开始发送前会再数一遍，并记下名单")
    )

    def __init__(self, *args: Any, audiences: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience_version_id"].choices = [("", _("选一个人群")), *audiences]  # type: ignore[attr-defined]


def _field_of(variable: CampaignVariable) -> forms.CharField:
    otherwise = _("不填就用「%(value)s」") % {"value": variable.default}
    needed = _("正文用了「%(name)s」，群发不知道每个人的：填一个值，或者换一个模板")
    return forms.CharField(
        label=variable.name,
        required=variable.is_needed,
        max_length=100,
        help_text=_("预约才知道每个人的；群发里大家都用这个值") if variable.is_needed else otherwise,
        error_messages={"required": needed % {"name": variable.name}},
    )


class WordingForm(forms.Form):
    """What: an approved template, and the values of its variables, one field each (``var_…``)."""

    template_version_id = forms.TypedChoiceField(
        label=_("模板"), coerce=int, help_text=_("只列出已批准、在有效期内的营销模板")
    )

    wordings = forms.TypedMultipleChoiceField(
        label=_("和哪些内容对比"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选就只发上面这一种；选了就把人随机分成人数相同的几组，各发一种"),
    )
    test_percent = forms.FloatField(
        label=_("先发给百分之几的人"),
        required=False,
        min_value=5,
        max_value=100,
        help_text=_("100：全部分组发。少于 100：先试这些人，到时间后其余的人都发最好的那一种"),
    )
    test_metric = forms.ChoiceField(
        label=_("怎样算好"),
        choices=Campaign.TestMetric.choices,
        required=False,
        help_text=_("比较各组里做了这件事的人的比例"),
    )
    test_hours = forms.IntegerField(
        label=_("发完后等几小时再比"),
        required=False,
        min_value=1,
        max_value=168,
        help_text=_("只比一次，中途不看，才不会被偶然骗到"),
    )
    base_percent = forms.FloatField(label=_("平时的比例（%）"), required=False, min_value=0.1, max_value=90)
    lift_points = forms.FloatField(
        label=_("想看出多大差别（百分点）"), required=False, min_value=0.1, max_value=50
    )

    def __init__(
        self,
        *args: Any,
        versions: list[tuple[int, str]],
        variables: Sequence[CampaignVariable] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = [one.name for one in variables]
        self.fields |= {f"{PREFIX}{one.name}": _field_of(one) for one in variables}
        self.fields["template_version_id"].choices = [("", _("选一个模板")), *versions]  # type: ignore[attr-defined]
        self.fields["wordings"].choices = versions  # type: ignore[attr-defined]

    @property
    def values(self) -> list[forms.BoundField]:
        """The fields of the variables."""
        return [self[f"{PREFIX}{name}"] for name in self.names]

    def facts(self) -> dict[str, Any]:
        """What the action takes of the valid form."""
        data = self.cleaned_data
        own = data["template_version_id"]
        return {
            "template_version_id": own,
            "variables": {name: said for name in self.names if (said := data[f"{PREFIX}{name}"])},
            "wordings": [pk for pk in data["wordings"] if pk != own],
            "test_share": (data["test_percent"] or 100) / 100,
            "test_metric": data["test_metric"] or Campaign.TestMetric.CLICKED,
            "test_hours": data["test_hours"] or 24,
        }


class TimingForm(forms.Form):
    """How and when: channels in order of preference, and the window."""

    first = forms.ChoiceField(label=_("先用"))
    second = forms.ChoiceField(
        label=_("不行时改用"), required=False, help_text=_("没有同意、没有地址，或第一条没有送到时")
    )
    by_best_channel = forms.BooleanField(
        label=_("每个人的常用渠道优先"),
        required=False,
        help_text=_("从上面两种里先用这个人最常回应的；不知道的、不愿被评分的，按上面的顺序"),
    )
    starts_at = forms.DateTimeField(
        label=_("开始时间"), required=False, widget=LOCAL, help_text=_("不填：开始后马上发")
    )
    send_until = forms.DateTimeField(
        label=_("最晚"), required=False, widget=LOCAL, help_text=_("夜间顺延后超过这个时间的人不发")
    )

    at_best_hour = forms.BooleanField(
        label=_("各人在自己常看消息的钟点收"),
        required=False,
        help_text=_("从阅读记录算出的最佳钟点，24 小时之内；算不出的人不等"),
    )
    repeat = forms.ChoiceField(
        label=_("重复"),
        required=False,
        choices=[("", _("只发这一次")), *Campaign.Repeat.choices],
        help_text=_("到时间按当天的人群再发一次；同样内容不久前发过的人会被挡下"),
    )
    repeat_until = forms.DateField(
        label=_("重复到"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self, *args: Any, channels: list[tuple[str, object]], has_skill: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not has_skill:
            self.fields["by_best_channel"].help_text = NO_SKILL
        self.fields["first"].choices = channels  # type: ignore[attr-defined]
        self.fields["second"].choices = [("", _("不补发")), *channels]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [data.get("first"), data.get("second")]
        data["channels"] = list(dict.fromkeys(name for name in chosen if name))
        return data


class MoneyForm(forms.Form):
    """How sure and how dear: who is held out, what a message costs, where it stops."""

    holdout_percent = forms.FloatField(
        label=_("对照组"),
        min_value=0,
        max_value=50,
        help_text=_("百分之几的人随机留出不发，用来比较有没有用；建议 10"),
    )
    unit_cost_fen = YuanField(label=_("每条成本（元）"), required=False)
    budget_cap_fen = YuanField(label=_("预算上限（元）"), required=False, help_text=_("到上限就停，不填不限"))


class FreezeForm(forms.Form):
    """Typing the word is the confirmation."""

    word = forms.CharField(label=_("输入「暂停」确认"))
    reason = forms.CharField(label=_("原因"), max_length=200, required=False)

    def clean_word(self) -> str:
        if self.cleaned_data["word"].strip().lower() not in {"暂停", "pause"}:
            raise forms.ValidationError(_("请输入「暂停」"))
        return "暂停"
