"""What people type about the brand and its printed pieces."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.content.brand import TEMPLATES
from xinglin.content.rules.brand import HEX

ROLE_LABELS = {
    "primary": _("主色"),
    "accent": _("辅助色"),
    "ink": _("文字"),
    "paper": _("底色"),
    "extra": _("可用"),
    "banned": _("禁用"),
}


class KitForm(forms.Form):
    """Colours one a line: ``#0E5A63 墨青 主色``."""

    colours = forms.CharField(
        label=_("颜色"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "一行一个：色值、名称、用途（主色、辅助色、文字、底色、可用、禁用），例如 #C00000 大红 禁用"
        ),
    )
    slogans = forms.CharField(
        label=_("口号"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一条；保存时按广告法检查，不能用的会说明是哪一条"),
    )
    story = forms.CharField(label=_("品牌故事"), required=False, widget=forms.Textarea(attrs={"rows": 6}))
    names = forms.CharField(
        label=_("署名"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("物料上可以用的医院名称，一行一个；不填就用登记的名称"),
    )

    def clean_colours(self) -> list[dict[str, str]]:
        """The lines as rows; names the line at fault."""
        roles = {str(label): role for role, label in ROLE_LABELS.items()} | {
            role: role for role in ROLE_LABELS
        }
        rows = []
        for number, line in enumerate(str(self.cleaned_data["colours"]).splitlines(), 1):
            parts = line.split()
            if not parts:
                continue
            role = roles.get(parts[-1], "extra") if len(parts) > 1 else "extra"
            if not HEX.fullmatch(parts[0]):
                raise forms.ValidationError(
                    _("第 %(n)s 行：「%(value)s」不是 #0E5A63 这样的颜色"),
                    params={"n": number, "value": parts[0]},
                )
            name = " ".join(parts[1:-1] if parts[-1] in roles and len(parts) > 1 else parts[1:])
            rows.append({"hex": parts[0], "name": name, "role": role})
        return rows


class LogoForm(forms.Form):
    name = forms.CharField(label=_("这一版叫什么"), max_length=80)
    file = forms.FileField(label=_("文件"), help_text=_("SVG 最好；PNG、JPEG 也可以，2 MB 以内"))


class ArtworkForm(forms.Form):
    """A finished picture from outside, to be looked at."""

    file = forms.FileField(label=_("设计稿图片"), help_text=_("PNG、JPEG 或 WebP，10 MB 以内"))
    words = forms.CharField(
        label=_("画面上的文字"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("粘贴画面上的文字，用来检查署名"),
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is opened."""
        file = self.cleaned_data["file"]
        if file.size > 10 * 1024 * 1024:
            raise forms.ValidationError(_("文件超过 10 MB"))
        return file


class MaterialForm(forms.Form):
    """Which words in which format, and where it will hang."""

    template = forms.ChoiceField(label=_("版式"), choices=[(t.code, t.name) for t in TEMPLATES])
    source = forms.UUIDField(label=_("已批准的内容"), error_messages={"required": _("选一篇已批准的内容")})
    placement = forms.CharField(
        label=_("放在哪里"),
        max_length=80,
        required=False,
        help_text=_("例如：门诊大厅东侧；每处一个码，扫码数分开算"),
    )
    language = forms.ChoiceField(
        label=_("固定文字的语言"),
        choices=[("zh-hans", "中文"), ("en", "English")],
        initial="zh-hans",
        required=False,
    )
