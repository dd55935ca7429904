"""What people wrote back, and who has seen to it."""

from typing import Any
from uuid import UUID

from django.contrib import messages as toasts
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.paging import paginate
from xinglin.outreach import actions, queries
from xinglin.outreach.permissions import Permission

#: The tabs: code, label, what ``list_replies`` is asked.
TABS: dict[str, tuple[Any, dict[str, bool]]] = {
    "open": (gettext_lazy("待处理"), {"is_open": True}),
    "all": (gettext_lazy("全部"), {}),
    "refusals": (pgettext_lazy("触达", "退订"), {"is_refusal": True}),
    "others": (gettext_lazy("其他回复"), {"is_refusal": False}),
    "done": (gettext_lazy("已处理"), {"is_open": False}),
}


def _asked(request: StaffRequest) -> str:
    show = request.GET.get("show", "")
    return show if show in TABS else "open"


@require_GET
@access(Permission.VIEW_MESSAGE)
def reply_list(request: StaffRequest) -> HttpResponse:
    """Replies, newest first; those that wait for a colleague unless others are asked for."""
    show = _asked(request)
    page = paginate(request, queries.list_replies(request.actor, **TABS[show][1]), order=("-id",), size=50)
    context = {
        "page": page,
        "rows": queries.with_answered(request.actor.organization_id or 0, page),
        "show": show,
        "tabs": [(code, label) for code, (label, _asked) in TABS.items()],
        "waiting": queries.count_open_replies(request.actor),
        "may_handle": request.actor.can(Permission.RESOLVE_MESSAGE),
        "may_set_up": request.actor.can(Permission.EDIT_PROVIDER),
        "named": True,
    }
    return render_page(request, "outreach/reply_list.html", context)


@require_POST
@access(Permission.RESOLVE_MESSAGE)
def handling_create(request: StaffRequest) -> HttpResponse:
    """Mark the chosen replies as seen to, or open them again."""
    show, is_handled = _asked(request), request.POST.get("do") != "reopen"
    if request.POST.get("all") == "1":
        rows = queries.list_replies(request.actor, **TABS[show][1])
        ids = list(rows.values_list("public_id", flat=True)[:10_000])
    else:
        ids = [UUID(value) for value in request.POST.getlist("ids") if len(value) == 36]
    count = actions.mark_replies(
        actor=request.actor, public_ids=ids, is_handled=is_handled, now=timezone.now()
    )
    if not count:
        toasts.error(request, _("没有可以处理的回复，先选几条"))
    elif is_handled:
        toasts.success(request, ngettext("%(n)s 条已处理", "%(n)s 条已处理", count) % {"n": count})
    else:
        toasts.success(request, ngettext("%(n)s 条改回待处理", "%(n)s 条改回待处理", count) % {"n": count})
    return HttpResponseRedirect(f"{reverse('outreach:reply-list')}?show={show}")
