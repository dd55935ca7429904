"""What people change about their own account."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.db import transaction

from xinglin.core import audit
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.directory import queries
from xinglin.directory.actions.saving import change, save_checked
from xinglin.directory.models import Membership, User


@transaction.atomic
def choose_membership(*, user_id: int, public_id: str, now: datetime) -> Membership:
    """Work under one of one's own memberships from now on; NotFound for anybody else's."""
    try:
        membership = queries.list_choices(user_id).filter(public_id=UUID(public_id)).first()
    except ValueError as error:
        raise NotFound from error
    if membership is None:
        raise NotFound
    User.objects.filter(pk=user_id).update(last_membership=membership)
    actor = queries.actor_for(membership)
    audit.record(actor, "directory.hospital.entered", membership, at=now, label=membership.organization.name)
    return membership


@transaction.atomic
def save_preferences(*, actor: Actor, now: datetime, **facts: object) -> User:
    """Change one's own name, e-mail, language, theme. Raises Invalid."""
    if actor.user_id is None:
        raise NotFound
    user = queries.get_user(actor.user_id)
    changed = change(user, facts)
    if changed:
        save_checked(user, clash="email")
    if set(changed) - {"theme", "language"}:
        audit.record(actor, "directory.account.changed", user, at=now, label=user.username, fields=changed)
    return user


@transaction.atomic
def end_sessions(*, actor: Actor, session_ids: Collection[int], keep: str, now: datetime) -> int:
    """Sign oneself out elsewhere; returns how many sessions ended.

    ``keep`` is the key of the session that asks, which stays; ids of other people are passed over.
    """
    ended = 0
    for session in UserSession.objects.filter(user_id=actor.user_id, pk__in=session_ids).exclude(
        session_key=keep
    ):
        session.end()
        ended += 1
    if ended and actor.user_id is not None:
        user = queries.get_user(actor.user_id)
        audit.record(
            actor, "directory.account.sessions_ended", user, at=now, label=user.username, count=ended
        )
    return ended
