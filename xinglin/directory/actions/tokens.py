"""Tokens for machines."""

import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.directory import queries
from xinglin.directory.actions.saving import save_checked
from xinglin.directory.models import ApiToken, Membership
from xinglin.directory.permissions import Permission

PREFIX = "xl_"


@transaction.atomic
def create_token(
    *, actor: Actor, name: str, scopes: Collection[str], expires_at: datetime | None = None, now: datetime
) -> tuple[ApiToken, str]:
    """A token that speaks for the actor, and its secret, which cannot be read again.

    Raises Invalid for a scope that the actor does not hold, or an end that has passed.
    """
    require(actor, Permission.EDIT_TOKEN)
    beyond = sorted(code for code in scopes if not actor.can(code))
    if beyond or not scopes:
        raise Invalid(fields={"scopes": [_("选您自己有的权限，至少一项")]})
    if expires_at is not None and expires_at <= now:
        raise Invalid(fields={"expires_at": [_("到期时间要在以后")]})
    membership = Membership.objects.filter(
        user_id=actor.user_id or 0, organization_id=queries.hospital_id(actor), is_active=True
    ).first()
    if membership is None:
        raise Invalid(_("令牌要挂在一个在用的账号下"))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        organization_id=membership.organization_id,
        name=name.strip(),
        membership=membership,
        prefix=secret[:10],
        digest=queries.digest_of(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    save_checked(token, clash="name")
    audit.record(
        actor,
        "directory.token.created",
        token,
        at=now,
        label=token.name,
        scopes=token.scopes,
        expires=expires_at,
    )
    return token, secret


@transaction.atomic
def revoke_token(*, actor: Actor, public_id: UUID, now: datetime) -> ApiToken:
    """End a token at once; again is harmless. Raises NotFound."""
    token = queries.get_token(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_TOKEN, token.organization_id)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at", "updated_at"])
        audit.record(actor, "directory.token.revoked", token, at=now, label=token.name)
    return token
