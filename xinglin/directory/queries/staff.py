"""Those who work in the hospital."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.directory.models import Staff
from xinglin.directory.queries.own import hospital_id


def list_staff(
    actor: Actor,
    *,
    search: str = "",
    department_id: int | None = None,
    is_active: bool | None = True,
    is_practitioner: bool | None = None,
) -> QuerySet[Staff]:
    """The hospital's people with department, team and account.

    Scope does not narrow them: colleagues know each other.
    """
    rows = Staff.objects.filter(organization_id=hospital_id(actor))
    rows = rows.select_related("department", "team", "user")
    if is_active is not None:
        rows = rows.filter(is_active=is_active)
    if is_practitioner is not None:
        rows = rows.filter(is_practitioner=is_practitioner)
    if department_id is not None:
        rows = rows.filter(department_id=department_id)
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(code__iexact=search) | Q(title__icontains=search))
    return rows


def get_staff(*, actor: Actor, public_id: UUID) -> Staff:
    """One person; NotFound."""
    person = list_staff(actor, is_active=None).filter(public_id=public_id).first()
    if person is None:
        raise NotFound
    return person


def list_practitioners(actor: Actor, *, department_id: int | None = None) -> QuerySet[Staff]:
    """Active doctors and other practitioners, by name, with their department."""
    return list_staff(actor, department_id=department_id, is_practitioner=True)


def find_practitioner(organization_id: int, code: str) -> Staff | None:
    """A practitioner by the hospital's own number; None."""
    rows = Staff.objects.filter(organization_id=organization_id, is_practitioner=True)
    return rows.filter(code__iexact=code.strip()).first() if code.strip() else None


def names_of_staff(
    organization_id: int, *, ids: Collection[int] = (), public_ids: Collection[Any] = ()
) -> Mapping[Any, str]:
    """Names by the key asked for (row id, or public id as text); who is not of this hospital is left out."""
    rows = Staff.objects.filter(organization_id=organization_id)
    if ids:
        return dict(rows.filter(pk__in=ids).values_list("pk", "name"))
    known = [key for key in map(_uuid, public_ids) if key]
    return {str(key): name for key, name in rows.filter(public_id__in=known).values_list("public_id", "name")}


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
