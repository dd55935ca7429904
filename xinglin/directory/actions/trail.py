"""Exports of the audit log and the traces that signing in leaves in it."""

from datetime import datetime

from django.db import transaction

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.directory import queries
from xinglin.directory.models import User

VIEW_AUDIT = "core.audit.view"


@transaction.atomic
def record_audit_export(*, actor: Actor, rows: int, filters: dict[str, str], now: datetime) -> None:
    """Put on record that somebody takes a copy of the log with them."""
    require(actor, VIEW_AUDIT)
    audit.record(actor, "core.audit.exported", None, at=now, rows=rows, filters=filters)


@transaction.atomic
def record_sign_in_event(*, user: User, event: str, address: str = "", now: datetime) -> None:
    """Write what happened at the door into the log of every hospital the person works in.

    ``event`` is the code behind ``directory.account.``: signed_in, signed_out, sign_in_failed ...
    """
    for membership in queries.list_memberships_of(user.pk).filter(is_active=True):
        actor = Actor(
            organization_id=membership.organization_id,
            user_id=user.pk,
            name=user.get_full_name(),
            role=membership.role.code,
        )
        audit.record(actor, f"directory.account.{event}", user, at=now, label=user.username, address=address)
