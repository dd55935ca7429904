from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.content.models import ExpertPlan
from xinglin.content.rules.kinds import Channel, Kind
from xinglin.core.actor import Actor
from xinglin.directory.queries import list_practitioners

DATE = {"type": "date"}
#: Bytes of a file of numbers.
LARGEST = 20_000_000
WEEKDAYS = [
    (0, _("周一")),
    (1, _("周二")),
    (2, _("周三")),
    (3, _("周四")),
    (4, _("周五")),
    (5, _("周六")),
    (6, _("周日")),
]


class ColumnForm(forms.Form):
    """A column that comes again."""

    name = forms.CharField(label=_("栏目名"), max_length=60)
    kind = forms.ChoiceField(label=_("种类"), choices=Kind)
    channel = forms.ChoiceField(label=_("渠道"), choices=Channel)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("每周"), choices=WEEKDAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple()
    )
    month_day = forms.IntegerField(label=_("或每月几号"), min_value=1, max_value=28, required=False)


class ThemeForm(forms.Form):
    """A day of the hospital's own."""

    name = forms.CharField(label=_("主题"), max_length=60, help_text=_("例如：建院纪念日、糖友开放日"))
    day = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    is_yearly = forms.BooleanField(label=_("每年这一天都有"), required=False)
    note = forms.CharField(label=_("备注"), max_length=200, required=False)


class PlacementForm(forms.Form):
    """Where it came out."""

    final_url = forms.CharField(label=_("发出后的网址"), max_length=500)


class MetricsForm(forms.Form):
    """A platform's numbers as CSV."""

    file = forms.FileField(
        label=_("数据表（CSV）"),
        help_text=_("表头：发布单号,日期,阅读,点赞,转发,评论,新增粉丝；一行一天，重复的日期以后来的为准"),
    )
    source = forms.CharField(label=_("来自"), max_length=60, required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("文件最大 20 MB，请拆成几份"))
        return file

    def text(self) -> str:
        """The file as text: UTF-8, else GB 18030."""
        data = self.cleaned_data["file"].read()
        try:
            return str(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            return str(data.decode("gb18030", errors="replace"))


class ExpertPlanForm(forms.Form):
    """What a doctor is to do a week or month."""

    doctor = forms.ChoiceField(label=_("医生"))
    starts_on = forms.DateField(label=_("从"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("到"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    positioning = forms.CharField(
        label=_("讲什么"), max_length=200, required=False, help_text=_("例如：老年膝关节、运动损伤")
    )
    videos_a_week = forms.IntegerField(label=_("每周短视频"), min_value=0, max_value=21, initial=1)
    articles_a_month = forms.IntegerField(label=_("每月文章"), min_value=0, max_value=60, initial=2)
    answers_a_month = forms.IntegerField(label=_("每月问答"), min_value=0, max_value=200, initial=8)
    lectures_a_month = forms.IntegerField(label=_("每月直播讲座"), min_value=0, max_value=30, initial=1)
    followers = forms.IntegerField(
        label=_("现有粉丝"), min_value=0, initial=0, help_text=_("各平台加起来；改它不用医生重新同意")
    )
    channels = forms.MultipleChoiceField(
        label=_("渠道"), choices=Channel, required=False, widget=forms.CheckboxSelectMultiple()
    )

    def __init__(self, *args: Any, actor: Actor, plan: ExpertPlan | None = None, **kwargs: Any) -> None:
        if plan is not None:
            kwargs["initial"] = {name: getattr(plan, name) for name in self.base_fields if name != "doctor"}
        super().__init__(*args, **kwargs)
        if plan is not None:
            del self.fields["doctor"]
            return
        self._doctors = {str(one.public_id): one for one in list_practitioners(actor)[:500]}
        doctor: Any = self.fields["doctor"]
        doctor.choices = [
            (code, f"{one.name} · {one.department.name}" if one.department else one.name)
            for code, one in self._doctors.items()
        ]

    def facts(self) -> dict[str, Any]:
        """What ``save_expert_plan`` takes, or ``edit_expert_plan`` of a plan that is there."""
        data = dict(self.cleaned_data)
        if "doctor" in data:
            data["doctor_id"] = self._doctors[data.pop("doctor")].pk
        return data
