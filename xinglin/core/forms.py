from typing import TypeVar

from django.forms import BaseForm

from xinglin.core.errors import DomainError

F = TypeVar("F", bound=BaseForm)


def blame(form: F, error: DomainError) -> F:
    """The form with an action's complaints beside their fields, else on top; nothing typed is lost."""
    for name, texts in error.fields.items() or [("", [str(error)])]:
        for text in texts:
            form.add_error(name if name in form.fields else None, text)
    return form
