"""The list of campaigns, and the steps of drafting one."""

from math import isfinite
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import Invalid
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.outreach import actions, queries
from xinglin.outreach.forms.campaigns import PREFIX, MoneyForm, PeopleForm, TimingForm, WordingForm
from xinglin.outreach.models import Campaign
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries import choices
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.scores import queries as scores

STEPS = (
    "outreach:campaign-people-step",
    "outreach:campaign-wording",
    "outreach:campaign-timing",
    "outreach:campaign-money",
    "outreach:campaign-preflight",
)


def steps_of(campaign: Campaign | None) -> list[dict[str, str]]:
    """The wizard's steps, each with its address once there is a draft."""
    labels = (pgettext("触达", "人群"), _("内容"), _("渠道和时间"), _("对照和预算"), _("发送前检查"))
    return [
        {"label": label, "url": reverse(name, args=[campaign.public_id]) if campaign else ""}
        for label, name in zip(labels, STEPS, strict=True)
    ]


@require_GET
@access(Permission.VIEW_CAMPAIGN)
def campaign_list(request: StaffRequest) -> HttpResponse:
    status, search = request.GET.get("status", ""), request.GET.get("q", "").strip()
    rows = queries.list_campaigns(request.actor, status=status, search=search)
    page = paginate(request, rows, order=("-id",), size=30)
    accounts = queries.accounts_of([campaign for campaign in page if campaign.status != "draft"])
    for campaign in page:
        campaign.account = accounts.get(campaign.pk)
    return render_page(
        request,
        "outreach/campaign_list.html",
        {
            "page": page,
            "q": search,
            "status": status,
            "counts": queries.count_by_status(request.actor),
            "statuses": Campaign.Status.choices,
            "may_edit": request.actor.can(Permission.EDIT_CAMPAIGN),
        },
    )


def _step(
    request: StaffRequest, form: forms.Form, campaign: Campaign | None, number: int, **more: Any
) -> HttpResponse:
    context = {"form": form, "campaign": campaign, "steps": steps_of(campaign), "number": number, **more}
    status = 422 if form.is_bound and form.errors else 200
    return render_page(request, "outreach/campaign_step.html", context, status=status)


def _save(
    request: StaffRequest, form: forms.Form, campaign: Campaign, number: int, **facts: Any
) -> HttpResponse:
    """Keep a step and go on to the next; the action's complaints stand beside their fields."""
    try:
        actions.update_campaign(
            actor=request.actor, public_id=campaign.public_id, now=timezone.now(), **facts
        )
    except Invalid as error:
        blame(form, error)
        return _step(request, form, campaign, number)
    return HttpResponseRedirect(reverse(STEPS[number], args=[campaign.public_id]))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CAMPAIGN)
def campaign_create(request: StaffRequest) -> HttpResponse:
    offered = choices.audience_choices(request.actor)
    initial = {"audience_version_id": request.GET.get("audience", "")}
    form = PeopleForm(request.POST or None, audiences=offered, initial=initial)
    if not (request.method == "POST" and form.is_valid()):
        return _step(request, form, None, 1, is_empty=not offered)
    campaign = actions.create_campaign(actor=request.actor, now=timezone.now(), **form.cleaned_data)
    return HttpResponseRedirect(reverse("outreach:campaign-wording", args=[campaign.public_id]))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CAMPAIGN)
def step_people(request: StaffRequest, public_id: UUID) -> HttpResponse:
    campaign = queries.get_campaign(request.actor, public_id)
    initial = {"name": campaign.name, "audience_version_id": campaign.audience_version_id}
    offered = choices.audience_choices(request.actor)
    form = PeopleForm(request.POST or None, audiences=offered, initial=initial)
    if not (request.method == "POST" and form.is_valid()):
        return _step(request, form, campaign, 1, is_empty=not offered)
    return _save(request, form, campaign, 1, **form.cleaned_data)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CAMPAIGN)
def step_wording(request: StaffRequest, public_id: UUID) -> HttpResponse:
    campaign = queries.get_campaign(request.actor, public_id)
    offered = choices.version_choices(request.actor, now=timezone.now())
    initial = {
        "template_version_id": campaign.template_version_id,
        "wordings": [one.template_version_id for one in campaign.variants.exclude(number=0)],
        "test_percent": round(campaign.test_share * 100, 1),
        "test_metric": campaign.test_metric,
        "test_hours": campaign.test_hours,
        "base_percent": 5,
        "lift_points": 2,
    }
    initial |= {f"{PREFIX}{name}": value for name, value in campaign.variables.items()}
    form = WordingForm(
        request.POST or None, versions=offered, variables=_variables(request, campaign), initial=initial
    )
    preview = queries.preview_of(campaign)
    if not (request.method == "POST" and form.is_valid()):
        return _step(request, form, campaign, 2, is_empty=not offered, preview=preview)
    return _save(request, form, campaign, 2, **form.facts())


