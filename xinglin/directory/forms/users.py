"""Accounts."""

from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.directory import queries
from xinglin.directory.forms.base import OPTIONAL
from xinglin.directory.models import Membership


class UserForm(forms.Form):
    """An account of this hospital."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    email = forms.EmailField(label=_("邮箱"), required=False)
    role = forms.ChoiceField(label=_("角色"))
    scope = forms.ChoiceField(
        label=_("数据范围"),
        choices=Membership.Scope.choices,
        initial=Membership.Scope.ALL,
        help_text=_("角色决定能做什么，范围决定能看到哪些行"),
    )
    staff: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=None,
        label=_("对应的职员"),
        required=False,
        empty_label=OPTIONAL,
        help_text=_("「自己的」「本小组」「本科室」都按这位职员算"),
    )

    def __init__(self, *args: Any, actor: Actor, membership: Membership | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.code, role.label) for role in queries.assignable_roles()
        ]
        free = Q(user__isnull=True)
        if membership is not None:
            free |= Q(user_id=membership.user_id)
        self.fields["staff"].queryset = queries.list_staff(actor).filter(free)  # type: ignore[attr-defined]


class UserCreateForm(UserForm):
    """A new account; the password is set by its owner through a link."""

    field_order = ("username", "name", "email", "role", "scope", "staff")

    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        validators=[UnicodeUsernameValidator()],
        help_text=_("登录时用，工号或拼音都行；以后不能改"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class ReasonForm(forms.Form):
    """Why somebody does something that goes on record."""

    reason = forms.CharField(label=_("原因"), max_length=200)
