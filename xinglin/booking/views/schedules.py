"""Weekly templates and leaves."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.booking import actions, queries
from xinglin.booking.forms import LeaveForm, LineForm
from xinglin.booking.models.schedules import WEEKDAYS
from xinglin.booking.permissions import Permission
from xinglin.booking.views.common import Here, back, here
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.directory import queries as directory


@require_safe
@access(Permission.EDIT_SCHEDULE)
def schedule_list(request: StaffRequest) -> HttpResponse:
    """Every doctor with the days they see patients."""
    at = here(request)
    lines: dict[int, list[Any]] = {}
    for line in queries.list_schedules(actor=at.actor):
        lines.setdefault(line.practitioner_id, []).append(line)
    away = {leave.practitioner_id for leave in queries.list_leaves(actor=at.actor, ends_after=at.now)}
    rows = [
        {"doctor": doctor, "lines": lines.get(doctor.pk, []), "is_away": doctor.pk in away}
        for doctor in directory.list_practitioners(at.actor)
    ]
    return render_page(request, "booking/schedule_list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.EDIT_SCHEDULE)
def schedule_detail(request: StaffRequest, staff: UUID) -> HttpResponse:
    """One doctor's week; a POST adds a line."""
    at = here(request)
    form = LineForm(request.POST or None, auto_id="line_%s")
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_schedule(actor=at.actor, practitioner=staff, now=at.now, **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            return back(request, _url(staff), said=_("已加上，往后两周的号已生成"))
    return _show(request, at, staff, line_form=form)


@require_POST
@access(Permission.EDIT_SCHEDULE)
def leave_create(request: StaffRequest, staff: UUID) -> HttpResponse:
    at = here(request)
    form = LeaveForm(request.POST, auto_id="leave_%s")
    if not form.is_valid():
        return _show(request, at, staff, leave_form=form)
    actions.add_leave(actor=at.actor, practitioner=staff, now=at.now, **form.cleaned_data)
    return back(request, _url(staff), said=_("已停诊；已约的患者请改期"))


@require_POST
@access(Permission.EDIT_SCHEDULE)
def line_removal(request: StaffRequest, public_id: UUID) -> HttpResponse:
    at = here(request)
    line = queries.get_schedule(actor=at.actor, public_id=public_id)
    kept = actions.end_schedule(actor=at.actor, public_id=public_id, now=at.now)
    said = _("已去掉；还有 %(n)s 个已约的号要改期") % {"n": kept} if kept else _("已去掉，没有人约在里面")
    return back(request, _url(line.practitioner.public_id), said=said)


@require_POST
@access(Permission.EDIT_SCHEDULE)
def leave_removal(request: StaffRequest, public_id: UUID) -> HttpResponse:
    at = here(request)
    leave = queries.get_leave(actor=at.actor, public_id=public_id)
    actions.remove_leave(actor=at.actor, public_id=public_id, now=at.now)
    return back(request, _url(leave.practitioner.public_id), said=_("停诊已取消，号重新放出"))


def _url(staff: UUID) -> str:
    return reverse("booking:schedule-detail", args=[staff])


def _show(
    request: StaffRequest,
    at: Here,
    staff: UUID,
    *,
    line_form: LineForm | None = None,
    leave_form: LeaveForm | None = None,
) -> HttpResponse:
    doctor = directory.get_staff(actor=at.actor, public_id=staff)
    lines = list(queries.list_schedules(actor=at.actor, practitioner_id=doctor.pk))
    line_form, leave_form = (
        line_form or LineForm(auto_id="line_%s"),
        leave_form or LeaveForm(auto_id="leave_%s"),
    )
    context = {
        "doctor": doctor,
        "week": [(label, [line for line in lines if line.weekday == n]) for n, label in enumerate(WEEKDAYS)],
        "has_lines": bool(lines),
        "leaves": list(queries.list_leaves(actor=at.actor, practitioner_id=doctor.pk, ends_after=at.now)),
        "stranded": queries.list_stranded(actor=at.actor, practitioner_id=doctor.pk, now=at.now),
        "line_form": line_form,
        "leave_form": leave_form,
    }
    status = 422 if line_form.errors or leave_form.errors else 200
    return render_page(request, "booking/schedule_detail.html", context, status=status)
