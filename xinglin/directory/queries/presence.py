"""Who is there to do something: colleagues with an account that works, their teams, the roles they hold."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet

from xinglin.core.actor import Actor
from xinglin.directory.models import Membership, Role, Staff
from xinglin.directory.queries.roles import role_matrix


@dataclass(frozen=True)
class Presence:
    """Row ids of active colleagues with an account and the row id of their team (None: no team), and the
    roles that somebody holds."""

    team_of: dict[int, int | None]
    roles: frozenset[str]

    @cached_property
    def teams(self) -> frozenset[int]:
        """Teams with somebody in them."""
        return frozenset(team for team in self.team_of.values() if team is not None)


def _working(organization_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(
        organization_id=organization_id, is_active=True, user__is_active=True, role__is_portal=False
    )


def presence(organization_id: int) -> Presence:
    """Everybody who can sign in to the hospital; one statement."""
    rows = _working(organization_id).values_list(
        "staff_id", "staff__team_id", "staff__is_active", "role__code"
    )
    found = list(rows)
    return Presence(
        team_of={pk: team for pk, team, is_active, _role in found if pk is not None and is_active},
        roles=frozenset(role for pk, _team, is_active, role in found if pk is None or is_active),
    )


def people_there(organization_id: int) -> QuerySet[Staff]:
    """The colleagues of ``presence``, to be asked inside another question."""
    able = _working(organization_id).filter(staff__is_active=True)
    return Staff.objects.order_by().filter(pk__in=able.order_by().values("staff"))


def roles_held(organization_id: int) -> QuerySet[Membership, str]:
    """The codes of the roles of ``presence``, to be asked inside another question."""
    held = _working(organization_id).filter(Q(staff__isnull=True) | Q(staff__is_active=True))
    return held.order_by().values_list("role__code", flat=True)


def roles_that_can(organization_id: int, code: str) -> list[Role]:
    """The roles that have a permission in the hospital, in their usual order."""
    matrix = role_matrix(Actor.system(organization_id))
    return list(Role.objects.filter(code__in=[role for role, codes in matrix.items() if code in codes]))


def staff_who_can(organization_id: int, code: str, *, sees_all: bool = False) -> QuerySet[Staff]:
    """Active colleagues whose account has a permission, by name; ``sees_all``: in the whole hospital."""
    roles = roles_that_can(organization_id, code)
    able = _working(organization_id).filter(role__in=roles, staff__is_active=True)
    able = able.filter(scope=Membership.Scope.ALL) if sees_all else able
    return Staff.objects.filter(pk__in=able.values("staff_id"))
