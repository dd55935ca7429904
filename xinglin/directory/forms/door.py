"""The sign-in library's forms in this house's words; what they check is unchanged."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.utils.translation import gettext_lazy as _

POLICY = _("至少 10 位，不能全是数字，不能是常见密码，也不要与姓名、用户名相近")
ONE_TIME = {"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True, "spellcheck": "false"}


def _word(form: forms.Form, name: str, label: object, *, hint: object = "", **attrs: Any) -> None:
    """Give a field our label and hint; the library's placeholders repeat the label and go."""
    field = form.fields.get(name)
    if field is None:
        return
    field.label, field.help_text = label, hint  # type: ignore[assignment]
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


class LoginForm(account.LoginForm):  # type: ignore[misc]
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "login", _("用户名"), autofocus=True, autocapitalize="none", spellcheck="false")
        _word(self, "password", _("密码"))


class ReauthenticateForm(account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "password", _("密码"), autofocus=True)


class _TwicePassword:
    """Both fields of a new password, and a complaint in our words when they differ."""

    def _name_fields(self) -> None:
        _word(self, "password1", _("新密码"), hint=POLICY)  # type: ignore[arg-type]
        _word(self, "password2", _("再输一遍"))  # type: ignore[arg-type]


class ChangePasswordForm(_TwicePassword, account.ChangePasswordForm):  # type: ignore[misc]
    """Old password, new password twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "oldpassword", _("现在的密码"), autofocus=True)
        self._name_fields()


class SetPasswordForm(_TwicePassword, account.SetPasswordForm):  # type: ignore[misc]
    """A first password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name_fields()


class ResetPasswordKeyForm(_TwicePassword, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A password at the link of an administrator."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name_fields()


class AuthenticateForm(mfa.AuthenticateForm):  # type: ignore[misc]
    """The second step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "code", _("验证码"), hint=_("验证器里的 6 位数字，或一个备用码"), **ONE_TIME)


class MFAReauthenticateForm(mfa.ReauthenticateForm):  # type: ignore[misc]
    """The second step once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "code", _("验证码"), hint=_("验证器里的 6 位数字，或一个备用码"), **ONE_TIME)


class ActivateTOTPForm(totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "code", _("验证器现在显示的 6 位数字"), **ONE_TIME)


class AddWebAuthnForm(passkeys.AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "name", _("名字"), hint=_("好认就行，比如「办公室电脑」"))
        _word(self, "passwordless", _("用它直接登录，不再输密码"), hint=_("需要设备有指纹、人脸或 PIN"))
        self.fields["passwordless"].initial = True


class EditWebAuthnForm(passkeys.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "name", _("名字"))
