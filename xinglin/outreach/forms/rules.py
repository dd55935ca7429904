"""A hospital's quiet hours and caps."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from xinglin.outreach.rules.gate import MIN_QUIET_HOURS, GateRules, Layer, Window, hours_between

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class RulesForm(forms.Form):
    """Two clock times, two caps, days of the same content, and why."""

    quiet_from = forms.TimeField(label=_("晚上几点起不发"), widget=CLOCK)
    quiet_until = forms.TimeField(
        label=_("早上几点后再发"),
        widget=CLOCK,
        help_text=_("按患者所在时区；至少隔 %(hours)s 小时。服务通知不受限制") % {"hours": MIN_QUIET_HOURS},
    )
    short_days = forms.IntegerField(label=_("短期：多少天内"), min_value=1, max_value=365)
    short_messages = forms.IntegerField(label=_("最多几条"), min_value=1, max_value=100)
    long_days = forms.IntegerField(label=_("长期：多少天内"), min_value=1, max_value=365)
    long_messages = forms.IntegerField(label=_("最多几条"), min_value=1, max_value=100)
    duplicate_days = forms.IntegerField(label=_("多少天内不发相同内容"), min_value=1, max_value=365)
    reason = forms.CharField(
        label=_("为什么改"), max_length=300, help_text=_("写进审计记录，例如：患者反映晚上八点以后还收到消息")
    )

    @staticmethod
    def facts_of(rules: GateRules) -> dict[str, Any]:
        """What the rules in force put into the form."""
        windows = rules.caps.windows
        short, long = windows[0], windows[-1]
        return {
            "quiet_from": rules.quiet_hours.starts,
            "quiet_until": rules.quiet_hours.ends,
            "short_days": short.days,
            "short_messages": short.messages,
            "long_days": long.days,
            "long_messages": long.messages,
            "duplicate_days": rules.duplicate.days,
        }

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        start, end = facts.get("quiet_from"), facts.get("quiet_until")
        if start and end and hours_between(start, end) < MIN_QUIET_HOURS:
            self.add_error("quiet_until", _("不发的时段至少 %(hours)s 小时") % {"hours": MIN_QUIET_HOURS})
        if facts.get("short_days") and facts.get("short_days") == facts.get("long_days"):
            self.add_error("long_days", _("两个频次的天数要不同"))
        return facts

    def layer(self) -> Layer:
        """The valid form as a layer."""
        facts = self.cleaned_data
        try:
            return Layer(
                quiet_from=facts["quiet_from"],
                quiet_until=facts["quiet_until"],
                caps=(
                    Window(days=facts["short_days"], messages=facts["short_messages"]),
                    Window(days=facts["long_days"], messages=facts["long_messages"]),
                ),
                duplicate_days=facts["duplicate_days"],
            )
        except ValidationError as error:
            raise AssertionError("the form checks what the layer checks") from error
