"""Hospitals and their parts."""

import os
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.directory.models import Campus, Department, Organization, Staff, Team
from xinglin.directory.queries.own import hospital_id


def find_organization(slug: str) -> Organization | None:
    """An active hospital by its short address, or None."""
    return Organization.objects.filter(slug=slug, is_active=True).first()


def get_organization(slug: str) -> Organization:
    """An active hospital by its short address; NotFound."""
    organization = find_organization(slug)
    if organization is None:
        raise NotFound
    return organization


def get_own_organization(actor: Actor) -> Organization:
    """The hospital that the actor works in; NotFound for work outside any hospital."""
    organization = Organization.objects.filter(pk=hospital_id(actor)).first()
    if organization is None:
        raise NotFound
    return organization


def get_organization_of_command(slug: str | None) -> Organization:
    """The hospital a command means: the one named, else ``XINGLIN_ORG``, else the first of this installation.

    NotFound when there is none, or none of that name.
    """
    named = slug or os.environ.get("XINGLIN_ORG")
    found = find_organization(named) if named else list_organizations().order_by("pk").first()
    if found is None:
        raise NotFound(f"no hospital {named!r}" if named else "no hospital yet: xinglin hospital create")
    return found


def list_organizations() -> QuerySet[Organization]:
    """All active hospitals of this installation, by id; for jobs and commands, not for pages."""
    return Organization.objects.filter(is_active=True)


def list_campuses(actor: Actor) -> QuerySet[Campus]:
    """The hospital's campuses, by code, closed ones too."""
    return Campus.objects.visible_to(actor)


def get_campus(*, actor: Actor, public_id: UUID) -> Campus:
    """One campus; NotFound."""
    campus = Campus.objects.visible_to(actor).filter(public_id=public_id).first()
    if campus is None:
        raise NotFound
    return campus


def list_departments(actor: Actor, *, is_open: bool | None = True, search: str = "") -> QuerySet[Department]:
    """The hospital's departments, by code; ``is_open=None`` also gives the closed ones."""
    rows = Department.objects.visible_to(actor).select_related("campus", "parent")
    if is_open is not None:
        rows = rows.filter(is_open=is_open)
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(code__icontains=search))
    return rows


def get_department(*, actor: Actor, public_id: UUID) -> Department:
    """One department; NotFound."""
    rows = Department.objects.visible_to(actor).select_related("campus", "parent")
    department = rows.filter(public_id=public_id).first()
    if department is None:
        raise NotFound
    return department


def find_department(organization_id: int, code: str) -> Department | None:
    """A department by the hospital's own code, whatever its case; None."""
    return Department.objects.filter(organization_id=organization_id, code__iexact=code.strip()).first()


def list_teams(actor: Actor) -> QuerySet[Team]:
    """The hospital's teams, by name, each with ``size``, its active people."""
    people = Staff.objects.filter(team=OuterRef("pk"), is_active=True).order_by()
    size = people.values("team").annotate(n=Count("id")).values("n")
    return (
        Team.objects.visible_to(actor)
        .select_related("lead")
        .annotate(size=Coalesce(Subquery(size), Value(0)))
    )


def get_team(*, actor: Actor, public_id: UUID) -> Team:
    """One team; NotFound."""
    team = Team.objects.visible_to(actor).filter(public_id=public_id).first()
    if team is None:
        raise NotFound
    return team


def count_setup(actor: Actor) -> dict[str, int]:
    """How far the hospital is set up: open departments, active staff, practitioners among them."""
    staff = Staff.objects.visible_to(actor).filter(is_active=True)
    return {
        "departments": list_departments(actor).count(),
        "staff": staff.count(),
        "practitioners": staff.filter(is_practitioner=True).count(),
    }


def find_department_by_id(actor: Actor, public_id: UUID | None) -> Department | None:
    """A department of the actor's hospital by its public id; None for none, or another hospital's."""
    if public_id is None:
        return None
    found: Department | None = Department.objects.visible_to(actor).filter(public_id=public_id).first()
    return found


def names_of_departments(organization_id: int, keys: Collection[Any]) -> Mapping[str, str]:
    """Names by the hospital's code or by public id as text, whichever was asked; unknown ones left out."""
    wanted = {str(key) for key in keys}
    rows = Department.objects.filter(organization_id=organization_id)
    found: dict[str, str] = {}
    for code, public_id, name in rows.values_list("code", "public_id", "name"):
        found |= {key: name for key in (code, str(public_id)) if key in wanted}
    return found


def logo_of(public_id: UUID) -> str:
    """The file name of a hospital's picture; "" for none."""
    found = Organization.objects.filter(public_id=public_id, is_active=True)
    return found.values_list("logo_name", flat=True).first() or ""
