"""What the record page and the side panel share."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.core.access import StaffRequest
from xinglin.directory import queries as directory
from xinglin.ledger import wording
from xinglin.patients import queries
from xinglin.patients.actions.revealing import REVEALABLE
from xinglin.patients.models import Patient, PatientTag
from xinglin.patients.panels_registry import actions_for, panels_for
from xinglin.patients.permissions import Permission
from xinglin.patients.queries.listing import facts_of

#: Filter of the timeline → beginnings of the kinds it shows.
GROUPS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "web": (gettext_lazy("浏览"), ("page.", "link.", "lead.")),
    "visit": (gettext_lazy("预约就诊"), ("appointment.", "visit.")),
    "message": (gettext_lazy("消息"), ("message.",)),
    "bill": (gettext_lazy("账单"), ("bill.",)),
    "consent": (gettext_lazy("同意与建档"), ("consent.", "patient.", "household.")),
}


def person_of(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """The patient with tags, age and the facts of the ledger."""
    actor, now = request.actor, timezone.now()
    patient = queries.get_patient(actor, public_id)
    marks = PatientTag.objects.filter(patient=patient).select_related("tag").order_by("tag__name")
    return {
        "patient": patient,
        "age": patient.age_on(timezone.localdate(now)),
        "tags": [mark.tag.name for mark in marks],
        "facts": facts_of(actor, [patient.pk], now=now)[patient.pk],
        "may": rights(request),
        "revealable": REVEALABLE,
    }


def rights(request: StaffRequest) -> dict[str, bool]:
    can = request.actor.can
    return {
        "edit": can(Permission.EDIT_PATIENT),
        "reveal": can(Permission.REVEAL_PATIENT),
        "consent": can(Permission.EDIT_CONSENT),
    }


def side_of(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """The side panel of the list."""
    context = person_of(request, public_id)
    patient = context["patient"]
    latest = queries.timeline(request.actor, patient)[:4]
    return {
        **context,
        "opened": str(public_id),
        "reach": reach(patient),
        "latest": items(request, latest),
        "buttons": actions_for(request.actor, patient, now=timezone.now())[:2],
        "panels": panels_for(request.actor, patient, now=timezone.now())[:1],
    }


def reach(patient: Patient) -> list[dict[str, Any]]:
    """By which ways marketing may reach the person: one entry for each channel asked about."""
    grid = next(row for row in queries.consent_grid(patient) if row["purpose"] == "marketing")
    return [cell for cell in grid["cells"] if cell["status"]]


def zone_of(request: HttpRequest) -> ZoneInfo:
    return ZoneInfo(directory.get_own_organization(request.actor).timezone)  # type: ignore[attr-defined]


def items(request: StaffRequest, touches: Iterable[Any]) -> list[dict[str, Any]]:
    """Touches as lines of the timeline: in words, with the day they stand under."""
    rows = list(touches)
    if not rows:
        return []
    zone = zone_of(request)
    today = timezone.now().astimezone(zone).date()
    found, last = [], None
    for said in wording.describe(rows, organization_id=rows[0].organization_id, zone=zone):
        day = said.at.date()
        found.append(
            {
                "day": day_words(day, today) if day != last else "",
                "time": f"{said.at:%H:%M}",
                "date": f"{said.at:%m-%d}" if day.year == today.year else f"{said.at:%Y-%m-%d}",
                "said": said,
            }
        )
        last = day
    return found


def day_words(day: date, today: date) -> str:
    if day == today:
        return _("今天")
    weekday = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))[day.weekday()]
    return f"{day:%m-%d} {weekday}" if day.year == today.year else f"{day:%Y-%m-%d} {weekday}"
