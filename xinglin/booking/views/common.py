"""Shared by the pages of booking: the hospital's zone and today, choices, people, ways back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme

from xinglin.core.access import StaffRequest
from xinglin.core.actor import Actor
from xinglin.directory import queries as directory
from xinglin.patients import actions as patient_actions
from xinglin.patients import queries as patients


@dataclass(frozen=True, slots=True)
class Here:
    """One request's hospital, zone and moment."""

    actor: Actor
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(self.zone).date()


def here(request: StaffRequest) -> Here:
    """Where and when we are; times on the page are the hospital's."""
    zone = ZoneInfo(directory.get_own_organization(request.actor).timezone)
    timezone.activate(zone)
    return Here(request.actor, zone, timezone.now())


def day_from(request: StaffRequest, name: str, default: date | None) -> date | None:
    """A day out of the address; anything else is the default."""
    return day_of(request.GET.get(name, "")) or default


def day_of(text: str) -> date | None:
    """A day as the browser writes it, or None."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def uuid_from(text: str) -> UUID | None:
    """A public id out of the address, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def doctor_choices(actor: Actor) -> list[tuple[UUID, str]]:
    """Doctors for a select, with their department."""
    return [
        (doctor.public_id, f"{doctor.name}（{doctor.department.name}）" if doctor.department else doctor.name)
        for doctor in directory.list_practitioners(actor)
    ]


def department_choices(actor: Actor) -> list[tuple[str, str]]:
    """Departments for a select, by code."""
    return [(department.code, department.name) for department in directory.list_departments(actor)]


def person_of(actor: Actor, cleaned: dict[str, Any], *, source_channel: str, now: datetime) -> Any:
    """The patient a form means: the chosen one, else found or registered by name and phone."""
    if cleaned.get("patient"):
        return patients.get_patient(actor, cleaned["patient"])
    return patient_actions.find_or_register_by_phone(
        actor=actor, name=cleaned["name"], phone=cleaned["phone"], source_channel=source_channel, now=now
    )


def kept(request: StaffRequest, *names: str) -> dict[str, str]:
    """Parts of the address that a filter form must not lose."""
    return {name: request.GET[name] for name in names if request.GET.get(name)}


def back(request: StaffRequest, fallback: str, *, said: object = "") -> HttpResponse:
    """Return to where the person was, with a word on what happened."""
    if said:
        messages.success(request, str(said))
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = fallback
    return HttpResponseRedirect(target)
