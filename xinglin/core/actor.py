from dataclasses import dataclass, field
from enum import StrEnum

from xinglin.core.errors import NotFound, PermissionDenied


class Scope(StrEnum):
    """How many rows of a hospital a person sees, narrowest first."""

    OWN = "own"
    TEAM = "team"
    TERRITORY = "territory"
    DEPARTMENT = "department"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does it: a person in one hospital, or a named part of the system."""

    organization_id: int | None
    user_id: int | None = None
    staff_id: int | None = None
    name: str = ""
    role: str = ""
    permissions: frozenset[str] = field(default_factory=frozenset)
    scope: Scope = Scope.ALL
    department_ids: frozenset[int] = field(default_factory=frozenset)
    team_staff_ids: frozenset[int] = field(default_factory=frozenset)
    is_system: bool = False

    @classmethod
    def system(cls, organization_id: int | None, name: str = "system") -> "Actor":
        """Work nobody clicked for: may do everything inside one hospital (``None``: in none)."""
        return cls(organization_id=organization_id, name=name, role="system", is_system=True)

    def can(self, code: str) -> bool:
        return self.is_system or code in self.permissions


def require(actor: Actor, code: str, organization_id: int | None = None) -> None:
    """Raise NotFound for another hospital's row, PermissionDenied without the permission."""
    if organization_id is not None and organization_id != actor.organization_id:
        raise NotFound
    if not actor.can(code):
        raise PermissionDenied