def _variables(request: StaffRequest, campaign: Campaign) -> list[queries.CampaignVariable]:
    """The variables of the templates that are chosen, in the page or in the draft."""
    asked = request.POST or request.GET
    if "template_version_id" in asked:
        chosen = [asked["template_version_id"], *asked.getlist("wordings")]
        ids = [int(text) for text in chosen if text.isdecimal() and len(text) < 19]
    else:
        ids = [pk for pk in (campaign.template_version_id,) if pk]
        ids += campaign.variants.exclude(number=0).values_list("template_version_id", flat=True)
    return queries.campaign_variables(queries.versions_among(campaign.organization_id, ids))


@require_GET
@access(Permission.EDIT_CAMPAIGN)
def wording_variables(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The fields of the variables, while templates are being chosen; what was typed stays."""
    campaign = queries.get_campaign(request.actor, public_id)
    typed = {name: value for name, value in request.GET.items() if name.startswith(PREFIX)}
    kept = {f"{PREFIX}{name}": value for name, value in campaign.variables.items()}
    form = WordingForm(versions=[], variables=_variables(request, campaign), initial={**kept, **typed})
    return render_page(request, "outreach/_wording_variables.html", {"form": form})


@require_GET
@access(Permission.EDIT_CAMPAIGN)
def sample_size(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """How many people an experiment needs, while its numbers are being typed."""
    campaign = queries.get_campaign(request.actor, public_id)
    own = request.GET.get("template_version_id", "")
    size = queries.sample_size(
        campaign,
        base=_number(request.GET.get("base_percent")) / 100,
        lift=_number(request.GET.get("lift_points")) / 100,
        wordings=1 + len(set(request.GET.getlist("wordings")) - {own}),
        test_share=_number(request.GET.get("test_percent"), 100) / 100,
    )
    return render_page(request, "outreach/_sample_size.html", {"size": size})


def _number(text: str | None, otherwise: float = 0.0) -> float:
    """A number as somebody is typing it; not a number counts as none."""
    try:
        value = float(text or otherwise)
    except ValueError:
        return otherwise
    return value if isfinite(value) else otherwise


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CAMPAIGN)
def step_timing(request: StaffRequest, public_id: UUID) -> HttpResponse:
    campaign = queries.get_campaign(request.actor, public_id)
    chosen = [*campaign.channels, "", ""]
    initial = {
        "first": chosen[0],
        "second": chosen[1],
        "starts_at": campaign.starts_at,
        "send_until": campaign.send_until,
        "at_best_hour": campaign.at_best_hour,
        "by_best_channel": campaign.by_best_channel,
        "repeat": campaign.repeat,
        "repeat_until": campaign.repeat_until,
    }
    quiet = rules_for(campaign.organization_id).quiet_hours
    offered = choices.channel_choices(campaign.template_version)
    skill = scores.has_skill(campaign.organization_id, "best_channel")
    form = TimingForm(request.POST or None, channels=offered, has_skill=skill, initial=initial)
    if not (request.method == "POST" and form.is_valid()):
        return _step(request, form, campaign, 3, quiet=quiet)
    data = form.cleaned_data
    return _save(
        request,
        form,
        campaign,
        3,
        channels=data["channels"],
        starts_at=data["starts_at"],
        send_until=data["send_until"],
        at_best_hour=data["at_best_hour"],
        by_best_channel=data["by_best_channel"],
        repeat=data["repeat"],
        repeat_until=data["repeat_until"] if data["repeat"] else None,
    )


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CAMPAIGN)
def step_money(request: StaffRequest, public_id: UUID) -> HttpResponse:
    campaign = queries.get_campaign(request.actor, public_id)
    cap, prices = campaign.budget_cap_fen, queries.channel_prices(campaign)
    cost = campaign.unit_cost_fen or queries.dearest_fen(prices)
    initial = {
        "holdout_percent": round(campaign.holdout_share * 100, 1),
        "unit_cost_fen": f"{cost / 100:.2f}",
        "budget_cap_fen": "" if cap is None else f"{cap / 100:.2f}",
    }
    form = MoneyForm(request.POST or None, initial=initial)
    if not (request.method == "POST" and form.is_valid()):
        return _step(request, form, campaign, 4, prices=prices)
    data = form.cleaned_data
    return _save(
        request,
        form,
        campaign,
        4,
        holdout_share=data["holdout_percent"] / 100,
        unit_cost_fen=data["unit_cost_fen"] or 0,
        budget_cap_fen=data["budget_cap_fen"],
    )
