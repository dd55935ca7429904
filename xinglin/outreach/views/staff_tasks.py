"""WeCom messages that colleagues release, and posts to groups that a second person allows first."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.outreach import actions, queries
from xinglin.outreach.forms.providers import GroupDecisionForm, GroupPostForm
from xinglin.outreach.models import StaffTask
from xinglin.outreach.permissions import Permission

Status = StaffTask.Status
#: The tabs; the others are passed through within minutes.
SHOWN = (
    Status.ASKED, Status.WAITING, Status.SENT, Status.EXPIRED, Status.REPLACED, Status.WITHDRAWN,
    Status.RETURNED,
)  # fmt: skip


@require_GET
@access(Permission.VIEW_MESSAGE)
def staff_task_list(request: StaffRequest) -> HttpResponse:
    """WeCom mass messages: released, waiting, expired."""
    status = request.GET.get("status", "")
    status = status if status in StaffTask.Status.values else ""
    rows = queries.list_staff_tasks(request.actor, status=status)
    may_decide = request.actor.can(Permission.APPROVE_TEMPLATE)
    context = {
        "page": paginate(request, rows, order=("-id",), size=50),
        "status": status,
        "statuses": [(one.value, one.label) for one in SHOWN],
        "to_decide": queries.list_group_posts_to_decide(request.actor)[:100].count() if may_decide else 0,
        "may_post": request.actor.can(Permission.START_CAMPAIGN),
        "has_account": queries.has_account(request.actor.organization_id or 0, channel="wecom"),
        "may_set_up": request.actor.can(Permission.EDIT_PROVIDER),
    }
    return render_page(request, "outreach/staff_task_list.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.START_CAMPAIGN)
def group_post_create(request: StaffRequest) -> HttpResponse:
    """Ask for a post to WeCom customer groups; a second colleague allows it."""
    form = GroupPostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.post_to_groups(
                actor=request.actor, text=data["text"], chats=data["chats"].splitlines(),
                sender=data["sender"], now=timezone.now(),
            )  # fmt: skip
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("等另一位同事复核；通过后交给企业微信，再由群主在手机上点发送"))
            return HttpResponseRedirect(reverse("outreach:staff-task-list"))
    status = 422 if form.is_bound and form.errors else 200
    return render_page(request, "outreach/group_post_form.html", {"form": form}, status=status)


@require_GET
@access(Permission.VIEW_MESSAGE)
def staff_task_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The whole text, to whom, and by whom; a post to groups is allowed or returned here."""
    return _page(request, public_id, GroupDecisionForm(), 200)


def _page(request: StaffRequest, public_id: UUID, form: GroupDecisionForm, status: int) -> HttpResponse:
    task = queries.get_staff_task(request.actor, public_id)
    is_asked = task.status == Status.ASKED
    is_own = task.created_by_id == request.actor.user_id
    may = request.actor.can(Permission.APPROVE_TEMPLATE)
    context = {
        "one": task,
        "form": form,
        "is_own": is_asked and is_own and may,
        "may_decide": is_asked and may and not is_own,
    }
    return render_page(request, "outreach/staff_task_detail.html", context, status=status)


@require_POST
@access(Permission.APPROVE_TEMPLATE, Permission.VIEW_MESSAGE)
def group_post_decide(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Let a post to groups go, or return it with a reason."""
    form = GroupDecisionForm(request.POST)
    if form.is_valid():
        is_allowed = form.cleaned_data["decision"] == "allow"
        try:
            actions.decide_group_post(
                actor=request.actor, public_id=public_id, is_allowed=is_allowed,
                reason=form.cleaned_data["reason"], now=timezone.now(),
            )  # fmt: skip
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("已同意，交给企业微信") if is_allowed else _("已退回"))
            return HttpResponseRedirect(reverse("outreach:staff-task-list"))
    return _page(request, public_id, form, 422)
