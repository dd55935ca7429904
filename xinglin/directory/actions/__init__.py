"""Use-cases of the directory: each public function is one transaction."""

from xinglin.directory.actions.account import choose_membership, end_sessions, save_preferences
from xinglin.directory.actions.logo import set_logo
from xinglin.directory.actions.organizations import (
    create_campus,
    create_department,
    create_organization,
    create_organization_group,
    create_team,
    update_campus,
    update_department,
    update_organization,
    update_team,
)
from xinglin.directory.actions.roles import edit_role, sync_roles
from xinglin.directory.actions.secrets import reencrypt_second_factors
from xinglin.directory.actions.setup import setup_hospital
from xinglin.directory.actions.staff import create_staff, update_staff
from xinglin.directory.actions.tokens import create_token, revoke_token
from xinglin.directory.actions.trail import record_audit_export, record_sign_in_event
from xinglin.directory.actions.users import (
    activate_user,
    create_user,
    deactivate_user,
    issue_password_link,
    reset_second_factors,
    update_user,
)

__all__ = [
    "activate_user",
    "choose_membership",
    "create_campus",
    "create_department",
    "create_organization",
    "create_organization_group",
    "create_staff",
    "create_team",
    "create_token",
    "create_user",
    "deactivate_user",
    "edit_role",
    "end_sessions",
    "issue_password_link",
    "record_audit_export",
    "record_sign_in_event",
    "reencrypt_second_factors",
    "reset_second_factors",
    "revoke_token",
    "save_preferences",
    "set_logo",
    "setup_hospital",
    "sync_roles",
    "update_campus",
    "update_department",
    "update_organization",
    "update_staff",
    "update_team",
    "update_user",
]
