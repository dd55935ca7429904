"""What content shows on a patient's page."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.content import queries
from xinglin.content.permissions import Permission
from xinglin.core.actor import Actor
from xinglin.patients.panels_registry import Panel, patient_panel

if TYPE_CHECKING:
    from xinglin.patients.models import Patient


@patient_panel(order=65)
def permissions(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """The permissions this person gave for their story, and what rests on them; for who keeps permissions."""
    if not (actor.can(Permission.EDIT_CASE) and actor.can(Permission.VIEW_CONTENT)):
        return None
    rows = list(queries.cases_of(patient_id=patient.pk)[:5])
    if not rows:
        return None
    today = timezone.localdate(now)
    return Panel(
        title=_("病例授权"),
        template="content/panels/cases.html",
        context={"rows": [(row, row.is_in_force(today), row.first_used) for row in rows]},
        url=reverse("content:case-list"),
        url_label=_("全部授权"),
    )
