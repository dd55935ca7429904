"""From a membership, a session or a token to the actor every action asks for."""

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from xinglin.core.actor import Actor, Scope
from xinglin.directory.models import ApiToken, Membership, Organization, Role, RolePermission, Staff
from xinglin.directory.queries.accounts import digest_of, second_factor
from xinglin.directory.queries.roles import current_overrides
from xinglin.directory.rules import effective_codes

#: Session key of the membership somebody works under.
SESSION_KEY = "membership"
#: A token's last use is noted at most this often, so that a read stays a read.
USE_NOTED_EVERY = timedelta(minutes=5)


def permissions_of(role: Role, organization: Organization) -> frozenset[str]:
    """The codes in force; remembered until the role's shipped entry or the hospital's layer changes.

    The key holds both versions, which are read with the membership: a change in one process is
    seen by all at the next request.
    """
    return _permissions(role.pk, role.digest, organization.pk, organization.roles_stamp)


@lru_cache(maxsize=2048)
def _permissions(role_id: int, digest: str, organization_id: int, stamp: UUID) -> frozenset[str]:
    shipped = RolePermission.objects.filter(role_id=role_id).values_list("code", flat=True)
    layer = current_overrides(organization_id, [role_id]).get(role_id)
    return effective_codes(
        shipped, granted=layer.granted if layer else (), revoked=layer.revoked if layer else ()
    )


def _memberships() -> QuerySet[Membership]:
    rows = Membership.objects.filter(
        is_active=True, organization__is_active=True, user__is_active=True, role__is_portal=False
    )
    return rows.select_related("user", "organization", "role", "staff").annotate(has_mfa=second_factor())


def list_choices(user_id: int) -> QuerySet[Membership]:
    """The hospitals somebody may work in, oldest membership first."""
    return _memberships().filter(user_id=user_id)


def actor_for(membership: Membership) -> Actor:
    """The person behind a membership, with permissions and scope as they are now."""
    staff, scope = membership.staff, Scope(membership.scope)
    team: frozenset[int] = frozenset()
    if scope is Scope.TEAM and staff is not None and staff.team_id is not None:
        team = frozenset(Staff.objects.filter(team_id=staff.team_id).values_list("id", flat=True))
    return Actor(
        organization_id=membership.organization_id,
        user_id=membership.user_id,
        staff_id=membership.staff_id,
        name=str(staff or membership.user),
        role=membership.role.code,
        permissions=permissions_of(membership.role, membership.organization),
        scope=scope,
        department_ids=frozenset({staff.department_id} if staff and staff.department_id else ()),
        team_staff_ids=team,
    )


def find_actor(request: HttpRequest) -> Actor | None:
    """Who is asking: the membership chosen for this session, or the only one; None until one is chosen.

    A hospital that asks for two-step sign-in lets nobody in without it. Membership, organization and
    role are left on the request for the page's frame.
    """
    user = request.user
    if not user.is_authenticated:
        return None
    chosen = request.session.get(SESSION_KEY)
    choices = list_choices(user.pk)
    found = list(choices[:2] if chosen is None else choices.filter(pk=chosen))
    if len(found) != 1 or lacks_second_factor(found[0]):
        return None
    membership = found[0]
    request.membership = membership  # type: ignore[attr-defined]
    request.organization = membership.organization  # type: ignore[attr-defined]
    request.actor_role_label = membership.role.label  # type: ignore[attr-defined]
    return actor_for(membership)


def lacks_second_factor(membership: Membership) -> bool:
    """Whether the hospital asks for two-step sign-in and this person has not set it up."""
    return membership.organization.is_mfa_required and not membership.has_mfa  # type: ignore[attr-defined]


def actor_for_token(token: str) -> Actor | None:
    """Whom a bearer token speaks for, with no more than the token's own scopes; None when it is not valid."""
    now = timezone.now()
    row = (
        ApiToken.objects.filter(digest=digest_of(token), revoked_at__isnull=True)
        .select_related(
            "membership__user", "membership__organization", "membership__role", "membership__staff"
        )
        .first()
    )
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    member = row.membership
    if not (member.is_active and member.user.is_active and member.organization.is_active):
        return None
    if row.last_used_at is None or now - row.last_used_at > USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
    actor = actor_for(member)
    return replace(
        actor, name=f"{actor.name} ({row.name})", permissions=actor.permissions & frozenset(row.scopes)
    )
