"""The record of messages, and those that wait for a person's decision."""

from django.contrib import messages as toasts
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.paging import paginate
from xinglin.outreach import actions, queries
from xinglin.outreach.models import Message
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.choices import CHANNEL_LABELS
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.patients.permissions import Permission as PatientPermission

STAGES = {
    "plan": gettext_lazy("排队时"),
    "again": gettext_lazy("排队以后"),
    "claim": gettext_lazy("发出前再问一次"),
}


@require_GET
@access(Permission.VIEW_MESSAGE)
def message_list(request: StaffRequest) -> HttpResponse:
    state, channel = request.GET.get("state", ""), request.GET.get("channel", "")
    state = state if state in Message.State.values else ""
    channel = channel if channel in CHANNEL_LABELS else ""
    who = request.GET.get("q", "").strip() if request.actor.can(PatientPermission.VIEW_PATIENT) else ""
    rows = queries.list_messages(request.actor, state=state, channel=channel, who=who)
    opened = request.GET.get("open", "")
    context = {
        "page": paginate(request, rows, order=("-id",), size=50),
        "state": state,
        "channel": channel,
        "q": who,
        "may_find": request.actor.can(PatientPermission.VIEW_PATIENT),
        "kept": {name: value for name, value in (("state", state), ("channel", channel)) if value},
        "states": Message.State.choices,
        "channels": CHANNEL_LABELS.items(),
        "rules": rules_for(request.actor.organization_id),
        "waiting": queries.count_waiting(request.actor),
        "open": int(opened) if opened.isdecimal() else 0,
    }
    if context["open"]:
        context |= _one(request, int(opened))
    return render_page(request, "outreach/message_list.html", context)


def _one(request: StaffRequest, message_id: int) -> dict[str, object]:
    message = queries.get_message(request.actor, message_id)
    rules = rules_for(message.organization_id)
    judgements = [
        {
            "judgement": judgement,
            "stage": STAGES[judgement.stage],
            "is_plain": judgement.stage == "claim" and not judgement.reason,
            "waits": judgement.reason == "quiet_hours" and judgement.stage == "claim",
            "refusal": _refusal(judgement.reason, rules),
            "checks": [
                {"label": line.label, "outcome": "pass" if line.is_passed else "fail"}
                for line in judgement.checks
            ],
            "failed": [line for line in judgement.checks if not line.is_passed],
        }
        for judgement in queries.judgements_of(message)
    ]
    return {
        "message": message,
        "judgements": judgements,
        "replies": queries.replies_to(request.actor, message),
    }


def _refusal(reason: str, rules: object) -> str:
    check = rules.check(reason) if reason else None  # type: ignore[attr-defined]
    return check.refusal if check else reason


@require_GET
@access(Permission.VIEW_MESSAGE)
def message_detail(request: StaffRequest, message_id: int) -> HttpResponse:
    context = _one(request, message_id)
    return render_page(request, "outreach/message_detail.html", context, part="panel")


@require_GET
@access(Permission.VIEW_MESSAGE)
def unresolved_list(request: StaffRequest) -> HttpResponse:
    """Messages nobody can vouch for, and dead letters."""
    state = "failed" if request.GET.get("state") == "failed" else "unconfirmed"
    rows = queries.list_messages(request.actor, state=state)
    context = {
        "page": paginate(request, rows, order=("-id",), size=50),
        "state": state,
        "counts": queries.count_waiting(request.actor),
        "may_resolve": request.actor.can(Permission.RESOLVE_MESSAGE),
    }
    return render_page(request, "outreach/unresolved_list.html", context)


@require_POST
@access(Permission.RESOLVE_MESSAGE)
def resolution_create(request: StaffRequest) -> HttpResponse:
    """Settle the chosen ones, or all that can be."""
    state = "failed" if request.GET.get("state") == "failed" else "unconfirmed"
    here = HttpResponseRedirect(f"{reverse('outreach:unresolved-list')}?state={state}")
    is_sent = request.POST.get("do") == "sent"
    if request.POST.get("all") == "1":
        found = queries.list_messages(request.actor, state=state).order_by("id")
        found = found if is_sent else found.exclude(campaign__status="cancelled")
        ids = list(found.values_list("pk", flat=True)[:10_000])
    else:
        ids = [int(value) for value in request.POST.getlist("ids") if value.isdecimal()]
    action = actions.mark_sent if is_sent else actions.send_again
    try:
        count = action(actor=request.actor, message_ids=ids, now=timezone.now())
    except actions.CampaignCancelled as error:
        toasts.error(request, str(error))
        return here
    text = ngettext("已处理 %(n)s 条", "已处理 %(n)s 条", count) % {"n": count}
    toasts.success(request, text if count else _("没有可以处理的消息"))
    return here
