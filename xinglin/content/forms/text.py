from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.content.models.items import slug_validator
from xinglin.content.rules.kinds import Kind
from xinglin.content.rules.page_class import PageClass

TEXT = ("title", "summary", "page_class", "body", "sources", "valid_until", "certificate")


class ItemForm(forms.Form):
    """One item's text as the editor sends it; ``seen_hash`` names the text it started from."""

    kind = forms.ChoiceField(label=_("种类"), choices=Kind, initial=Kind.ARTICLE)
    title = forms.CharField(label=_("标题"), max_length=120)
    slug = forms.CharField(
        label=_("网址"),
        max_length=60,
        required=False,
        validators=[slug_validator],
        help_text=_("留空就用标题的拼音，建好后不再变"),
    )
    page_class = forms.ChoiceField(label=_("这是什么"), choices=PageClass, initial=PageClass.SCIENCE)
    department = forms.UUIDField(label=_("科室"), required=False, widget=forms.Select())
    summary = forms.CharField(label=_("一句话摘要"), max_length=200, required=False)
    body = forms.CharField(label=_("正文"), widget=forms.Textarea(attrs={"rows": 16}))
    sources = forms.CharField(
        label=_("出处"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一条，科普和数字都要有"),
    )
    valid_until = forms.DateField(
        label=_("有效期至"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    certificate = forms.UUIDField(label=_("审查证明"), required=False, widget=forms.Select())
    seen_hash = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(
        self,
        *args: Any,
        departments: Any = (),
        certificates: Any = (),
        is_new: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].widget.choices = [
            ("", _("不限科室")),
            *((str(d.public_id), d.name) for d in departments),
        ]
        self.fields["certificate"].widget.choices = [
            ("", _("没有选")),
            *((str(c.public_id), f"{c.number}（{c.valid_to:%Y-%m-%d}）") for c in certificates),
        ]
        if not is_new:
            for name in ("kind", "slug", "department"):
                del self.fields[name]

    def text(self) -> dict[str, Any]:
        """The fields that make a version."""
        return {name: self.cleaned_data[name] for name in TEXT}
