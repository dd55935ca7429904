"""Roles and what they permit."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.core.apps import ModuleConfig
from xinglin.directory.models import Role, RoleOverride, RolePermission
from xinglin.directory.rules import effective_codes


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionRow:
    """One code, what it allows in words, and the module it belongs to."""

    code: str
    label: object
    module: str
    module_label: object


def list_permissions() -> list[PermissionRow]:
    """Every code that a module defines, in the order of the modules, then by code."""
    rows: list[PermissionRow] = []
    for config in apps.get_app_configs():
        path = f"{config.name}.permissions"
        if not isinstance(config, ModuleConfig) or find_spec(path) is None:
            continue
        module = import_module(path)
        labels = getattr(module, "LABELS", {})
        system = config.label in {"core", "ui"}
        rows += [
            PermissionRow(
                code=str(code),
                label=labels.get(code, str(code)),
                module="core" if system else config.label,
                module_label=_("系统") if system else config.verbose_name,
            )
            for code in sorted(module.Permission, key=str)
        ]
    return list({row.code: row for row in reversed(rows)}.values())[::-1]


def assignable_roles() -> QuerySet[Role]:
    """Roles a colleague may hold; portal roles are given by the portal."""
    return Role.objects.filter(is_portal=False)


def find_role(code: str) -> Role | None:
    """A role by its code, or None."""
    return Role.objects.filter(code=code).first()


def shipped_codes(role: Role) -> frozenset[str]:
    """What this release gives to a role."""
    return frozenset(RolePermission.objects.filter(role=role).values_list("code", flat=True))


def current_overrides(organization_id: int, role_ids: Iterable[int] | None = None) -> dict[int, RoleOverride]:
    """The hospital's layer in force, by role."""
    rows = RoleOverride.objects.filter(organization_id=organization_id)
    if role_ids is not None:
        rows = rows.filter(role_id__in=list(role_ids))
    return {row.role_id: row for row in rows.order_by("number")}


def role_matrix(actor: Actor) -> dict[str, frozenset[str]]:
    """Role code → permission codes in force in the actor's hospital, staff roles only."""
    assert actor.organization_id is not None
    shipped: dict[int, set[str]] = {}
    for role_id, code in RolePermission.objects.values_list("role_id", "code"):
        shipped.setdefault(role_id, set()).add(code)
    layers = current_overrides(actor.organization_id)
    matrix = {}
    for role in assignable_roles():
        layer = layers.get(role.pk)
        matrix[role.code] = effective_codes(
            shipped.get(role.pk, ()),
            granted=layer.granted if layer else (),
            revoked=layer.revoked if layer else (),
        )
    return matrix


def list_role_versions(actor: Actor, *, role: str) -> QuerySet[RoleOverride]:
    """The hospital's versions of a role, the one in force first."""
    return RoleOverride.objects.visible_to(actor).filter(role__code=role).select_related("created_by")
