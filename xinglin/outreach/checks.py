"""What must be true at start: rulebooks and shipped texts can be read."""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from pydantic import ValidationError

from xinglin.outreach.rules.channels import shipped_channels
from xinglin.outreach.rules.gate import shipped
from xinglin.outreach.rules.service_texts import shipped_texts


@register()
def rulebooks(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    books = (
        ("gate.yaml", shipped),
        ("service_texts.yaml", shipped_texts),
        ("channels.yaml", shipped_channels),
    )
    for name, read in books:
        try:
            read()
        except (ValidationError, OSError, ValueError) as error:
            found.append(Error(f"outreach/rules/{name}: {error}", id="outreach.E001"))
    return found
