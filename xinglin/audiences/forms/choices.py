"""What the builder's selects offer."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from xinglin.audiences import queries
from xinglin.audiences.queries import asking
from xinglin.audiences.rules.vocabulary import ATTRIBUTES, CHANNELS, PURPOSES, SEXES, TOUCH_COLUMNS
from xinglin.audiences.rules.words import verb
from xinglin.core.actor import Actor
from xinglin.directory import queries as directory
from xinglin.patients import queries as patients
from xinglin.patients.permissions import Permission as Patients
from xinglin.patients.score_names import score_names

FIRST = (
    "visit.ended", "appointment.kept", "appointment.booked", "appointment.missed", "appointment.cancelled",
    "bill.settled", "page.viewed", "message.opened", "link.clicked",
)  # fmt: skip


def choices(actor: Actor, *, own: str = "") -> dict[str, Any]:
    """Values with labels for every control, in the active language."""
    kinds = asking.kinds()
    order = sorted(kinds, key=lambda code: (FIRST.index(code) if code in FIRST else len(FIRST), code))
    departments = [(d.code, d.name) for d in directory.list_departments(actor)]
    scores = [(name, str(label)) for name, label in score_names(actor.organization_id or 0).items()]
    return {
        "parts": [part for part in parts() if scores or part[0] != "score"],
        "scores": scores,
        "score_names": [name for name, _label in scores],
        "modes": modes(),
        "verbs": verbs(),
        "often": often(),
        "department_codes": [code for code, _name in departments],
        "attributes": [(a.name, str(a.label)) for a in ATTRIBUTES.values()],
        "operators": operators(),
        "sexes": [(code, str(label)) for code, label in SEXES.items()],
        "kinds": [(code, verb(code, kinds)) for code in order],
        "props": {code: _props(kinds[code].props) for code in kinds},
        "departments": departments,
        "channels": [(code, str(label)) for code, label in CHANNELS.items()],
        "purposes": [(code, str(label)) for code, label in PURPOSES.items()],
        "tags": [t.name for t in patients.list_tags(actor)] if actor.can(Patients.VIEW_PATIENT) else [],
        "staff": [(str(s.public_id), s.name) for s in directory.list_staff(actor)[:500]],
        "audiences": [
            name for name in queries.list_audiences(actor).values_list("name", flat=True) if name != own
        ],
    }


def _props(props: Any) -> list[tuple[str, str]]:
    """What a touch of a kind may be narrowed by, the department apart."""
    columns = [(name, str(label)) for name, label in TOUCH_COLUMNS.items() if name != "department"]
    return columns + [(name, name) for name in props if name not in TOUCH_COLUMNS]


def operators() -> dict[str, list[tuple[str, str]]]:
    """For each shape of attribute: the comparisons offered."""
    known = [("known", _("已知")), ("unknown", pgettext("人群条件", "未知"))]
    return {
        "choice": [("is", pgettext("人群条件", "是")), ("in", _("是其中之一")), *known],
        "number": [
            ("between", _("在…之间")),
            ("gte", _("至少")),
            ("lte", _("至多")),
            ("is", _("正好")),
            *known,
        ],
        "text": [
            ("is", pgettext("人群条件", "是")),
            ("in", _("是其中之一")),
            ("contains", _("含有")),
            *known,
        ],
        "many": [("contains", _("有其中之一")), *known],
        "date": [
            ("within_days", pgettext("人群条件", "最近")),
            ("between", _("在…之间")),
            ("gte", _("不早于")),
            ("lte", _("不晚于")),
        ],
        "birthday": [("in_next_days", _("在今后")), *known],
        "staff": [("is", pgettext("人群条件", "是")), *known],
        "flag": [("is", pgettext("人群条件", "是"))],
    }


def parts() -> list[tuple[str, str, str]]:
    """What may be added: its name, icon and label."""
    return [
        ("attr", "user", _("是谁")),
        ("did", "calendar", _("做过什么")),
        ("spent", "receipt", _("花了多少")),
        ("consent", "shield", _("同意了什么")),
        ("tag", "tag", _("有什么标签")),
        ("in_audience", "users", _("在哪个人群")),
        ("score", "gauge", _("评分多高")),
        ("exclude", "ban", _("排除哪份名单")),
        ("group", "plus", _("一组条件")),
    ]


def modes() -> list[tuple[str, str]]:
    """How a group may join its conditions."""
    return [
        ("any", _("满足任意一条")),
        ("all", _("同时满足每一条")),
        ("not-any", _("排除：满足任意一条的人")),
        ("not-all", _("排除：同时满足每一条的人")),
    ]


def verbs() -> list[tuple[str, str, str]]:
    """What the menu of a row offers."""
    return [
        ("negate", "ban", _("改成不满足")),
        ("wrap", "arrows-split", _("加一个「或者」")),
        ("up", "arrow-up", _("上移")),
        ("down", "arrow-down", _("下移")),
        ("copy", "copy", _("复制")),
        ("remove", "trash", _("删除")),
    ]


def often() -> list[tuple[str, str]]:
    """How often something was done."""
    return [
        ("gte", _("至少")), ("none", pgettext("人群条件", "没有")), ("lte", _("至多")), ("eq", _("正好")),
        ("range", _("在…之间")),
    ]  # fmt: skip
