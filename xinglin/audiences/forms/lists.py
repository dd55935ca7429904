"""The wizard that brings a list in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.audiences.models import ListImport


class ListForm(forms.Form):
    """A file and the name of the list it goes to."""

    name = forms.CharField(
        label=_("名单名称"), max_length=80,
        help_text=_("写一个新名称，就新建一份名单；写已有名单的名称，就把人加进去"),
    )  # fmt: skip
    file = forms.FileField(
        label=_("文件"),
        help_text=_(
            "Excel 或 CSV，最大 100 MB；有一列是手机号、病历号或本系统的编号即可，编码和标题行自动识别"
        ),
    )


class ColumnForm(forms.Form):
    """Which column names people, and by what."""

    column = forms.TypedChoiceField(label=_("哪一列认人"), coerce=int)
    identifies = forms.ChoiceField(
        label=_("这一列是"), choices=ListImport.Identifies.choices, widget=forms.RadioSelect,
        help_text=_("一家人共用的手机号会找到这一家的每个人"),
    )  # fmt: skip

    def __init__(self, *args: Any, header: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["column"].choices = list(enumerate(header))  # type: ignore[attr-defined]
