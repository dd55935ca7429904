"""Departments and doctors in a file that the hospital does not have, and what is to be done about each.

A choice is kept in the import's options, ``names[kind][name]``: ``refuse`` its rows, ``create`` it, or the
public id of the one that is meant. ``unknown`` is the choice for names that nobody decided about.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.directory import actions as directory_actions
from xinglin.directory import queries as directory
from xinglin.directory.permissions import Permission

REFUSE, CREATE = "refuse", "create"
LABELS = {"department": gettext_lazy("科室"), "doctor": gettext_lazy("医生")}
PERMISSIONS = {"department": Permission.EDIT_ORGANIZATION, "doctor": Permission.EDIT_USER}
Names = dict[str, dict[str, str]]


def listed(actor: Actor, kind: str) -> list[Any]:
    """All departments or doctors of the hospital, closed and retired ones too."""
    if kind == "department":
        return list(directory.list_departments(actor, is_open=None))
    return list(directory.list_staff(actor, is_active=None, is_practitioner=True))


def may_create(actor: Actor, kind: str) -> bool:
    return actor.can(PERMISSIONS[kind])


def require_creating(actor: Actor, options: Mapping[str, Any]) -> None:
    """Raise PermissionDenied when the options make something that this person may not make."""
    for kind, permission in PERMISSIONS.items():
        if options.get("unknown") == CREATE or CREATE in options.get("names", {}).get(kind, {}).values():
            require(actor, permission)


def allowed(actor: Actor, options: Mapping[str, Any]) -> dict[str, Any]:
    """Remembered options without the creating that this person may not do."""
    names: Names = {
        kind: {name: choice for name, choice in chosen.items() if choice != CREATE or may_create(actor, kind)}
        for kind, chosen in options.get("names", {}).items()
    }
    unknown = options.get("unknown")
    if unknown == CREATE and not all(may_create(actor, kind) for kind in PERMISSIONS):
        unknown = REFUSE
    return {**options, "names": names, "unknown": unknown}


def open_questions(
    actor: Actor, options: Mapping[str, Any], met: Sequence[tuple[str, str, int]]
) -> list[dict[str, Any]]:
    """The names that the trial met and those decided before, each with its choices for a page."""
    chosen: Names = options.get("names", {})
    decided = {(kind, name): 0 for kind, some in chosen.items() for name in some}
    rows = decided | {(kind, name): count for kind, name, count in met}
    choices = {kind: _choices(actor, kind) for kind in {kind for kind, _name in rows}}
    return [
        {
            "kind": kind,
            "label": LABELS[kind],
            "name": name,
            "rows": count,
            "choice": chosen.get(kind, {}).get(name, options.get("unknown") or REFUSE),
            "choices": choices[kind],
        }
        for (kind, name), count in sorted(rows.items(), key=lambda item: -item[1])
    ]


def _choices(actor: Actor, kind: str) -> list[tuple[str, Any]]:
    make = [(CREATE, _("新建一个"))] if may_create(actor, kind) else []
    there = [(str(one.public_id), f"{one.name}（{one.code}）" if one.code else one.name)
             for one in listed(actor, kind)]  # fmt: skip
    return [(REFUSE, _("不收这些行")), *make, *there]


def check_choice(actor: Actor, kind: str, choice: str) -> None:
    """Raises Invalid for a choice that does not exist, PermissionDenied for making what one may not."""
    if kind not in PERMISSIONS:
        raise Invalid(_("没有这一类名称：%(kind)s") % {"kind": kind[:40]})
    if choice == CREATE:
        require(actor, PERMISSIONS[kind])
    elif choice != REFUSE and choice not in {str(one.public_id) for one in listed(actor, kind)}:
        raise Invalid(_("没有这个选择：%(choice)s") % {"choice": choice[:40]})


def create(actor: Actor, kind: str, name: str, *, department_id: int | None, now: datetime) -> Any:
    """A department or doctor of this name. Raises Invalid for a name that cannot be one."""
    if kind == "department":
        return directory_actions.create_department(actor=actor, code=_free_code(actor), name=name, now=now)
    return directory_actions.create_staff(
        actor=actor, name=name, is_practitioner=True, department_id=department_id, now=now
    )


def _free_code(actor: Actor) -> str:
    taken = {one.code.casefold() for one in listed(actor, "department")}
    return next(code for number in range(1, 100_000) if (code := f"D{number:02d}").casefold() not in taken)
