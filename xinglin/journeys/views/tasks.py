"""What journeys ask colleagues to do."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, Invalid, NotFound
from xinglin.core.paging import paginate
from xinglin.journeys import actions, queries
from xinglin.journeys.forms.journeys import TaskForm
from xinglin.journeys.models import JourneyTask
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import assignees
from xinglin.patients.permissions import Permission as PatientPermission


@require_GET
@access(Permission.DO_TASK)
def task_list(request: StaffRequest) -> HttpResponse:
    """Tasks by state, the most urgent first."""
    return _list(request, None, TaskForm())


@require_http_methods(["GET", "POST"])
@access(Permission.DO_TASK)
def task_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One task and what came of it."""
    task = queries.list_tasks(actor=request.actor).filter(public_id=public_id).first()
    if task is None:
        raise NotFound
    _name_holders([task])
    form = TaskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        dropped, note = form.cleaned_data["outcome"] == "dropped", form.cleaned_data["note"]
        try:
            actions.finish_task(
                actor=request.actor, public_id=public_id, note=note, dropped=dropped, now=timezone.now()
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("记下了"))
        return HttpResponseRedirect(reverse("journeys:task-list"))
    context = {"task": task, "form": form, "is_open": task.status == "open"}
    status = 422 if form.errors else 200
    return render_page(request, "journeys/task_detail.html", context, part="panel", status=status)


@require_POST
@access(Permission.DO_TASK)
def task_batch(request: StaffRequest) -> HttpResponse:
    """Finish the chosen tasks, or all that the filters in the address let through."""
    rows = queries.list_tasks(actor=request.actor, **_asked(request))
    if request.POST.get("all") != "1":
        rows = rows.filter(pk__in=[one for one in request.POST.getlist("ids") if one.isdecimal()])
    dropped = request.POST.get("do") == "dropped"
    back = HttpResponseRedirect(f"{reverse('journeys:task-list')}?{request.GET.urlencode()}")
    try:
        count = actions.finish_tasks(
            actor=request.actor,
            tasks=rows,
            note=request.POST.get("note", ""),
            dropped=dropped,
            now=timezone.now(),
        )
    except Invalid as error:
        messages.error(request, next(iter(error.fields.values()))[0])
        return back
    text = ngettext("%(n)s 项任务记下了", "%(n)s 项任务记下了", count) % {"n": f"{count:,}"}
    messages.success(request, text) if count else messages.error(request, _("先选几项任务"))
    return back


def _name_holders(tasks: Iterable[Any]) -> None:
    """Put who does each task now beside it."""
    rows = list(tasks)
    holders = assignees.holders_of(rows)
    for task in rows:
        task.holder = holders[task.pk]


def _asked(request: StaffRequest) -> dict[str, Any]:
    """The filters in the address: state, journey, whose to do, and about whom."""
    status, journey = request.GET.get("status", "open"), request.GET.get("journey", "")
    found: dict[str, Any] = {"status": status if status in JourneyTask.Status.values else "open"}
    found["is_mine"] = request.GET.get("mine") == "1"
    if request.actor.can(PatientPermission.VIEW_PATIENT):
        found["who"] = request.GET.get("q", "").strip()
    with suppress(ValueError):
        found["journey"] = UUID(journey) if journey else None
    return found


def _list(request: StaffRequest, task: JourneyTask | None, form: TaskForm) -> HttpResponse:
    asked = _asked(request)
    status = asked["status"]
    page = paginate(
        request, queries.list_tasks(actor=request.actor, **asked), order=("due_at", "id"), size=50
    )
    _name_holders(page)
    opened = request.GET.get("open", "")
    task = next((row for row in page if str(row.public_id) == opened), task)
    context = {
        "page": page,
        "status": status,
        "q": asked.get("who", ""),
        "may_find": "who" in asked,
        "journey": asked.get("journey"),
        "is_mine": asked["is_mine"],
        "journeys": queries.journeys_with_tasks(actor=request.actor, status=status, is_mine=asked["is_mine"]),
        "kept": {
            "status": status,
            **({"journey": asked["journey"]} if asked.get("journey") else {}),
            **({"mine": "1"} if asked["is_mine"] else {}),
        },
        "statuses": JourneyTask.Status.choices,
        "now": timezone.now(),
        "task": task,
        "form": form,
        "is_open": task is not None and task.status == "open",
    }
    return render_page(request, "journeys/task_list.html", context)
