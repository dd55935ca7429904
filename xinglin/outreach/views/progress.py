"""One campaign: its pre-flight, its progress, the people behind each number."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.models import Job
from xinglin.core.paging import paginate
from xinglin.outreach import actions, queries
from xinglin.outreach.models import Campaign
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.views.campaigns import steps_of


def _to(campaign_id: UUID, name: str = "campaign-detail") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"outreach:{name}", args=[campaign_id]))


def _lines(campaign: Campaign, reasons: dict[str, int]) -> list[dict[str, Any]]:
    """One line a reason, in the gate's order, with its words and its share of the longest."""
    rules = rules_for(campaign.organization_id)
    longest = max(reasons.values(), default=1) or 1
    found = []
    for code in sorted(reasons, key=[check.code for check in rules.checks].index):
        people, check = reasons[code], rules.check(code)
        found.append(
            {
                "code": code,
                "label": check.refusal if check else code,
                "citation": check.citation if check else "",
                "people": people,
                "share": people * 100 / longest,
                "url": reverse("outreach:campaign-people", args=[campaign.public_id, code]),
            }
        )
    return found


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_CAMPAIGN)
def preflight(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """What would happen: who gets it, who not and why, what it costs. POST works it out anew."""
    campaign = queries.get_campaign(request.actor, public_id)
    if request.method == "POST":
        try:
            actions.request_preflight(actor=request.actor, public_id=public_id, now=timezone.now())
        except DomainError as error:
            texts = [text for some in error.fields.values() for text in some]
            messages.error(request, "；".join(texts) or str(error))
        return _to(public_id, "campaign-preflight")
    if campaign.status != Campaign.Status.DRAFT:
        return _to(public_id)
    found = campaign.preflight
    job = Job.objects.filter(public_id=campaign.job_id).first() if campaign.job_id else None
    reasons = found.get("reasons", {})
    parts = [
        {"label": _("会发"), "value": found.get("send", 0), "color": "c1"},
        {"label": _("等对比结果"), "value": found.get("waiting", 0), "color": "c2"},
        {"label": _("对照"), "value": found.get("holdout", 0), "color": "c3"},
        {"label": _("不发"), "value": sum(reasons.values()), "color": "c6"},
    ]
    context = {
        "campaign": campaign,
        "steps": steps_of(campaign),
        "number": 5,
        "job": job if job is not None and not (job.is_finished and found) else None,
        "found": found,
        "lines": _lines(campaign, reasons),
        "parts": parts,
        "is_exact": found.get("planned") == sum(part["value"] for part in parts),
        "at_night": found.get("held", 0) - found.get("best_hour", 0),
        "refused": sum(reasons.values()),
        "own": queries.own_channels(campaign),
        "rules": rules_for(campaign.organization_id),
        "wordings": _groups(campaign, found),
        "may_edit": request.actor.can(Permission.EDIT_CAMPAIGN),
        "may_start": request.actor.can(Permission.START_CAMPAIGN),
        "frozen": queries.find_freeze(request.actor.organization_id),
        "quotas": queries.channel_quotas(campaign, now=timezone.now()),
        "costs": queries.channel_costs(campaign),
        "notes": queries.channel_notes(campaign, now=timezone.now()),
    }
    return render_page(request, "outreach/campaign_preflight.html", context)


@require_GET
@access(Permission.VIEW_CAMPAIGN)
def campaign_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    campaign = queries.get_campaign(request.actor, public_id)
    if campaign.status == Campaign.Status.DRAFT:
        return _to(public_id, "campaign-preflight" if campaign.template_version_id else "campaign-wording")
    account = queries.account_of(campaign)
    before = campaign.preflight.get("reasons", {})
    lines = _lines(campaign, {**dict.fromkeys(before, 0), **account.reasons})
    settled = campaign.planned_at and not account.pending and not account.waiting
    for line in lines:
        line["before"] = before.get(line["code"], 0)
        line["change"] = line["people"] - line["before"]
    context = {
        "campaign": campaign,
        "account": account,
        "reactions": queries.reactions_of(campaign),
        "lines": lines,
        "before": campaign.preflight,
        "changes": {
            name: getattr(account, part) - campaign.preflight.get(name, 0) if settled else 0
            for name, part in (("send", "sent"), ("holdout", "holdout"))
        },
        "after": [
            {"code": code, "label": label, "people": number,
             "url": reverse("outreach:campaign-people", args=[campaign.public_id, code])}
            for code, label, number in (
                ("pending", _("等着发"), account.pending),
                ("waiting", _("等对比结果，再发最好的那一种"), account.waiting),
                ("unconfirmed", _("未确认"), account.unconfirmed),
                ("failed", _("没有送到"), account.failed),
                ("cancelled", _("已取消"), account.cancelled),
            )
            if number
        ],
        "parts": [
            {"label": _("已发出"), "value": account.sent, "color": "c1"},
            {"label": _("对照"), "value": account.holdout, "color": "c3"},
            {"label": _("等着发"), "value": account.pending + account.waiting, "color": "c2"},
            {"label": _("未确认、没送到、已取消"), "value": account.unsettled, "color": "c4"},
            {"label": _("没有发"), "value": account.refused, "color": "c6"},
        ],
        "frozen": queries.find_freeze(request.actor.organization_id),
        "may_start": request.actor.can(Permission.START_CAMPAIGN),
        "is_live": campaign.status == "running" or (campaign.status == "cancelled" and account.pending),
        "result_url": _result_url(campaign),
        "wordings": queries.wording_results(campaign),
        "occasions": queries.list_occasions(campaign),
    }  # fmt: skip
    return render_page(request, "outreach/campaign_detail.html", context, part="live")


def _groups(campaign: Campaign, found: dict[str, Any]) -> list[tuple[str, str, int]]:
    """(letter, template, people) of each wording, as the pre-flight found them."""
    people = found.get("variants", {})
    return [
        (one.letter, str(one.template_version), people.get(str(one.number), 0))
        for one in campaign.variants.select_related("template_version__template")
    ]


def _result_url(campaign: Campaign) -> str:
    """The page that compares with the holdout, where that module is installed."""
    try:
        return reverse("insights:campaign-result", args=[campaign.public_id])
    except NoReverseMatch:
        return ""


@require_POST
@access(Permission.START_CAMPAIGN)
def launch_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    try:
        campaign = actions.start_campaign(
            actor=request.actor,
            public_id=public_id,
            preflight_hash=request.POST.get("preflight", ""),
            now=timezone.now(),
        )
    except actions.PreflightStale as error:
        messages.error(request, str(error))
        return _to(public_id, "campaign-preflight")
    messages.success(request, _("「%(name)s」开始发送") % {"name": campaign.name})
    return _to(public_id)


@require_POST
@access(Permission.START_CAMPAIGN)
def pause_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.pause_campaign(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("已暂停：没发的都留在队列里"))
    return _to(public_id)


@require_POST
@access(Permission.START_CAMPAIGN)
def resumption_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.resume_campaign(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("接着发送"))
    return _to(public_id)


@require_POST
@access(Permission.START_CAMPAIGN)
def cancellation_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.cancel_campaign(
        actor=request.actor, public_id=public_id, now=timezone.now(), reason=request.POST.get("reason", "")
    )
    messages.success(request, _("已取消：发出的不变，其余不再发送"))
    return _to(public_id)


@require_POST
@access(Permission.START_CAMPAIGN)
def series_end(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.end_series(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("以后不再重复，已经开始的照常发完"))
    return _to(public_id)


@require_GET
@access(Permission.VIEW_CAMPAIGN, Permission.VIEW_MESSAGE)
def people_list(request: StaffRequest, public_id: UUID, bucket: str) -> HttpResponse:
    """The people behind one number of the account, those of the plan and those stopped later."""
    campaign = queries.get_campaign(request.actor, public_id)
    rules = rules_for(campaign.organization_id)
    names = {
        "send": _("会发的人"), "sent": _("已发出"), "holdout": _("对照组"), "pending": _("等着发"),
        "waiting": _("等对比结果"), "failed": _("没有送到"), "unconfirmed": _("未确认"),
        "cancelled": _("已取消"),
    }  # fmt: skip
    check = rules.check(bucket)
    if check is None and bucket not in names:
        raise Http404
    rows = queries.list_people(request.actor, campaign, bucket=bucket)
    stopped = queries.list_stopped_later(request.actor, campaign, reason=bucket)
    is_plan = rows.model is not stopped.model
    order = ("patient_id",) if is_plan else ("id",)
    later = list(stopped.order_by("id")[:200]) if check else []
    context = {
        "campaign": campaign,
        "title": check.refusal if check else names[bucket],
        "check": check,
        "rules": rules,
        "is_plan": is_plan,
        "later": later,
        "page": paginate(request, rows, order=order, size=50),
    }
    return render_page(request, "outreach/campaign_people.html", context)
