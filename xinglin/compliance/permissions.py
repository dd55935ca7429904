"""What a person may do with the rules of law."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Codes of the module."""

    VIEW_RULE = "compliance.rule.view"
    EDIT_RULE = "compliance.rule.edit"


LABELS: dict[Permission, str | Promise] = {
    Permission.VIEW_RULE: _("看合规规则，检查文字"),
    Permission.EDIT_RULE: _("改本院用语、静音规则"),
}
