"""Hospitals, the people who work there, and what each of them may do."""

from xinglin.directory.models.access import ApiToken, Membership, Role, RoleOverride, RolePermission
from xinglin.directory.models.organizations import Campus, Department, Organization, OrganizationGroup
from xinglin.directory.models.people import Staff, Team
from xinglin.directory.models.users import User

__all__ = [
    "ApiToken",
    "Campus",
    "Department",
    "Membership",
    "Organization",
    "OrganizationGroup",
    "Role",
    "RoleOverride",
    "RolePermission",
    "Staff",
    "Team",
    "User",
]
