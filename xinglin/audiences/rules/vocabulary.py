"""What a question may speak of: attributes with their operators, purposes, channels, sexes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise


class Shape(StrEnum):
    """The kind of value an attribute holds."""

    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    MANY = "many"
    DATE = "date"
    BIRTHDAY = "birthday"
    FLAG = "flag"
    STAFF = "staff"


OPERATORS: Mapping[Shape, tuple[str, ...]] = {
    Shape.CHOICE: ("is", "in", "known"),
    Shape.NUMBER: ("between", "gte", "lte", "is", "known"),
    Shape.TEXT: ("is", "in", "contains", "known"),
    Shape.MANY: ("contains", "known"),
    Shape.DATE: ("within_days", "between", "gte", "lte"),
    Shape.BIRTHDAY: ("in_next_days", "known"),
    Shape.FLAG: ("is",),
    Shape.STAFF: ("is", "in", "known"),
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a person: its name in the question, its label and its column in the lake."""

    name: str
    label: Label
    shape: Shape
    column: str
    choices: Mapping[str, Label] = field(default_factory=dict)

    @property
    def operators(self) -> tuple[str, ...]:
        return OPERATORS[self.shape]


SEXES: Mapping[str, Label] = {
    "F": pgettext_lazy("人群条件", "女性"),
    "M": pgettext_lazy("人群条件", "男性"),
    "U": _("性别未知"),
}

ATTRIBUTES: Mapping[str, Attribute] = {
    a.name: a
    for a in (
        Attribute("age", _("年龄"), Shape.NUMBER, "birth_date"),
        Attribute("sex", _("性别"), Shape.CHOICE, "sex", SEXES),
        Attribute("birthday", _("生日"), Shape.BIRTHDAY, "birth_date"),
        Attribute("condition", _("长期病"), Shape.MANY, "conditions"),
        Attribute("province", _("省份"), Shape.TEXT, "province"),
        Attribute("city", _("城市"), Shape.TEXT, "city"),
        Attribute("district", _("区县"), Shape.TEXT, "district"),
        Attribute("community", _("社区"), Shape.TEXT, "community"),
        Attribute("insurance", _("医保类型"), Shape.TEXT, "insurance_type"),
        Attribute("source", _("首次来源"), Shape.TEXT, "source_channel"),
        Attribute("responsible", _("负责人"), Shape.STAFF, "responsible_id"),
        Attribute("created", _("建档日期"), Shape.DATE, "created_at"),
        Attribute("deceased", pgettext_lazy("人群条件", "已去世"), Shape.FLAG, "deceased_on"),
    )
}

PURPOSES: Mapping[str, Label] = {
    "marketing": pgettext_lazy("purpose", "营销"),
    "service": pgettext_lazy("purpose", "服务通知"),
    "research": pgettext_lazy("purpose", "调研"),
    "community": pgettext_lazy("purpose", "社群"),
    "case_story": pgettext_lazy("purpose", "病例故事"),
}

CHANNELS: Mapping[str, Label] = {
    "sms": _("短信"),
    "wechat": pgettext_lazy("人群条件", "公众号"),
    "wecom": _("企业微信"),
    "miniapp": _("小程序"),
    "email": _("邮件"),
    "phone": pgettext_lazy("人群条件", "电话"),
    "inapp": pgettext_lazy("人群条件", "站内信"),
    "letter": pgettext_lazy("人群条件", "信件"),
}

# Columns of a touch that `where` may name beside the declared props of its kind.
TOUCH_COLUMNS: Mapping[str, Label] = {
    "department": _("科室"),
    "channel": _("渠道"),
    "campaign": pgettext_lazy("人群条件", "活动"),
    "content": pgettext_lazy("人群条件", "内容"),
    "event": _("场次"),
    "partner": _("合作方"),
    "staff": _("员工"),
    "amount_fen": pgettext_lazy("人群条件", "金额"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A declared touch kind: its label and the names and types of its props."""

    label: Label
    props: Mapping[str, tuple[type, ...]]


Kinds = Mapping[str, Kind]
