"""Campuses and departments."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.paging import paginate
from xinglin.directory import actions, queries
from xinglin.directory.forms import CampusForm, DepartmentForm
from xinglin.directory.forms.base import submitted
from xinglin.directory.models import Campus, Department
from xinglin.directory.permissions import Permission

FORM = "directory/simple_form.html"
OPEN = {"": None, "open": True, "closed": False}


@require_GET
@access(Permission.EDIT_ORGANIZATION)
def department_list(request: StaffRequest) -> HttpResponse:
    """Departments by code, with the campuses above them."""
    state, search = request.GET.get("state", "open"), request.GET.get("q", "").strip()
    rows = queries.list_departments(request.actor, is_open=OPEN.get(state, True), search=search)
    context = {
        "page": paginate(request, rows, order=("code", "id"), size=100),
        "campuses": queries.list_campuses(request.actor),
        "state": state,
        "q": search,
    }
    return render_page(request, "directory/department_list.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_ORGANIZATION)
def department_create(request: StaffRequest) -> HttpResponse:
    """A new department."""
    form = DepartmentForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and submitted(
        form, lambda: actions.create_department(actor=request.actor, now=timezone.now(), **form.cleaned_data)
    ):
        messages.success(request, _("已新增科室「%(name)s」") % {"name": form.cleaned_data["name"]})
        return redirect("directory:department-list")
    return _form(request, form, title=_("新增科室"))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_ORGANIZATION)
def department_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Change, close or open a department."""
    department = queries.get_department(actor=request.actor, public_id=public_id)
    form = DepartmentForm(
        request.POST or None,
        actor=request.actor,
        this=department.pk,
        initial=_initial(DepartmentForm, department),
    )
    if request.method == "POST" and submitted(
        form,
        lambda: actions.update_department(
            actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
        ),
    ):
        messages.success(request, _("科室「%(name)s」已保存") % {"name": form.cleaned_data["name"]})
        return redirect("directory:department-list")
    return _form(request, form, title=department.name)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_ORGANIZATION)
def campus_create(request: StaffRequest) -> HttpResponse:
    """A new campus."""
    form = CampusForm(request.POST or None)
    if request.method == "POST" and submitted(
        form, lambda: actions.create_campus(actor=request.actor, now=timezone.now(), **form.cleaned_data)
    ):
        messages.success(request, _("已新增院区「%(name)s」") % {"name": form.cleaned_data["name"]})
        return redirect("directory:department-list")
    return _form(request, form, title=_("新增院区"))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_ORGANIZATION)
def campus_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Change, close or open a campus."""
    campus = queries.get_campus(actor=request.actor, public_id=public_id)
    form = CampusForm(request.POST or None, initial=_initial(CampusForm, campus))
    if request.method == "POST" and submitted(
        form,
        lambda: actions.update_campus(
            actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
        ),
    ):
        messages.success(request, _("院区「%(name)s」已保存") % {"name": form.cleaned_data["name"]})
        return redirect("directory:department-list")
    return _form(request, form, title=campus.name)


def _initial(form: type[CampusForm | DepartmentForm], row: Campus | Department) -> dict[str, object]:
    return {name: getattr(row, name) for name in form.base_fields}


def _form(request: StaffRequest, form: CampusForm | DepartmentForm, *, title: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": "directory:department-list"}
    return render(request, FORM, context, status=422 if form.errors else 200)
