"""What patients itself shows beside a person's timeline."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.patients import queries
from xinglin.patients.panels_registry import Panel, patient_panel
from xinglin.patients.permissions import Permission
from xinglin.patients.rules.households import is_minor

if TYPE_CHECKING:
    from xinglin.patients.models import Patient


@patient_panel(order=60)
def household(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """The family, and for a child who gets the messages."""
    home = queries.household_of(actor, patient)
    today = timezone.localdate(now)
    places = queries.places_of(actor, [home.pk], today=today)[home.pk] if home else []
    warn = is_minor(patient.age_on(today)) and patient.guardian_id is None
    return Panel(
        title=_("家庭"),
        template="patients/_household_on_record.html",
        context={
            "home": home,
            "places": places,
            "self": patient.pk,
            "warn": warn,
            "may_edit": actor.can(Permission.EDIT_HOUSEHOLD),
        },
        url=reverse("patients:household-detail", args=[home.public_id]) if home else "",
        url_label=home.name if home else "",
    )
