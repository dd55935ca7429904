from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.audiences import queries
from xinglin.audiences.permissions import Permission
from xinglin.core.actor import Actor
from xinglin.patients.panels_registry import Panel, patient_panel

if TYPE_CHECKING:
    from xinglin.patients.models import Patient


@patient_panel(order=70)
def audiences_panel(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """所在人群: by the newest snapshots."""
    if not actor.can(Permission.VIEW_AUDIENCE):
        return None
    found = queries.audiences_of(patient.organization_id, patient.pk)
    return Panel(
        title=_("所在人群"),
        template="audiences/_patient_panel.html",
        context={"audiences": found},
        url=reverse("audiences:list"),
        url_label=_("全部人群"),
    )
