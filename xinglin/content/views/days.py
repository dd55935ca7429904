"""Columns as they change, and days of the hospital's own, from the calendar."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.content import actions, queries
from xinglin.content.forms import ColumnForm, ThemeForm
from xinglin.content.models import HospitalTheme
from xinglin.content.permissions import Permission
from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PLAN)
def column_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Another name, rhythm or channel."""
    row = queries.get_column(actor=request.actor, public_id=public_id)
    initial = {name: getattr(row, name) for name in ColumnForm.base_fields}
    form = ColumnForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_column(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("栏目「%(name)s」已保存") % {"name": form.cleaned_data["name"]})
            return redirect("content:calendar")
    return _form(request, form, title=row.name)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PLAN)
def theme_create(request: StaffRequest) -> HttpResponse:
    """A new day of the hospital's own; ``day`` in the address proposes one."""
    form = ThemeForm(request.POST or None, initial={"day": request.GET.get("day", "")})
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.save_theme(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            return _saved(request, row)
    return _form(request, form, title=_("加一个本院主题日"))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PLAN)
def theme_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Another name, day or note."""
    row = queries.get_theme(actor=request.actor, public_id=public_id)
    initial = {name: getattr(row, name) for name in ThemeForm.base_fields}
    form = ThemeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.save_theme(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            blame(form, error)
        else:
            return _saved(request, row)
    return _form(request, form, title=row.name, theme=row)


@require_POST
@access(Permission.EDIT_PLAN)
def theme_remove(request: StaffRequest, public_id: UUID) -> HttpResponse:
    row = queries.get_theme(actor=request.actor, public_id=public_id)
    actions.remove_theme(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("「%(name)s」已从日历拿掉") % {"name": row.name})
    return redirect("content:calendar")


def _saved(request: StaffRequest, row: HospitalTheme) -> HttpResponse:
    """Back to the month in which the day comes next."""
    messages.success(request, _("「%(name)s」已在日历上") % {"name": row.name})
    response = redirect("content:calendar")
    response["Location"] += f"?at={_next(row, timezone.localdate()).isoformat()}"
    return response


def _next(row: HospitalTheme, today: date) -> date:
    """The day itself, or the first of its month when it comes round again."""
    if not row.is_yearly or row.day >= today:
        return row.day
    year = today.year + ((row.day.month, row.day.day) < (today.month, today.day))
    return date(year, row.day.month, 1)


def _form(
    request: StaffRequest, form: ColumnForm | ThemeForm, *, title: str, theme: HospitalTheme | None = None
) -> HttpResponse:
    context = {"form": form, "title": title, "theme": theme}
    return render(request, "content/day_form.html", context, status=422 if form.errors else 200)
