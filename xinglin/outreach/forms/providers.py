"""A channel's account, by the fields of its kind; what a provider knows of a wording; a try."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.core.errors import Invalid
from xinglin.outreach.actions.providers import check_settings
from xinglin.outreach.forms.campaigns import YuanField
from xinglin.outreach.models import HandTask, Provider, ProviderTemplate
from xinglin.outreach.rules.providers import KINDS, Field, kinds_for

SECRET_NOTE = _("留空：不改。加密保存，不再显示")


def _widget(field: Field) -> forms.Field:
    common: dict[str, Any] = {"label": field.label, "help_text": field.help, "required": field.required}
    if field.kind == "bool":
        return forms.BooleanField(**{**common, "required": False})
    if field.kind == "int":
        return forms.IntegerField(min_value=1, max_value=65_535, **common)
    if field.kind == "float":
        return forms.FloatField(min_value=0.1, max_value=10_000, **common)
    if field.kind == "email":
        return forms.EmailField(**common)
    if field.kind == "choice":
        return forms.ChoiceField(choices=field.choices, **common)
    if field.kind == "body":
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, **common)
    return forms.CharField(max_length=300, **common)


class ProviderForm(forms.Form):
    """The fields of one kind, and those that every kind has."""

    kind = forms.ChoiceField(label=_("方式"))
    rate_per_second = forms.FloatField(label=_("每秒最多几条"), min_value=0.01, max_value=100_000)
    daily_limit = forms.IntegerField(
        label=_("每天最多几条"), min_value=1, required=False, help_text=_("不填不限；到了就等明天")
    )
    unit_cost_fen = YuanField(label=_("每条成本（元）"), required=False)
    is_enabled = forms.BooleanField(label=pgettext_lazy("触达", "启用"), required=False)

    def __init__(self, *args: Any, channel: str, kind: str, has_secret: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(Provider.Kind.choices)
        self.fields["kind"].choices = [(code, labels[code]) for code in kinds_for(channel)]  # type: ignore[attr-defined]
        self.spec, self.chosen, self.has_secret = KINDS[kind], kind, has_secret
        for field in self.spec.fields:
            self.fields[field.name] = _widget(field)
        if self.spec.secret_label:
            self.fields["secret"] = forms.CharField(
                label=self.spec.secret_label,
                max_length=300,
                required=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
                help_text=SECRET_NOTE if has_secret else "",
            )

    def clean(self) -> dict[str, Any]:
        """Everything that is wrong at once, what the kind itself asks for included."""
        data = self.cleaned_data
        wrong: dict[str, Any] = {}
        try:
            check_settings(self.chosen, data)
        except Invalid as error:
            wrong = dict(error.fields)
        if self.spec.secret_label and self.chosen != "smtp" and not (data.get("secret") or self.has_secret):
            wrong["secret"] = [_("这一项要填")]
        for name, texts in wrong.items():
            if name not in self.errors:
                self.add_error(name, texts)
        return data

    def sections(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        """The kind's fields in their groups; the secret stands in the first."""
        groups: dict[str, list[forms.BoundField]] = {}
        for field in self.spec.fields:
            groups.setdefault(str(field.section), []).append(self[field.name])
        if "secret" in self.fields:
            first = next(iter(groups), "")
            groups.setdefault(first, []).append(self["secret"])
        yield from groups.items()


def initial_of(row: Provider | None, kind: str) -> dict[str, Any]:
    """The form's values: the account as it is set up, else what is usual."""
    usual = {field.name: field.initial for field in KINDS[kind].fields if field.initial is not None}
    found: dict[str, Any] = {**usual, "kind": kind, "rate_per_second": 50, "is_enabled": True}
    if row is None:
        return found
    common = {
        "rate_per_second": row.rate_per_second,
        "is_enabled": row.is_enabled,
        "daily_limit": row.daily_limit,
        "unit_cost_fen": f"{row.unit_cost_fen / 100:.2f}",
    }
    return {**found, **common, **(row.settings if row.kind == kind else {})}


class TryForm(forms.Form):
    """Where the one test message goes."""

    address = forms.CharField(label=_("发到"), max_length=120)


class ProviderTemplateForm(forms.Form):
    """A wording at a provider."""

    code = forms.CharField(
        label=_("通道那边的模板编号"), max_length=80, required=False, help_text=_("例如 SMS_123456789")
    )
    params = forms.CharField(
        label=_("模板里的变量"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("一行一个，按通道模板里的顺序，写成「name={{称呼}}」"),
    )
    status = forms.ChoiceField(label=_("审核到哪一步"), choices=ProviderTemplate.Status)
    reason = forms.CharField(label=_("未通过的原因"), max_length=200, required=False)

    def facts(self) -> dict[str, Any]:
        """As the action takes them."""
        data = self.cleaned_data
        return {
            "code": data["code"],
            "status": data["status"],
            "reason": data["reason"],
            "params": params_of(data["params"]),
        }


def params_of(lines: str) -> list[dict[str, str]]:
    """``name={{称呼}}`` lines in order."""
    pairs = (line.replace("＝", "=", 1).partition("=") for line in lines.splitlines() if line.strip())
    return [{"name": name.strip(), "value": value.strip()} for name, _equals, value in pairs]


def lines_of(params: list[dict[str, str]]) -> str:
    return "\n".join(f"{row['name']}={row['value']}" for row in params)


class CallForm(forms.Form):
    """How a call went."""

    outcome = forms.ChoiceField(label=_("通话结果"), choices=HandTask.Outcome)
    note = forms.CharField(
        label=_("记一笔"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    next_at = forms.DateTimeField(
        label=_("下次什么时候打"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("不填就按结果自动安排；三次没接通就不再打"),
    )  # fmt: skip


class GroupDecisionForm(forms.Form):
    """A second colleague's word on a post to groups."""

    decision = forms.ChoiceField(choices=[("allow", _("同意发出")), ("return", _("退回修改"))])
    reason = forms.CharField(
        label=_("退回的原因"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class GroupPostForm(forms.Form):
    """A text for WeCom customer groups."""

    text = forms.CharField(label=_("发什么"), max_length=1300, widget=forms.Textarea(attrs={"rows": 5}))
    chats = forms.CharField(
        label=_("发到哪些客户群"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("群的 chat_id，一行一个；在企业微信后台「客户群」里看"),
    )
    sender = forms.CharField(label=_("由谁发"), max_length=64, help_text=_("群主的 userid，要在手机上点发送"))
