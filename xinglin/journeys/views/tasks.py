"""What journeys ask colleagues to do."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, NotFound
from xinglin.core.paging import paginate
from xinglin.journeys import actions, queries
from xinglin.journeys.forms.journeys import TaskForm
from xinglin.journeys.models import JourneyTask
from xinglin.journeys.permissions import Permission


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


def _list(request: StaffRequest, task: JourneyTask | None, form: TaskForm) -> HttpResponse:
    asked = request.GET.get("status", "open")
    status = asked if asked in JourneyTask.Status.values else "open"
    page = paginate(
        request, queries.list_tasks(actor=request.actor, status=status), order=("due_at", "id"), size=50
    )
    opened = request.GET.get("open", "")
    task = next((row for row in page if str(row.public_id) == opened), task)
    context = {
        "page": page,
        "status": status,
        "statuses": JourneyTask.Status.choices,
        "now": timezone.now(),
        "task": task,
        "form": form,
        "is_open": task is not None and task.status == "open",
    }
    return render_page(request, "journeys/task_list.html", context)
