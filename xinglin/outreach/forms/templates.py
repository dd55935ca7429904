"""A template as its author types it, and a reviewer's decision."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.outreach.models import MessageTemplate, TemplateVersion

CATEGORIES = [
    ("", _("群发时选用")),
    ("appointment.booked", _("预约成功")),
    ("appointment.reminder", _("就诊提醒")),
    ("appointment.moved", _("预约改期")),
    ("appointment.cancelled", _("预约取消")),
]
CHANNEL_LABELS = {
    "sms": _("短信"),
    "email": _("邮件"),
    "wechat": _("微信"),
    "miniapp": _("小程序"),
    "wecom": _("企业微信"),
    "inapp": _("站内信"),
    "phone": _("电话"),
    "letter": _("信件"),
}


DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class TemplateForm(forms.Form):
    """One wording; ``seen_hash`` names the text the editor started from."""

    name = forms.CharField(label=_("名称"), max_length=80, help_text=_("只有同事看得到"))
    purpose = forms.ChoiceField(
        label=_("用途"), choices=MessageTemplate.Purpose, initial="marketing", widget=forms.RadioSelect
    )
    category = forms.ChoiceField(label=_("用在哪里"), choices=CATEGORIES, required=False)
    landing_page = forms.ChoiceField(
        label=_("着陆页"), required=False, help_text=_("变量「链接」通向这里；不选就通向官网首页")
    )
    sms_body = forms.CharField(label=_("短信正文"), required=False, max_length=500, widget=forms.Textarea)
    email_subject = forms.CharField(label=_("邮件标题"), required=False, max_length=120)
    email_body = forms.CharField(
        label=_("邮件正文"), required=False, max_length=10_000, widget=forms.Textarea
    )
    wechat_body = forms.CharField(
        label=_("微信正文"), required=False, max_length=2_000, widget=forms.Textarea
    )
    inapp_body = forms.CharField(
        label=_("站内信正文"), required=False, max_length=2_000, widget=forms.Textarea
    )
    miniapp_body = forms.CharField(
        label=_("小程序正文"), required=False, max_length=500, widget=forms.Textarea
    )
    wecom_body = forms.CharField(
        label=_("企业微信正文"), required=False, max_length=1_300, widget=forms.Textarea
    )
    phone_body = forms.CharField(
        label=_("电话里说什么"), required=False, max_length=2_000, widget=forms.Textarea
    )
    letter_body = forms.CharField(
        label=_("信件正文"), required=False, max_length=4_000, widget=forms.Textarea
    )
    at_least_once = forms.BooleanField(
        label=_("不知道送没送到时再发（至少一次）"),
        required=False,
        help_text=_("只限服务消息：通道没有回音又查不到时再发，最多发三次，有人可能收到两遍"),
    )
    variables = forms.CharField(
        label=_("自己的变量"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("一行一个，写成「活动名=健康讲座」，等号后面是默认值"),
    )
    seen_hash = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, pages: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["landing_page"].choices = [("", _("官网首页")), *pages]  # type: ignore[attr-defined]

    def text(self) -> dict[str, Any]:
        """The fields as the action takes them."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "purpose": data["purpose"],
            "category": data["category"],
            "at_least_once": data["at_least_once"],
            "landing_page_id": data["landing_page"] or None,
            "bodies": bodies_of(data),
            "variables": variables_of(data["variables"]),
        }


class DecisionForm(forms.Form):
    """Approve with evidence, or send back with a reason; ``seen_hash`` names the text that was read."""

    seen_hash = forms.CharField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        choices=[("approve", pgettext_lazy("触达", "批准")), ("reject", pgettext_lazy("触达", "退回"))]
    )
    evidence = forms.CharField(required=False, max_length=2_000)
    valid_from = forms.DateField(
        label=_("从哪天起用"), required=False, widget=DAY, help_text=_("不填：批准后就能用")
    )
    valid_until = forms.DateField(
        label=_("用到哪天"), required=False, widget=DAY, help_text=_("含当天；不填：一直能用")
    )
    reason = forms.CharField(required=False, max_length=500)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("valid_from"), data.get("valid_until")
        if data.get("decision") == "approve" and first and last and last < first:
            self.add_error("valid_until", _("最后一天不能早于第一天"))
        return data


def bodies_of(data: Any) -> dict[str, dict[str, str]]:
    """Bodies per channel out of flat fields."""
    bodies = {}
    for channel in CHANNEL_LABELS:
        body = str(data.get(f"{channel}_body") or "").replace("\r\n", "\n")
        bodies[channel] = {"body": body, "subject": str(data.get(f"{channel}_subject") or "")}
    return bodies


def variables_of(lines: str) -> dict[str, str]:
    """``名称=默认值`` lines as a mapping."""
    pairs = (line.replace("＝", "=").partition("=") for line in lines.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _equals, value in pairs}


def initial_of(version: TemplateVersion) -> dict[str, Any]:
    """The form's values for a version."""
    template = version.template
    defaults = {
        name: value.get("default", "") if isinstance(value, dict) else value
        for name, value in (version.variables or {}).items()
    }
    flat = {
        f"{channel}_{part}": text for channel, body in version.bodies.items() for part, text in body.items()
    }
    return {
        "name": template.name,
        "purpose": template.purpose,
        "category": template.category,
        "at_least_once": template.at_least_once,
        "landing_page": str(version.landing_page.public_id) if version.landing_page else "",
        "variables": "\n".join(f"{name}={value}" for name, value in defaults.items()),
        "seen_hash": version.content_hash,
        **flat,
    }
