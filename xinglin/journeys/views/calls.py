"""What a journey told other systems."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import Conflict
from xinglin.core.paging import paginate
from xinglin.journeys import actions, queries
from xinglin.journeys.models import WebhookCall
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import wording
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules import words


@require_GET
@access(Permission.VIEW_JOURNEY)
def call_list(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The calls of one journey, newest first."""
    return _list(request, public_id)


def _list(request: StaffRequest, public_id: UUID, secret: str = "") -> HttpResponse:
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    state = request.GET.get("state", "")
    rows = queries.list_calls(actor=request.actor, journey=journey, state=state)
    page = paginate(request, rows, order=("-id",), size=50)
    graphs = {
        version.pk: drawing.read(version.graph)
        for version in queries.list_versions(journey).filter(pk__in={row.node.version_id for row in page})
    }
    names = wording.names_for(request.actor, graphs.values(), now=timezone.now())
    for row in page:
        said = words.say(graphs[row.node.version_id].nodes[row.node.key], names)
        row.said = f"{said.title} · {said.note}" if said.note else said.title
    context = {
        "journey": journey,
        "page": page,
        "state": state,
        "states": WebhookCall.State.choices,
        "may_run": request.actor.can(Permission.RUN_JOURNEY),
        "secret": secret,
    }
    return render_page(request, "journeys/call_list.html", context)


@require_POST
@access(Permission.RUN_JOURNEY)
def call_retry(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """All failed ones once more."""
    try:
        count = actions.retry_calls(actor=request.actor, public_id=public_id, now=timezone.now())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(n)s 条会再发一次") % {"n": count})
    return HttpResponseRedirect(reverse("journeys:calls", args=[public_id]))


@require_POST
@access(Permission.RUN_JOURNEY)
def secret_renew(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """A new secret, shown on this answer and never again."""
    secret = actions.renew_secret(actor=request.actor, public_id=public_id, now=timezone.now())
    return _list(request, public_id, secret)
