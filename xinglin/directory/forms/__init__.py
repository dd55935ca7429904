"""What comes in from the pages of the directory."""

from xinglin.directory.forms.account import PreferencesForm
from xinglin.directory.forms.audit import AuditFilterForm
from xinglin.directory.forms.organizations import CampusForm, DepartmentForm, HospitalForm
from xinglin.directory.forms.people import StaffForm, TeamForm
from xinglin.directory.forms.tokens import TokenForm
from xinglin.directory.forms.users import ReasonForm, UserCreateForm, UserForm

__all__ = [
    "AuditFilterForm",
    "CampusForm",
    "DepartmentForm",
    "HospitalForm",
    "PreferencesForm",
    "ReasonForm",
    "StaffForm",
    "TeamForm",
    "TokenForm",
    "UserCreateForm",
    "UserForm",
]
