"""Putting a journey to work, holding it, ending it; its people from one version to another."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import Conflict, Invalid
from xinglin.journeys import actions
from xinglin.journeys.forms.journeys import MoveForm
from xinglin.journeys.permissions import Permission


def _to(public_id: UUID, name: str = "detail") -> HttpResponse:
    return HttpResponseRedirect(reverse(f"journeys:{name}", args=[public_id]))


@require_POST
@access(Permission.RUN_JOURNEY)
def launch_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The draft goes live; what is missing is shown on the check's page."""
    try:
        version = actions.go_live(actor=request.actor, public_id=public_id, now=timezone.now())
    except Conflict as error:
        messages.error(request, str(error))
        return _to(public_id, "check")
    messages.success(request, _("第 %(n)s 版已上线，从现在起有人进来") % {"n": version.number})
    return _to(public_id)


@require_POST
@access(Permission.RUN_JOURNEY)
def pause_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    actions.pause_journey(actor=request.actor, public_id=public_id, reason=reason, now=timezone.now())
    messages.success(request, _("已暂停：每个人都停在原处，没发的不发，一个也不丢"))
    return _to(public_id)


@require_POST
@access(Permission.RUN_JOURNEY)
def resumption_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.resume_journey(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("接着走：暂停期间到时间的，现在补上"))
    return _to(public_id)


@require_POST
@access(Permission.RUN_JOURNEY)
def ending_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Nobody enters any more; people inside finish, or leave where they stand."""
    take_out = request.POST.get("take_out") == "on"
    actions.end_journey(
        actor=request.actor,
        public_id=public_id,
        reason=request.POST.get("reason", ""),
        take_out=take_out,
        now=timezone.now(),
    )
    done = _("已结束，在里面的人都会请出去") if take_out else _("已结束：不再有人进来，在里面的人走完为止")
    messages.success(request, done)
    return _to(public_id)


@require_POST
@access(Permission.RUN_JOURNEY)
def move_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Everybody inside an older version to the same step of the version in force."""
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Invalid
    found = actions.move_people(
        actor=request.actor, public_id=public_id, number=form.cleaned_data["number"], now=timezone.now()
    )
    messages.success(request, _("移了 %(moved)s 人；%(stayed)s 人所在的那一步新版里没有，在旧版走完") % found)
    return _to(public_id, "versions")
