"""Accounts: made, changed, ended; passwords and second factors handed back to their owners."""

from datetime import datetime
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import DomainError, Invalid, NotFound
from xinglin.directory import queries
from xinglin.directory.actions.saving import change, save_checked
from xinglin.directory.models import Membership, Role, Staff, User
from xinglin.directory.permissions import Permission


class OwnAccount(DomainError):
    """Nobody takes away their own access."""

    code, status, default = "own-account", 409, _("不能停用或降低自己的账号，请另一位管理员来做")


class SharedAccount(DomainError):
    """The account also works in another hospital, whose administrators have a say."""

    code, status = "shared-account", 409
    default = _("这个账号也在别的医院使用，密码和两步验证要由本人在「我的账号」里改")


@transaction.atomic
def create_user(
    *,
    actor: Actor,
    username: str,
    name: str,
    role: str,
    scope: str = "",
    email: str = "",
    password: str | None = None,
    staff: Staff | None = None,
    now: datetime,
) -> Membership:
    """An account with a role in the actor's hospital; without ``password`` a link must be issued.

    ``scope`` defaults to the role's own. Raises Invalid (name taken, weak password, unknown role).
    """
    require(actor, Permission.EDIT_USER)
    user = User(username=username.strip(), name=name.strip(), email=email.strip())
    if password is None:
        user.set_unusable_password()
    else:
        _check_password(password, user)
        user.set_password(password)
    save_checked(user, clash="username")
    found = _assignable(role)
    membership = Membership(
        user=user,
        organization_id=queries.hospital_id(actor),
        role=found,
        scope=scope or found.default_scope,
        staff=_link(actor, staff, user),
    )
    save_checked(membership, clash="username")
    audit.record(
        actor,
        "directory.user.created",
        membership,
        at=now,
        label=user.username,
        role=role,
        scope=membership.scope,
    )
    return membership


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(fields={"password": error.messages}) from error


def _assignable(role: str) -> Role:
    found = queries.assignable_roles().filter(code=role).first()
    if found is None:
        raise Invalid(fields={"role": [_("没有这个角色")]})
    return found


def _link(actor: Actor, staff: Staff | None, user: User) -> Staff | None:
    """Tie a colleague's entry to an account; Invalid when it is tied to somebody else."""
    if staff is None:
        return None
    if staff.organization_id != actor.organization_id or staff.user_id not in {None, user.pk}:
        raise Invalid(fields={"staff": [_("这位职员已经有账号，或不在本院")]})
    Staff.objects.filter(organization_id=queries.hospital_id(actor), user=user).exclude(pk=staff.pk).update(
        user=None
    )
    staff.user = user
    staff.save(update_fields=["user", "updated_at"])
    return staff


@transaction.atomic
def update_user(
    *,
    actor: Actor,
    public_id: UUID,
    role: str,
    scope: str,
    staff: Staff | None,
    now: datetime,
    **facts: object,
) -> Membership:
    """Change an account of the hospital: role, scope, colleague behind it; ``facts``: name, email.

    Raises NotFound, Invalid, OwnAccount for one's own role or scope.
    """
    membership = queries.get_membership(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_USER, membership.organization_id)
    found = _assignable(role)
    if membership.user_id == actor.user_id and (found != membership.role or scope != membership.scope):
        raise OwnAccount
    user = membership.user
    changed = change(user, facts)
    if changed and is_shared(membership):
        raise SharedAccount(_("这个账号也在别的医院使用，姓名和邮箱要由本人在「我的账号」里改"))
    if changed:
        save_checked(user, clash="email")
    if staff is None:
        Staff.objects.filter(organization_id=membership.organization_id, user=user).update(user=None)
    changed += change(membership, {"role": found, "scope": scope, "staff": _link(actor, staff, user)})
    if changed:
        save_checked(membership, clash="role")
        audit.record(
            actor,
            "directory.user.changed",
            membership,
            at=now,
            label=user.username,
            fields=changed,
            role=role,
            scope=scope,
        )
    return membership


def is_shared(membership: Membership) -> bool:
    """Whether the account also works in another hospital."""
    others = queries.list_memberships_of(membership.user_id).exclude(pk=membership.pk)
    return others.filter(is_active=True).exists()


@transaction.atomic
def deactivate_user(*, actor: Actor, public_id: UUID, reason: str = "", now: datetime) -> Membership:
    """End somebody's access to this hospital and sign them out; OwnAccount for oneself."""
    membership = queries.get_membership(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_USER, membership.organization_id)
    if membership.user_id == actor.user_id:
        raise OwnAccount
    if membership.is_active:
        membership.is_active = False
        membership.save(update_fields=["is_active", "updated_at"])
        if not is_shared(membership):
            sign_out_everywhere(membership.user)
        audit.record(
            actor,
            "directory.user.deactivated",
            membership,
            at=now,
            label=membership.user.username,
            reason=reason.strip(),
        )
    return membership


@transaction.atomic
def activate_user(*, actor: Actor, public_id: UUID, now: datetime) -> Membership:
    """Give somebody their access back."""
    membership = queries.get_membership(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_USER, membership.organization_id)
    if not membership.is_active:
        membership.is_active = True
        membership.save(update_fields=["is_active", "updated_at"])
        audit.record(actor, "directory.user.activated", membership, at=now, label=membership.user.username)
    return membership


@transaction.atomic
def reset_second_factors(*, actor: Actor, public_id: UUID, reason: str, now: datetime) -> Membership:
    """Remove somebody's authenticator, passkeys and recovery codes, and sign them out.

    For a lost phone. Raises Invalid without a reason, OwnAccount, SharedAccount.
    """
    membership = _manageable(actor, public_id)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("写明原因，会记进操作记录")]})
    kinds = queries.list_second_factors(membership.user_id)
    Authenticator.objects.filter(user_id=membership.user_id).delete()
    sign_out_everywhere(membership.user)
    audit.record(
        actor,
        "directory.user.mfa_reset",
        membership,
        at=now,
        label=membership.user.username,
        reason=reason.strip(),
        kinds=kinds,
    )
    return membership


def _manageable(actor: Actor, public_id: UUID) -> Membership:
    membership = queries.get_membership(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_USER, membership.organization_id)
    if membership.user_id == actor.user_id:
        raise OwnAccount(_("自己的密码和两步验证，请在「我的账号」里改"))
    if is_shared(membership):
        raise SharedAccount
    return membership


@transaction.atomic
def issue_password_link(*, actor: Actor, public_id: UUID, now: datetime) -> tuple[Membership, str]:
    """A path at which the account's owner sets a password; it works once, for PASSWORD_RESET_TIMEOUT.

    Raises NotFound, OwnAccount, SharedAccount.
    """
    membership = _manageable(actor, public_id)
    user = membership.user
    if not (membership.is_active and user.is_active):
        raise NotFound
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )
    audit.record(actor, "directory.user.link_issued", membership, at=now, label=user.username)
    return membership, path


def sign_out_everywhere(user: User) -> int:
    """Sign somebody out everywhere; returns how many sessions ended."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)
