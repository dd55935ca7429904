"""Saving with the model's own checks, so that a page, the API and a command hear the same complaints."""

from collections.abc import Mapping

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from xinglin.core.errors import Invalid


def save_checked(row: models.Model, *, clash: str = "code") -> None:
    """Save a row that passes its own checks; Invalid with the complaints by field otherwise.

    ``clash`` is the field that a broken uniqueness rule is reported at.
    """
    try:
        row.full_clean()
    except ValidationError as error:
        fields = error.message_dict
        if NON_FIELD_ERRORS in fields:
            fields.setdefault(clash, []).extend(fields.pop(NON_FIELD_ERRORS))
        raise Invalid(fields=fields) from error
    row.save()


def change(row: models.Model, values: Mapping[str, object]) -> list[str]:
    """Set attributes; returns the names of those that are different now, sorted."""
    changed = []
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    return sorted(changed)
