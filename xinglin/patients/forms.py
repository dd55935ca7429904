import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.directory import queries as directory
from xinglin.patients.imports.registry import Policy
from xinglin.patients.models import ErasureRequest, Patient
from xinglin.patients.rules.consents import CHANNELS, HOWS, PURPOSES

SECRET = ("phone", "id_number", "email", "address")
WORDS = ("conditions", "allergies")


class PatientForm(forms.Form):
    """A record's facts. When changing one, numbers stay hidden: blank means unchanged."""

    name = forms.CharField(label=_("姓名"), max_length=80)
    sex = forms.ChoiceField(label=_("性别"), choices=Patient.Sex.choices, initial="U", required=False)
    phone = forms.CharField(label=_("手机"), max_length=40, required=False)
    birth_date = forms.DateField(
        label=_("出生日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    id_number = forms.CharField(
        label=_("身份证号"), max_length=20, required=False, help_text=_("填了就不用再填出生日期")
    )
    email = forms.CharField(label=_("邮箱"), max_length=200, required=False)
    province = forms.CharField(label=_("省"), max_length=40, required=False)
    city = forms.CharField(label=_("市"), max_length=40, required=False)
    district = forms.CharField(label=_("区县"), max_length=60, required=False)
    community = forms.CharField(label=_("社区"), max_length=60, required=False)
    address = forms.CharField(label=_("详细地址"), max_length=300, required=False)
    occupation = forms.CharField(label=_("职业"), max_length=60, required=False)
    employer = forms.CharField(label=_("工作单位"), max_length=120, required=False)
    insurance_type = forms.CharField(label=_("医保类型"), max_length=40, required=False)
    conditions = forms.CharField(
        label=_("慢病与既往史"), max_length=400, required=False, help_text=_("本人告诉我们的，用逗号分开")
    )
    allergies = forms.CharField(label=_("过敏"), max_length=400, required=False)
    source_channel = forms.CharField(label=_("首次来源"), max_length=40, required=False)
    responsible_id = forms.TypedChoiceField(label=_("负责人"), required=False, coerce=int, empty_value=None)
    is_vip = forms.BooleanField(label=_("重点照顾"), required=False)
    deceased_on = forms.DateField(
        label=_("去世日期"), required=False, help_text=_("填了以后不再联系"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    note = forms.CharField(label=_("备注"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, actor: Actor, patient: Patient | None = None, **kwargs: Any) -> None:
        if patient is not None:
            kwargs["initial"] = {
                **{name: getattr(patient, name) for name in self.base_fields if name not in SECRET},
                **{name: "，".join(getattr(patient, name)) for name in WORDS},
            }
        super().__init__(*args, **kwargs)
        staff = [(one.pk, one.name) for one in directory.list_staff(actor)[:500]]
        responsible = self.fields["responsible_id"]
        assert isinstance(responsible, forms.TypedChoiceField)
        responsible.choices = [("", _("没有")), *staff]
        if patient is None:
            del self.fields["deceased_on"]
        else:
            masked = {"phone": patient.masked_phone, "id_number": patient.masked_id_number,
                      "email": patient.masked_email, "address": patient.place}  # fmt: skip
            for name in SECRET:
                self.fields[name].widget.attrs["placeholder"] = masked[name]
                self.fields[name].help_text = _("不改就留空")
        self.is_new = patient is None

    def values(self) -> dict[str, Any]:
        """What an action takes: lists cut, hidden numbers only where something was written."""
        values = dict(self.cleaned_data)
        for name in WORDS:
            values[name] = [word.strip() for word in re.split(r"[,，;；、\n]", values[name]) if word.strip()]
        values["sex"] = values["sex"] or "U"
        return {name: value for name, value in values.items() if value or self.is_new or name not in SECRET}


class RevealForm(forms.Form):
    field = forms.CharField(max_length=20)
    reason = forms.CharField(max_length=200)


class ConsentForm(forms.Form):
    """One declaration, as somebody made it to us."""

    purpose = forms.ChoiceField(label=_("用途"), choices=PURPOSES)
    channel = forms.ChoiceField(label=_("渠道"), choices=CHANNELS)
    status = forms.ChoiceField(
        label=_("意愿"), choices=[("given", _("同意")), ("withdrawn", _("不同意"))], widget=forms.RadioSelect
    )
    how = forms.ChoiceField(label=_("怎样取得"), choices=HOWS[:4])
    evidence = forms.CharField(
        label=_("凭据"), max_length=300, required=False, help_text=_("如表单编号、通话时间；不写号码")
    )


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("这个文件里是什么"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("文件"),
        help_text=_("Excel（.xlsx、.xls）、CSV、TSV 或它们的 .gz，最大 500 MB；编码、分隔符和标题行自动识别"),
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = kinds
        kind.initial = kinds[0][0] if kinds else None


class MappingForm(forms.Form):
    """How the rows of a file are to be taken."""

    policy = forms.ChoiceField(
        label=_("已经有的怎么办"),
        choices=[
            (Policy.UPDATE, _("用文件更新：文件里有值的覆盖，空格不删")),
            (Policy.FILL, _("只补空白：已有的值不动")),
            (Policy.SKIP, _("跳过：只新建")),
        ],
        widget=forms.RadioSelect,
    )
    key = forms.ChoiceField(label=_("按哪一项认出已有的"), required=False)
    source = forms.CharField(
        label=_("编号来自哪个系统"), max_length=40, help_text=_("同一系统的编号才算同一个人，如 his")
    )
    date_order = forms.ChoiceField(
        label=_("3/4/2026 是"),
        required=False,
        choices=[("", _("自动判断")), ("dmy", _("4 月 3 日（日在前）")), ("mdy", _("3 月 4 日（月在前）"))],
    )
    name = forms.CharField(
        label=_("给这套对应起名（可不填）"), max_length=60, required=False,
        help_text=_("同样标题的文件会自动记住；起了名，命令行也能用"),
    )  # fmt: skip

    def __init__(self, *args: Any, keys: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        key = self.fields["key"]
        assert isinstance(key, forms.ChoiceField)
        key.choices = [("", _("自动：编号、身份证号、卡号、手机加姓名")), *keys]


class BulkForm(forms.Form):
    """What to do with everybody selected."""

    do = forms.CharField(max_length=10, widget=forms.HiddenInput)
    tag = forms.CharField(label=_("标签"), max_length=40, required=False)
    staff = forms.TypedChoiceField(label=_("分配给"), required=False, coerce=int, empty_value=None)
    reason = forms.CharField(label=_("为什么导出"), max_length=200, required=False)

    NEEDS = {"tag": "tag", "untag": "tag", "assign": "staff", "export": "reason"}

    def __init__(self, *args: Any, actor: Actor, do: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = self.fields["staff"]
        assert isinstance(staff, forms.TypedChoiceField)
        staff.choices = [
            ("", _("没有人（放回公海）")),
            *((one.pk, one.name) for one in directory.list_staff(actor)[:500]),
        ]
        for name in {"tag", "staff", "reason"} - {self.NEEDS.get(do, "")}:
            del self.fields[name]
        if do in {"tag", "untag", "export"}:
            self.fields[self.NEEDS[do]].required = True


class ErasureForm(forms.Form):
    """Somebody wants their data erased; who asks was made sure of."""

    proof = forms.ChoiceField(label=_("怎样核对的身份"), choices=ErasureRequest.Proof)
    reason = forms.CharField(
        label=_("为什么要删除"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("会留在记录里，不要写姓名和号码"),
    )  # fmt: skip


class ErasureDecisionForm(forms.Form):
    """A second colleague's decision."""

    decision = forms.ChoiceField(choices=[("erase", _("确认删除")), ("decline", _("不删除"))])
    record_number = forms.CharField(
        label=_("再输一遍档案号"), max_length=20, required=False, help_text=_("删除后找不回来")
    )
    answer = forms.CharField(
        label=_("不删除的理由"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("要答复本人"),
    )  # fmt: skip
