"""How the sign-in library is fitted into this house: words, secrets at rest, what is closed."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.core import crypto
from xinglin.directory.queries import SESSION_KEY, list_choices

#: Bound into the ciphertext, so that a secret cannot be moved to another column.
MFA_COLUMN = "mfa_authenticator.data"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up, no e-mail; Chinese words for what went wrong."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_password": _("密码不对"),
        "username_password_mismatch": _("用户名或密码不对"),
        "too_many_login_attempts": _("试错太多次，账号先锁 10 分钟；急用请找系统管理员"),
        "rate_limited": _("操作太频繁，请稍后再试"),
        "enter_current_password": _("请输入现在的密码"),
        "invalid_login": _("用户名或密码不对"),
        "invalid_password_reset": _("这个链接已经用过或过期了"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by administrators."""
        return False

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Start in the hospital used last, in the person's own language."""
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        last = user.last_membership_id
        if last and list_choices(user.pk).filter(pk=last).exists():
            request.session[SESSION_KEY] = last
        if user.language:
            answer.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                user.language,
                max_age=31_536_000,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return answer

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the account page."""
        return reverse("directory:account")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Back to the door."""
        return reverse("account_login")


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Authenticator secrets are encrypted at rest; the QR code is drawn by the library the house uses."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("验证码不对，等它刷新后再试一次"),
        "cannot_delete_authenticator": _("本院要求两步验证，不能关闭"),
        "cannot_generate_recovery_codes": _("先打开两步验证，才有备用码"),
    }

    def get_totp_label(self, user: Any) -> str:
        """The account's name, which says more than an e-mail on a phone shared by two hospitals."""
        return str(user.username)

    def build_totp_svg(self, url: str) -> str:
        """The QR code to scan, black on white, with a quiet zone."""
        svg: str = segno.make(url, error="m").svg_inline(scale=5, border=3, light="white", dark="black")
        return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)

    def encrypt(self, text: str) -> str:
        """Ciphertext as text, as the column is JSON."""
        return urlsafe_b64encode(crypto.encrypt(text, MFA_COLUMN)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Counterpart of ``encrypt``."""
        return crypto.decrypt(urlsafe_b64decode(encrypted_text), MFA_COLUMN)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Not the last second factor of somebody whose hospital asks for one."""
        needed = list_choices(authenticator.user_id).filter(organization__is_mfa_required=True).exists()
        if not needed:
            return True
        kinds = ("totp", "webauthn")
        others = type(authenticator).objects.filter(user_id=authenticator.user_id, type__in=kinds)
        return bool(others.exclude(pk=authenticator.pk).exists())
