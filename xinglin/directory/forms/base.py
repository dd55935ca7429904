"""What the forms of this module share."""

from collections.abc import Callable

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.core.errors import Invalid
from xinglin.core.forms import blame


def submitted(form: forms.Form, save: Callable[[], object]) -> bool:
    """Whether a valid form was saved; the complaints of an action are put beside its fields."""
    if not form.is_valid():
        return False
    try:
        save()
    except Invalid as error:
        blame(form, error)
        return False
    return True


class YuanField(forms.DecimalField):
    """Money typed in yuan, kept in fen."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(min_value=0, max_digits=9, decimal_places=2, **kwargs)  # type: ignore[arg-type]

    def prepare_value(self, value: object) -> object:
        """Fen from the database become yuan; what somebody typed stays as typed."""
        return f"{value / 100:.2f}" if isinstance(value, int) else value

    def clean(self, value: object) -> int:
        """Whole fen; empty is 0."""
        amount = super().clean(value)
        return int(amount * 100) if amount is not None else 0


TEXT_ROWS = {"rows": 4}
OPTIONAL = _("不填")
