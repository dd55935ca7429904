"""Stopping messages to a person, and writing to them again."""

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.outreach.actions import BY_HAND
from xinglin.outreach.models import Channel


class StopForm(forms.Form):
    """What is stopped, in which channel, and why."""

    kind = forms.ChoiceField(label=_("哪一种"), choices=[(kind.value, kind.label) for kind in BY_HAND])
    channel = forms.ChoiceField(
        label=_("渠道"), required=False, choices=[("", _("全部渠道")), *Channel.choices]
    )
    reason = forms.CharField(
        label=_("为什么停发"), max_length=200, help_text=_("写进审计记录，例如：本人来电说不要再发")
    )


class LiftForm(forms.Form):
    """Why messages go out again."""

    reason = forms.CharField(label=_("为什么恢复"), max_length=200)
