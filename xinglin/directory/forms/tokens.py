"""Tokens for machines."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.directory import queries

TERMS = [("30", _("30 天")), ("90", _("90 天")), ("365", _("1 年")), ("", _("不过期"))]


class TokenForm(forms.Form):
    """A new token: what for, how long, and which of one's own permissions it carries."""

    name = forms.CharField(label=_("用途"), max_length=80, help_text=_("比如：HIS 每晚推送账单"))
    days = forms.ChoiceField(label=_("有效期"), choices=TERMS, initial="90", required=False)
    scopes = forms.MultipleChoiceField(
        label=_("它能做什么"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只列出您自己有的权限；够用就好"),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (row.code, row.label) for row in queries.list_permissions() if actor.can(row.code)
        ]

    def expires_at(self, now: datetime) -> datetime | None:
        """The end of the term, or None for no end."""
        days = self.cleaned_data["days"]
        return now + timedelta(days=int(days)) if days else None
