"""Those who work in the hospital, and their teams."""

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
from xinglin.directory.forms import StaffForm, TeamForm
from xinglin.directory.forms.base import submitted
from xinglin.directory.permissions import Permission
from xinglin.directory.views.helpers import opened

ACTIVE = {"": None, "active": True, "ended": False}


@require_GET
@access(Permission.VIEW_USER)
def staff_list(request: StaffRequest) -> HttpResponse:
    """Colleagues by name; a row opens beside the list."""
    actor, wanted = request.actor, request.GET
    state, kind, search = wanted.get("state", "active"), wanted.get("kind", ""), wanted.get("q", "").strip()
    department = next(
        (d for d in queries.list_departments(actor, is_open=None) if d.code == wanted.get("department")), None
    )
    rows = queries.list_staff(
        actor,
        search=search,
        department_id=department.pk if department else None,
        is_active=ACTIVE.get(state, True),
        is_practitioner=True if kind == "practitioner" else None,
    )
    context = {
        "page": paginate(request, rows, order=("name", "id")),
        "teams": queries.list_teams(actor),
        "departments": queries.list_departments(actor),
        "department": department,
        "state": state,
        "kind": kind,
        "q": search,
        "person": opened(request, lambda key: queries.get_staff(actor=actor, public_id=key)),
        "can_edit": actor.can(Permission.EDIT_USER),
    }
    return render_page(request, "directory/staff_list.html", context)


@require_GET
@access(Permission.VIEW_USER)
def staff_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One colleague; a panel inside the list, a page by itself."""
    context = {
        "person": queries.get_staff(actor=request.actor, public_id=public_id),
        "can_edit": request.actor.can(Permission.EDIT_USER),
    }
    return render_page(request, "directory/staff_detail.html", context, part="panel")


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_USER)
def staff_create(request: StaffRequest) -> HttpResponse:
    """A new colleague."""
    form = StaffForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and submitted(
        form, lambda: actions.create_staff(actor=request.actor, now=timezone.now(), **form.cleaned_data)
    ):
        messages.success(request, _("已新增职员「%(name)s」") % {"name": form.cleaned_data["name"]})
        return redirect("directory:staff-list")
    return _form(request, form, title=_("新增职员"))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_USER)
def staff_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Change somebody's facts, or end their work here."""
    person = queries.get_staff(actor=request.actor, public_id=public_id)
    initial = {name: getattr(person, name) for name in StaffForm.base_fields}
    form = StaffForm(request.POST or None, actor=request.actor, initial=initial)
    if request.method == "POST" and submitted(
        form,
        lambda: actions.update_staff(
            actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
        ),
    ):
        messages.success(request, _("职员「%(name)s」已保存") % {"name": form.cleaned_data["name"]})
        return redirect("directory:staff-detail", public_id)
    return _form(request, form, title=person.name)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_USER)
def team_create(request: StaffRequest) -> HttpResponse:
    """A new team."""
    form = TeamForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and submitted(
        form, lambda: actions.create_team(actor=request.actor, now=timezone.now(), **form.cleaned_data)
    ):
        messages.success(request, _("已新增小组「%(name)s」") % {"name": form.cleaned_data["name"]})
        return redirect("directory:staff-list")
    return _form(request, form, title=_("新增小组"))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_USER)
def team_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Another name or another lead."""
    team = queries.get_team(actor=request.actor, public_id=public_id)
    form = TeamForm(request.POST or None, actor=request.actor, initial={"name": team.name, "lead": team.lead})
    if request.method == "POST" and submitted(
        form,
        lambda: actions.update_team(
            actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
        ),
    ):
        messages.success(request, _("小组「%(name)s」已保存") % {"name": form.cleaned_data["name"]})
        return redirect("directory:staff-list")
    return _form(request, form, title=team.name)


def _form(request: StaffRequest, form: StaffForm | TeamForm, *, title: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": "directory:staff-list"}
    return render(request, "directory/simple_form.html", context, status=422 if form.errors else 200)
