"""Who does a journey's task: whom the step names, and who it falls to when they are not there any more.

A colleague who has left hands on to their team; a team or a role without anybody to whoever may do tasks.
It is worked out when it is read, so that it holds for tasks made before somebody left too.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.directory import queries as directory
from xinglin.journeys.models import JourneyTask
from xinglin.journeys.permissions import Permission

MANY = 500


@dataclass(frozen=True, slots=True)
class Holder:
    """Who does a task now; ``instead_of`` is who was named and is not there."""

    kind: Literal["staff", "team", "role", "all"]
    name: str
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of an assignee before a journey goes live."""

    message: str
    is_error: bool = False


def falls_to(actor: Actor) -> Q:
    """Tasks of the actor's name, team or role, and those that are nobody's in particular; no statement."""
    organization_id = actor.organization_id or 0
    there = directory.people_there(organization_id)
    teams = there.filter(team__isnull=False).values("team")
    own = there.filter(pk=actor.staff_id or 0, team__isnull=False).values("team")
    left = Q(staff__isnull=False) & ~Q(staff__in=there)
    mine = Q(staff=actor.staff_id or 0) | Q(team__in=own) | (left & Q(staff__team__in=own))
    if actor.role:
        mine |= Q(role=actor.role)
    nobody = Q(staff__isnull=True, team__isnull=True, role="")
    nobody |= left & ~Q(staff__team__in=teams)
    nobody |= Q(team__isnull=False) & ~Q(team__in=teams)
    return mine | nobody | (~Q(role="") & ~Q(role__in=directory.roles_held(organization_id)))


def holders_of(tasks: Iterable[JourneyTask]) -> dict[int, Holder]:
    """By row id; tasks of one hospital with ``staff`` and ``team`` at hand. Three statements at most."""
    rows = list(tasks)
    if not any(row.staff_id or row.team_id or row.role for row in rows):
        return {row.pk: _everybody() for row in rows}
    system = Actor.system(rows[0].organization_id, "journeys")
    there = directory.presence(rows[0].organization_id)
    teams = {team.pk: team.name for team in directory.list_teams(system)}
    roles = _roles() if any(row.role for row in rows) else {}
    return {row.pk: _holder(row, there, teams, roles) for row in rows}


def _holder(
    row: JourneyTask, there: directory.Presence, teams: dict[int, str], roles: dict[str, str]
) -> Holder:
    if row.staff is not None:
        if row.staff_id in there.team_of:
            return Holder("staff", row.staff.name)
        if row.staff.team_id in there.teams:
            return Holder("team", teams.get(row.staff.team_id, ""), row.staff.name)
        return _everybody(row.staff.name)
    if row.team is not None:
        return Holder("team", row.team.name) if row.team_id in there.teams else _everybody(row.team.name)
    if row.role:
        name = roles.get(row.role, row.role)
        return Holder("role", name) if row.role in there.roles else _everybody(name)
    return _everybody()


def _everybody(instead_of: str = "") -> Holder:
    return Holder("all", _("谁都可以做"), instead_of)


def _roles() -> dict[str, str]:
    return {role.code: role.label for role in directory.assignable_roles()}


def resolve(organization_id: int, to: str) -> dict[str, Any]:
    """The columns of a task that say whom the step names; none where there is no such person or team."""
    kind, _colon, key = to.partition(":")
    system = Actor.system(organization_id, "journeys")
    try:
        if kind == "staff":
            return {"staff_id": directory.get_staff(actor=system, public_id=UUID(key)).pk}
        if kind == "team":
            return {"team_id": directory.get_team(actor=system, public_id=UUID(key)).pk}
    except (NotFound, ValueError):
        return {}
    return {"role": key} if kind == "role" else {}


def choices(actor: Actor, *, chosen: str = "") -> list[tuple[str, str]]:
    """(what a step keeps, words): teams and roles with somebody in them, then colleagues who may do tasks."""
    organization_id = actor.organization_id or 0
    there = directory.presence(organization_id)
    teams = [team for team in directory.list_teams(actor) if team.pk in there.teams]
    roles = directory.roles_that_can(organization_id, Permission.DO_TASK)
    people = directory.staff_who_can(organization_id, Permission.DO_TASK).select_related("team")[:MANY]
    found = [(f"role:{role.code}", _("岗位：%(name)s") % {"name": role.label}) for role in roles]
    found = [pair for pair, role in zip(found, roles, strict=True) if role.code in there.roles]
    found += [(f"team:{team.public_id}", _("小组：%(name)s") % {"name": team.name}) for team in teams]
    found += [
        (f"staff:{one.public_id}", f"{one.name} · {one.team.name}" if one.team else one.name)
        for one in people
    ]
    if chosen and chosen not in {code for code, _label in found}:
        found += list(names_of(actor, [chosen]).items())
    return found


def names_of(actor: Actor, codes: Collection[str]) -> dict[str, str]:
    """What assignees are called by what a step keeps; who is not of this hospital is left out."""
    keys: dict[str, set[str]] = {"staff": set(), "team": set(), "role": set()}
    for code in codes:
        kind, _colon, key = code.partition(":")
        keys.get(kind, set()).add(key)
    found: dict[str, str] = {}
    if keys["staff"]:
        there = directory.presence(actor.organization_id or 0)
        for one in directory.list_staff(actor, is_active=None).filter(public_id__in=keys["staff"]):
            gone = _("%(name)s（已不在岗）") % {"name": one.name}
            found[f"staff:{one.public_id}"] = one.name if one.pk in there.team_of else gone
    if keys["team"]:
        teams = directory.list_teams(actor).filter(public_id__in=keys["team"])
        found |= {f"team:{team.public_id}": team.name for team in teams}
    if keys["role"]:
        found |= {f"role:{code}": name for code, name in _roles().items() if code in keys["role"]}
    return found


def judge(organization_id: int, to: str) -> Judgement | None:
    """What is wrong with an assignee, or worth knowing; None for one who can do it."""
    named = resolve(organization_id, to)
    system = Actor.system(organization_id, "journeys")
    if not named or (named.get("role") and named["role"] not in _roles()):
        return Judgement(_("任务要交给的人、小组或岗位，本院没有"), is_error=True)
    name = names_of(system, [to]).get(to, "")
    task = JourneyTask(organization_id=organization_id, **named)
    holder = holders_of([task])[task.pk]
    if holder.instead_of:
        words = _("%(gone)s现在没有人在岗，任务会交给：%(name)s")
        return Judgement(words % {"gone": holder.instead_of, "name": holder.name})
    able = directory.staff_who_can(organization_id, Permission.DO_TASK)
    everywhere = directory.staff_who_can(organization_id, Permission.DO_TASK, sees_all=True)
    if "staff_id" in named:
        able, everywhere = (rows.filter(pk=named["staff_id"]) for rows in (able, everywhere))
    elif "team_id" in named:
        able, everywhere = (rows.filter(team=named["team_id"]) for rows in (able, everywhere))
    else:
        roles = directory.roles_that_can(organization_id, Permission.DO_TASK)
        is_able = named["role"] in {role.code for role in roles}
        return None if is_able else Judgement(_("%(name)s没有处理任务的权限，看不到任务") % {"name": name})
    if not able.exists():
        return Judgement(_("%(name)s没有处理任务的权限，看不到任务") % {"name": name})
    if not everywhere.exists():
        return Judgement(_("%(name)s只看得到自己范围内的患者，别的患者的任务看不到") % {"name": name})
    return None
