"""The shipped role map and a hospital's own layer over it."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, DomainError, Invalid, NotFound
from xinglin.core.ids import uuid7
from xinglin.directory import queries, rules
from xinglin.directory.models import Organization, Role, RoleOverride, RolePermission
from xinglin.directory.permissions import Permission


class LastKeeper(DomainError):
    """The change would leave nobody who can hand out permissions."""

    code, status = "last-keeper", 409
    default = _("管理员要留着改权限和管账号的权限，否则没有人能改回来")


@transaction.atomic
def sync_roles(roles: Collection[rules.RoleRule] | None = None) -> int:
    """Bring the role tables to what ``roles.yaml`` ships; returns how many roles changed.

    May run any number of times. A role that is shipped no longer stays for those who hold it,
    without permissions.
    """
    shipped = rules.shipped_roles() if roles is None else roles
    known = {role.code: role for role in Role.objects.all()}
    changed = 0
    for position, rule in enumerate(shipped):
        role = known.pop(rule.code, None) or Role(code=rule.code)
        if role.digest == rule.digest and role.position == position:
            continue
        role.name, role.name_en, role.default_scope = rule.name, rule.name_en, rule.scope
        role.purpose, role.purpose_en = rule.purpose, rule.purpose_en
        role.is_portal, role.position, role.digest = rule.is_portal, position, rule.digest
        role.save()
        RolePermission.objects.filter(role=role).exclude(code__in=rule.permissions).delete()
        RolePermission.objects.bulk_create(
            [RolePermission(role=role, code=code) for code in rule.permissions], ignore_conflicts=True
        )
        changed += 1
    for role in known.values():
        RolePermission.objects.filter(role=role).delete()
        Role.objects.filter(pk=role.pk).update(digest="")
    return changed


@transaction.atomic
def edit_role(
    *, actor: Actor, role: str, codes: Collection[str], expected_version: int, reason: str = "", now: datetime
) -> RoleOverride | None:
    """Say what a role may do in the actor's hospital; a new version, None when nothing changes.

    ``codes`` is the whole set wanted, ``expected_version`` the version the person looked at (0: as
    shipped). Raises NotFound, Invalid for a code nobody defines, Conflict when somebody was quicker,
    LastKeeper when administrators would lose the means to undo it.
    """
    require(actor, Permission.EDIT_ROLE)
    found = queries.assignable_roles().filter(code=role).first()
    if found is None or actor.organization_id is None:
        raise NotFound
    before = queries.role_matrix(actor)[role]
    unknown = sorted(set(codes) - {row.code for row in queries.list_permissions()} - before)
    if unknown:
        raise Invalid(fields={"codes": unknown})
    if role == "admin" and not {Permission.EDIT_ROLE, Permission.EDIT_USER} <= set(codes):
        raise LastKeeper
    latest = queries.list_role_versions(actor, role=role).first()
    number = latest.number if latest else 0
    if number != expected_version:
        raise Conflict
    if before == frozenset(codes):
        return None
    shipped = RolePermission.objects.filter(role=found).values_list("code", flat=True)
    granted, revoked = rules.difference(shipped, codes)
    version = RoleOverride.objects.create(
        organization_id=actor.organization_id,
        role=found,
        number=number + 1,
        granted=granted,
        revoked=revoked,
        reason=reason.strip(),
        created_by_id=actor.user_id,
    )
    Organization.objects.filter(pk=actor.organization_id).update(roles_stamp=uuid7())
    audit.record(
        actor,
        "directory.role.changed",
        version,
        at=now,
        reason=reason.strip(),
        label=f"{found.name} v{version.number}",
        role=role,
        added=sorted(frozenset(codes) - before),
        removed=sorted(before - frozenset(codes)),
    )
    return version
