"""A week of one doctor, or a day of all of them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xinglin.booking import queries
from xinglin.booking.models.schedules import WEEKDAYS
from xinglin.booking.permissions import Permission
from xinglin.booking.views.common import Here, day_from, doctor_choices, here, uuid_from
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import NotFound
from xinglin.directory import queries as directory

SHOWN_DOCTORS = 12


@require_safe
@access(Permission.VIEW_APPOINTMENT)
def calendar(request: StaffRequest) -> HttpResponse:
    at = here(request)
    day = day_from(request, "day", at.today) or at.today
    doctors = doctor_choices(at.actor)
    doctor = uuid_from(request.GET.get("doctor", ""))
    step = timedelta(days=7 if doctor else 1)
    view = _week(at, doctor, day) if doctor else _day(at, day)
    context = {
        **view,
        "day": day,
        "today": at.today,
        "previous": day - step,
        "next": day + step,
        "doctor": str(doctor or ""),
        "doctors": [(str(key), label) for key, label in doctors],
        "share": view["taken"] / view["places"] if view["places"] else 0,
        "may_schedule": at.actor.can(Permission.EDIT_SCHEDULE),
    }
    return render_page(request, "booking/calendar.html", context)


def _week(at: Here, doctor: Any, day: date) -> dict[str, Any]:
    """Monday to Sunday of one doctor, a row an hour."""
    staff = directory.get_staff(actor=at.actor, public_id=doctor)
    monday = day - timedelta(days=day.weekday())
    starts, ends = queries.day_bounds(monday, zone=at.zone, days=7)
    slots = queries.list_slots(
        organization_id=staff.organization_id,
        starts_from=starts,
        starts_before=ends,
        practitioner_id=staff.pk,
    )
    days = [monday + timedelta(days=n) for n in range(7)]
    heads = [
        {"weekday": WEEKDAYS[d.weekday()], "label": f"{d:%m-%d}", "is_today": d == at.today} for d in days
    ]
    placed = [(slot.starts_at.astimezone(at.zone), slot) for slot in slots]
    rows = _rows(placed, columns=days, column_of=lambda local, slot: local.date())
    return {"heads": heads, "rows": rows, "title": staff.name, "columns": 7, **_sums(s for _at, s in placed)}


def _day(at: Here, day: date) -> dict[str, Any]:
    """One day, a column a doctor who sees patients then, a row an hour."""
    if at.actor.organization_id is None:
        raise NotFound
    starts, ends = queries.day_bounds(day, zone=at.zone)
    slots = queries.list_slots(
        organization_id=at.actor.organization_id, starts_from=starts, starts_before=ends
    )
    placed = [(slot.starts_at.astimezone(at.zone), slot) for slot in slots]
    names = {slot.practitioner_id: slot.practitioner for _at, slot in placed}
    shown = sorted(names, key=lambda key: names[key].name)[:SHOWN_DOCTORS]
    heads = [{"weekday": names[key].name, "label": "", "is_today": False} for key in shown]
    kept = [(local, slot) for local, slot in placed if slot.practitioner_id in set(shown)]
    rows = _rows(kept, columns=shown, column_of=lambda local, slot: slot.practitioner_id)
    return {
        "heads": heads,
        "rows": rows,
        "title": f"{day:%m-%d} {WEEKDAYS[day.weekday()]}",
        "hidden": len(names) - len(shown),
        "columns": max(len(shown), 1),
        **_sums(slot for _at, slot in placed),
    }


def _rows(placed: list[tuple[datetime, Any]], *, columns: list[Any], column_of: Any) -> list[dict[str, Any]]:
    """A row for each hour that has a slot, a cell for each column."""
    cells: dict[tuple[int, Any], list[dict[str, str]]] = {}
    for local, slot in placed:
        cells.setdefault((local.hour, column_of(local, slot)), []).append(_shown(local, slot))
    hours = sorted({hour for hour, _column in cells})
    return [
        {
            "label": f"{hour:02d}:00",
            "cells": [
                {"slots": cells.get((hour, column), []), "off": (hour, column) not in cells}
                for column in columns
            ],
        }
        for hour in hours
    ]


def _shown(local: datetime, slot: Any) -> dict[str, str]:
    """A slot as the calendar draws it: time, taken of places, tone; it leads to its appointments."""
    if not slot.is_open:
        label, tone = f"{local:%H:%M} {_('停诊')}", "wait" if slot.booked_count else "full"
        label += f" {slot.booked_count}" if slot.booked_count else ""
    else:
        label = f"{local:%H:%M} {slot.booked_count}/{slot.capacity}"
        tone = "full" if not slot.free_count else ""
    url = reverse("booking:appointment-list")
    return {
        "label": label,
        "tone": tone,
        "url": f"{url}?day={local:%Y-%m-%d}&doctor={slot.practitioner.public_id}",
    }


def _sums(slots: Iterable[Any]) -> dict[str, int]:
    """Places, taken places, and visits that stand in closed slots."""
    places = taken = stranded = 0
    for slot in slots:
        places += slot.capacity if slot.is_open else 0
        taken += slot.booked_count if slot.is_open else 0
        stranded += 0 if slot.is_open else slot.booked_count
    return {"places": places, "taken": taken, "stranded": stranded}
