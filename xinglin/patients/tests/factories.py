from datetime import UTC, datetime
from typing import Any

from xinglin.core.actor import Actor
from xinglin.core.ids import uuid7
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_organization
from xinglin.patients import actions
from xinglin.patients.models import Patient

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def make_patient(
    organization: Organization | None = None, *, name: str = "林秋月", now: datetime = NOON, **values: Any
) -> Patient:
    """A registered patient; a fresh mobile number unless ``phone`` is given ("" for none)."""
    organization = organization or make_organization()
    values.setdefault("phone", f"139{uuid7().int % 10**8:08d}")
    return actions.register_patient(
        actor=Actor.system(organization.pk, "test"), name=name, now=now, allow_duplicate=True, **values
    )
