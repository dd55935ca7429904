"""The local sink's inbox: what would have left, for people who develop or try Xinglin."""

import re

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.paging import paginate
from xinglin.outreach import queries
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.choices import CHANNEL_LABELS

_READING_MARK = re.compile(r'<img src="[^"]*/o/[^"]+"[^>]*>')


def _only_with_the_sink() -> None:
    if not settings.SINK:
        raise Http404


@require_GET
@access(Permission.VIEW_MESSAGE)
def inbox_list(request: StaffRequest) -> HttpResponse:
    _only_with_the_sink()
    channel = request.GET.get("channel", "")
    rows = queries.list_inbox(request.actor, channel=channel if channel in CHANNEL_LABELS else "")
    opened = request.GET.get("open", "")
    page = paginate(request, rows, order=("-id",), size=30)
    context = {
        "page": page,
        "trials": queries.trials_among(page),
        "channel": channel,
        "channels": CHANNEL_LABELS.items(),
        "labels": CHANNEL_LABELS,
    }
    if opened.isdecimal():
        context["message"] = queries.get_inbox_message(request.actor, int(opened))
        context["open"] = int(opened)
    return render_page(request, "outreach/inbox.html", context)


@require_GET
@access(Permission.VIEW_MESSAGE)
def inbox_detail(request: StaffRequest, message_id: int) -> HttpResponse:
    _only_with_the_sink()
    message = queries.get_inbox_message(request.actor, message_id)
    return render_page(request, "outreach/inbox_detail.html", {"message": message}, part="panel")


@require_GET
@xframe_options_sameorigin
@access(Permission.VIEW_MESSAGE)
def inbox_body(request: StaffRequest, message_id: int) -> HttpResponse:
    """The mail as its reader sees it: in a sandbox, nothing may run, be loaded or be sent from it."""
    _only_with_the_sink()
    message = queries.get_inbox_message(request.actor, message_id)
    response = HttpResponse(_READING_MARK.sub("", message.html or ""))
    response["Content-Security-Policy"] = (
        "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    response["Referrer-Policy"] = "no-referrer"
    return response
