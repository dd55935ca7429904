"""Hospitals, campuses, departments, teams."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import PermissionDenied
from xinglin.directory import queries
from xinglin.directory.actions.saving import change, save_checked
from xinglin.directory.models import Campus, Department, Organization, OrganizationGroup, Staff, Team
from xinglin.directory.permissions import Permission


@transaction.atomic
def create_organization_group(*, actor: Actor, name: str, now: datetime) -> OrganizationGroup:
    """A medical group; only the system (a command, the first setup) makes one."""
    if not actor.is_system:
        raise PermissionDenied
    group = OrganizationGroup(name=name.strip())
    save_checked(group, clash="name")
    audit.record(actor, "directory.group.created", group, at=now, label=group.name)
    return group


@transaction.atomic
def create_organization(
    *,
    actor: Actor,
    name: str,
    slug: str,
    group: OrganizationGroup | None = None,
    now: datetime,
    **facts: object,
) -> Organization:
    """A hospital; only the system makes one. ``facts`` are further columns, as in ``update_organization``."""
    if not actor.is_system:
        raise PermissionDenied
    organization = Organization(name=name.strip(), slug=slug, group=group)
    change(organization, facts)
    save_checked(organization, clash="slug")
    who = Actor.system(organization.pk, actor.name)
    audit.record(who, "directory.organization.created", organization, at=now, label=organization.name)
    return organization


@transaction.atomic
def update_organization(*, actor: Actor, now: datetime, **facts: object) -> Organization:
    """Change the actor's own hospital. Raises Invalid."""
    require(actor, Permission.EDIT_ORGANIZATION)
    organization = queries.get_own_organization(actor)
    changed = change(organization, facts)
    if changed:
        save_checked(organization, clash="slug")
        audit.record(
            actor,
            "directory.organization.changed",
            organization,
            at=now,
            label=organization.name,
            fields=changed,
        )
    return organization


@transaction.atomic
def create_campus(*, actor: Actor, code: str, name: str, now: datetime, **facts: object) -> Campus:
    """A campus of the actor's hospital. Raises Invalid when the code is taken."""
    require(actor, Permission.EDIT_ORGANIZATION)
    campus = Campus(organization_id=queries.hospital_id(actor), code=code.strip(), name=name.strip())
    change(campus, facts)
    save_checked(campus)
    audit.record(actor, "directory.campus.created", campus, at=now, label=campus.name)
    return campus


@transaction.atomic
def update_campus(*, actor: Actor, public_id: UUID, now: datetime, **facts: object) -> Campus:
    """Change, close or open a campus. Raises NotFound, Invalid."""
    campus = queries.get_campus(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_ORGANIZATION, campus.organization_id)
    changed = change(campus, facts)
    if changed:
        save_checked(campus)
        audit.record(actor, "directory.campus.changed", campus, at=now, label=campus.name, fields=changed)
    return campus


@transaction.atomic
def create_department(
    *, actor: Actor, code: str, name: str, is_clinical: bool = True, now: datetime, **facts: object
) -> Department:
    """A department of the actor's hospital. Raises Invalid when the code is taken."""
    require(actor, Permission.EDIT_ORGANIZATION)
    department = Department(
        organization_id=queries.hospital_id(actor),
        code=code.strip(),
        name=name.strip(),
        is_clinical=is_clinical,
    )
    change(department, facts)
    save_checked(department)
    audit.record(actor, "directory.department.created", department, at=now, label=department.name)
    return department


@transaction.atomic
def update_department(*, actor: Actor, public_id: UUID, now: datetime, **facts: object) -> Department:
    """Change, close or open a department. Raises NotFound, Invalid."""
    department = queries.get_department(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_ORGANIZATION, department.organization_id)
    changed = change(department, facts)
    if changed:
        save_checked(department)
        audit.record(
            actor, "directory.department.changed", department, at=now, label=department.name, fields=changed
        )
    return department


@transaction.atomic
def create_team(*, actor: Actor, name: str, lead: Staff | None = None, now: datetime) -> Team:
    """A team of the actor's hospital. Raises Invalid when the name is taken."""
    require(actor, Permission.EDIT_USER)
    team = Team(organization_id=queries.hospital_id(actor), name=name.strip(), lead=lead)
    save_checked(team, clash="name")
    audit.record(actor, "directory.team.created", team, at=now, label=team.name)
    return team


@transaction.atomic
def update_team(*, actor: Actor, public_id: UUID, now: datetime, **facts: object) -> Team:
    """Rename a team or give it another lead. Raises NotFound, Invalid."""
    team = queries.get_team(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_USER, team.organization_id)
    changed = change(team, facts)
    if changed:
        save_checked(team, clash="name")
        audit.record(actor, "directory.team.changed", team, at=now, label=team.name, fields=changed)
    return team
