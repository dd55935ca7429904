"""What happens at the door goes into the audit log: the sign-in library tells it by signals."""

from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from xinglin.directory import actions, queries
from xinglin.directory.models import User


def _note(event: str, user: User | None, request: HttpRequest | None) -> None:
    if isinstance(user, User):
        known = request is not None and request.META.get("REMOTE_ADDR")
        address = get_adapter().get_client_ip(request) if known else ""
        actions.record_sign_in_event(user=user, event=event, address=address, now=timezone.now())


@receiver(user_logged_in, dispatch_uid="directory.signed_in")
def note_sign_in(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Somebody came in."""
    _note("signed_in", user, request)


@receiver(user_logged_out, dispatch_uid="directory.signed_out")
def note_sign_out(*, request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
    """Somebody left."""
    _note("signed_out", user, request)


@receiver(user_login_failed, dispatch_uid="directory.sign_in_failed")
def note_failure(*, credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """A wrong password for an account that exists; names nobody has are not kept."""
    _note("sign_in_failed", queries.find_user(str(credentials.get("username") or "")), request)


@receiver(mfa.authentication_failed, dispatch_uid="directory.second_step_failed")
def note_second_step_failure(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """A wrong code after a right password: worth a look."""
    _note("second_step_failed", user, request)


@receiver(
    [account.password_changed, account.password_set, account.password_reset],
    dispatch_uid="directory.password",
)
def note_password(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """A password was set, by whichever way."""
    _note("password_changed", user, request)


@receiver([mfa.authenticator_added, mfa.authenticator_reset], dispatch_uid="directory.factor_added")
def note_factor_added(*, request: HttpRequest, user: User, authenticator: Any, **_kwargs: Any) -> None:
    """An app, a passkey or new recovery codes."""
    _note(f"{authenticator.type}_added", user, request)


@receiver(mfa.authenticator_removed, dispatch_uid="directory.factor_removed")
def note_factor_removed(*, request: HttpRequest, user: User, authenticator: Any, **_kwargs: Any) -> None:
    """A second factor is gone."""
    _note(f"{authenticator.type}_removed", user, request)
