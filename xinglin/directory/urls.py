"""Settings, the person's own account, and the doors of the sign-in library that this house opens."""

from allauth.account import views as door
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import URLPattern, URLResolver, include, path, re_path

from xinglin.directory.views import (
    account,
    audit,
    departments,
    hospital,
    roles,
    staff,
    tokens,
    users,
)

own = (
    [
        path("settings/", hospital.settings_index, name="settings"),
        path("settings/hospital/", hospital.hospital_profile, name="hospital-profile"),
        path("settings/hospital/logo/", hospital.logo_change, name="logo-change"),
        path("logo/<uuid:public_id>", hospital.logo, name="logo"),
        path("settings/departments/", departments.department_list, name="department-list"),
        path("settings/departments/new/", departments.department_create, name="department-create"),
        path("settings/departments/<uuid:public_id>/", departments.department_edit, name="department-edit"),
        path("settings/campuses/new/", departments.campus_create, name="campus-create"),
        path("settings/campuses/<uuid:public_id>/", departments.campus_edit, name="campus-edit"),
        path("settings/staff/", staff.staff_list, name="staff-list"),
        path("settings/staff/new/", staff.staff_create, name="staff-create"),
        path("settings/staff/<uuid:public_id>/", staff.staff_detail, name="staff-detail"),
        path("settings/staff/<uuid:public_id>/edit/", staff.staff_edit, name="staff-edit"),
        path("settings/teams/new/", staff.team_create, name="team-create"),
        path("settings/teams/<uuid:public_id>/", staff.team_edit, name="team-edit"),
        path("settings/users/", users.user_list, name="user-list"),
        path("settings/users/new/", users.user_create, name="user-create"),
        path("settings/users/<uuid:public_id>/", users.user_detail, name="user-detail"),
        path("settings/users/<uuid:public_id>/edit/", users.user_edit, name="user-edit"),
        path(
            "settings/users/<uuid:public_id>/deactivation/", users.user_deactivation, name="user-deactivation"
        ),
        path("settings/users/<uuid:public_id>/activation/", users.user_activation, name="user-activation"),
        path(
            "settings/users/<uuid:public_id>/second-factor-reset/",
            users.second_factor_reset,
            name="second-factor-reset",
        ),
        path(
            "settings/users/<uuid:public_id>/password-link/",
            users.password_link_create,
            name="password-link-create",
        ),
        path("settings/roles/", roles.role_list, name="role-list"),
        path("settings/roles/<slug:code>/", roles.role_edit, name="role-edit"),
        path("settings/tokens/", tokens.token_list, name="token-list"),
        path("settings/tokens/new/", tokens.token_create, name="token-create"),
        path(
            "settings/tokens/<uuid:public_id>/revocation/", tokens.token_revocation, name="token-revocation"
        ),
        path("settings/audit/", audit.audit_list, name="audit-list"),
        path("settings/audit/export/", audit.audit_export, name="audit-export"),
        path("settings/audit/<int:entry_id>/", audit.audit_detail, name="audit-detail"),
        path("account/", account.account, name="account"),
        path("account/sessions/", account.session_list, name="session-list"),
        path("account/hospital/", account.hospital_choice, name="hospital-choice"),
    ],
    "directory",
)

# Named as the library reverses them. Left out on purpose: sign-up, e-mail addresses, reset by e-mail,
# sign-in codes, trusted browsers.
THIRD_PARTY: list[URLPattern] = [
    path("account/login/", door.login, name="account_login"),
    path("account/logout/", door.logout, name="account_logout"),
    path("account/inactive/", door.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", door.reauthenticate, name="account_reauthenticate"),
    path("account/password/", door.password_change, name="account_change_password"),
    path("account/password/new/", door.password_set, name="account_set_password"),
    path(
        "account/password/link/done/",
        door.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^account/password/link/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        door.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("account/two-step/", mfa.index, name="mfa_index"),
    path("account/two-step/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("account/two-step/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/two-step/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/two-step/app/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/two-step/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/two-step/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path(
        "account/two-step/codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
    path("account/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/passkeys/new/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path(
        "account/passkeys/reauthenticate/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/passkeys/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/removal/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(own)),
    # The name under which the sign-in form links to it.
    path("account/password/forgotten/", account.password_forgotten, name="account_reset_password"),
    *THIRD_PARTY,
]
