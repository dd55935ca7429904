"""The five questions of the first setup."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.core.errors import Invalid
from xinglin.directory.actions.setup import parse_departments
from xinglin.directory.models import User

DEPARTMENTS = """内科
外科
妇产科
儿科
眼科
口腔科
中医科
健康管理中心"""


class HospitalForm(forms.Form):
    """What the hospital is called."""

    name = forms.CharField(label=_("医院全称"), max_length=120)
    short_name = forms.CharField(
        label=_("简称"), max_length=40, required=False, help_text=_("显示在导航栏和短信署名里")
    )
    slug = forms.RegexField(
        r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$",
        label=_("网址里的名字"),
        initial="main",
        help_text=_("官网地址的一段，只用小写字母、数字和连字符，如 renmin"),
    )
    phone = forms.CharField(label=_("总机"), max_length=30, required=False)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)


class LogoForm(forms.Form):
    """The picture in the corner."""

    logo = forms.FileField(
        label=_("院徽"),
        required=False,
        help_text=_("PNG 或 JPEG，不超过 300 KB；以后在「设置」里也能换"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg"}),
    )


class AdminForm(forms.Form):
    """The first account, which makes the others."""

    username = forms.CharField(label=_("用户名"), max_length=60, initial="admin")
    person = forms.CharField(label=_("姓名"), max_length=60)
    password = forms.CharField(
        label=_("密码"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    again = forms.CharField(
        label=_("再输一遍"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean(self) -> dict[str, Any]:
        """Both the same, and by the house's rule for passwords."""
        values = super().clean() or {}
        password = values.get("password", "")
        if password and password != values.get("again"):
            self.add_error("again", _("两次输入的密码不一样"))
        elif password:
            try:
                validate_password(password, User(username=values.get("username", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return values


class DepartmentsForm(forms.Form):
    """Departments one a line."""

    departments = forms.CharField(
        label=pgettext_lazy("初始设置", "科室"),
        initial=DEPARTMENTS,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_("一行一个，可写成「编码 名称」；编码请用 HIS 里的，导入时按它对应"),
    )

    def clean_departments(self) -> str:
        """At least one, no code twice."""
        text = str(self.cleaned_data["departments"])
        try:
            rows = parse_departments(text)
        except Invalid as error:
            raise ValidationError(next(iter(error.fields.values()))) from error
        if not rows:
            raise ValidationError(_("至少写一个科室"))
        return text


class DataForm(forms.Form):
    """Where the first people come from."""

    data = forms.ChoiceField(  # type: ignore[assignment]
        label=_("先用哪些数据"),
        initial="import",
        widget=forms.RadioSelect,
        choices=[
            ("import", _("导入自己的名单：进去后打开导入页")),
            ("demo", _("先看示范医院：另建一所虚构的医院，随时一键撤掉")),
            ("none", _("都不要，从空白开始")),
        ],
    )
    people = forms.IntegerField(
        label=_("示范患者人数"), initial=2_000, min_value=100, max_value=200_000, required=False
    )


class ChannelForm(forms.Form):
    """How messages leave; everything can be changed later."""

    channel = forms.ChoiceField(
        label=_("消息怎么发"),
        initial="sink",
        widget=forms.RadioSelect,
        choices=[
            ("sink", _("先进本机收件箱，不真的发出（推荐）")),
            ("provider", _("进去后马上接邮件或短信账号")),
        ],
    )
