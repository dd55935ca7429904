"""A line of a week; a leave."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.booking.models.schedules import WEEKDAYS


def time_input() -> forms.TimeInput:
    """The browser's own clock."""
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class LineForm(forms.Form):
    """Every Monday 08:00 to 12:00, 20 minutes, one place."""

    weekday = forms.TypedChoiceField(label=_("星期"), choices=list(enumerate(WEEKDAYS)), coerce=int)
    starts = forms.TimeField(label=_("从"), widget=time_input(), initial="08:00")
    ends = forms.TimeField(label=_("到"), widget=time_input(), initial="12:00")
    slot_minutes = forms.IntegerField(
        label=_("每个号几分钟"), min_value=5, max_value=240, initial=20, widget=forms.NumberInput
    )
    capacity = forms.IntegerField(label=_("每个号几个人"), min_value=1, max_value=200, initial=1)
    place = forms.CharField(
        label=_("地点"), max_length=80, required=False, help_text=_("患者看得到，如：门诊楼三楼 B 区")
    )

    def clean(self) -> dict[str, Any]:
        """The end lies behind the beginning, and one slot fits in."""
        cleaned: dict[str, Any] = super().clean() or {}
        starts, ends, minutes = cleaned.get("starts"), cleaned.get("ends"), cleaned.get("slot_minutes")
        if starts and ends and minutes:
            length = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
            if length <= 0:
                self.add_error("ends", _("结束要晚于开始"))
            elif length < minutes:
                self.add_error("slot_minutes", _("这段时间放不下一个号"))
        return cleaned


def moment_input() -> forms.DateTimeInput:
    """The browser's own calendar with a clock."""
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class LeaveForm(forms.Form):
    """From when to when a doctor is away."""

    starts_at = forms.DateTimeField(label=_("从"), widget=moment_input())
    ends_at = forms.DateTimeField(label=_("到"), widget=moment_input())
    reason = forms.CharField(
        label=_("原因"), max_length=80, required=False, help_text=_("患者看得到，如：参加院内会诊")
    )

    def clean(self) -> dict[str, Any]:
        """The end lies behind the beginning."""
        cleaned: dict[str, Any] = super().clean() or {}
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("结束要晚于开始"))
        return cleaned
