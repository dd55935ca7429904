"""Accounts, their second factors, and tokens."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Exists, OuterRef, Q, QuerySet

from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.directory.models import ApiToken, Membership, User
from xinglin.directory.queries.own import hospital_id


def digest_of(token: str) -> str:
    """What is stored of a token: SHA-256, in hex. A token is random, so no salt is needed."""
    return sha256(token.encode()).hexdigest()


def second_factor() -> Exists:
    """For memberships: whether the person has an authenticator app or a passkey."""
    factors = Authenticator.objects.filter(user_id=OuterRef("user_id"), type__in=["totp", "webauthn"])
    return Exists(factors)


def find_user(username: str) -> User | None:
    """An account by its name, whatever its case; None."""
    return User.objects.filter(username__iexact=username.strip()).first()


def list_users(
    actor: Actor, *, search: str = "", role: str = "", is_active: bool | None = None
) -> QuerySet[Membership]:
    """The hospital's accounts as memberships, with user, role, staff and ``has_mfa``."""
    rows = Membership.objects.filter(organization_id=hospital_id(actor), role__is_portal=False)
    rows = rows.select_related("user", "role", "staff__department", "organization")
    rows = rows.annotate(has_mfa=second_factor())
    if is_active is not None:
        rows = rows.filter(is_active=is_active)
    if role:
        rows = rows.filter(role__code=role)
    if search:
        rows = rows.filter(
            Q(user__username__icontains=search)
            | Q(user__name__icontains=search)
            | Q(user__email__icontains=search)
        )
    return rows


def get_membership(*, actor: Actor, public_id: UUID) -> Membership:
    """One account of the hospital; NotFound."""
    membership = list_users(actor).filter(public_id=public_id).first()
    if membership is None:
        raise NotFound
    return membership


def get_user(user_id: int) -> User:
    """A user by id; NotFound."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def list_memberships_of(user_id: int) -> QuerySet[Membership]:
    """All hospitals of a person, ended ones too."""
    return Membership.objects.filter(user_id=user_id).select_related("organization", "role")


def list_second_factors(user_id: int) -> list[str]:
    """The kinds of second factor a person has set up: totp, webauthn, recovery_codes."""
    kinds = Authenticator.objects.filter(user_id=user_id).values_list("type", flat=True)
    return sorted(set(kinds))


def list_sessions(user: User) -> list[UserSession]:
    """Where somebody is signed in now, seen last first; ended sessions are cleared away."""
    sessions: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(sessions, key=lambda session: session.last_seen_at, reverse=True)


def list_tokens(actor: Actor) -> QuerySet[ApiToken]:
    """The hospital's tokens, newest first, with their owners."""
    return ApiToken.objects.visible_to(actor).select_related("membership__user", "membership__role")


def get_token(*, actor: Actor, public_id: UUID) -> ApiToken:
    """One token; NotFound."""
    token = list_tokens(actor).filter(public_id=public_id).first()
    if token is None:
        raise NotFound
    return token


def names_of_users(ids: Iterable[int]) -> dict[int, str]:
    """Names by user id, for showing who did something; one query, and none without ids."""
    wanted = set(ids)
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
