"""Doctors' plans as public voices."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.content import actions, queries
from xinglin.content.forms import ExpertPlanForm
from xinglin.content.permissions import Permission
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.actor import require
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.ledger.lake import fresh_as_of


@require_GET
@access(Permission.VIEW_CONTENT)
def expert_list(request: StaffRequest) -> HttpResponse:
    """Plans with what is out of them and what they brought."""
    today = timezone.localdate()
    page = paginate(request, queries.list_expert_plans(actor=request.actor))
    plans = list(page)
    effects = queries.plan_effects(actor=request.actor, plans=plans, now=timezone.now())
    progress = queries.plan_progress(plans, today=today)
    context = {
        "page": page,
        "rows": [(plan, progress[plan.pk], effects.get(plan.pk)) for plan in plans],
        "books_within": queries.BOOKS_WITHIN,
        "pays_within": queries.PAYS_WITHIN,
        "fresh": fresh_as_of(),
        "today": today,
        "may_plan": request.actor.can(Permission.EDIT_PLAN),
    }
    return render_page(request, "content/expert_list.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PLAN)
def expert_create(request: StaffRequest) -> HttpResponse:
    form = ExpertPlanForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_expert_plan(actor=request.actor, now=timezone.now(), **form.facts())
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("计划已建，等医生同意后开始"))
            return redirect("content:expert-list")
    return render(request, "content/expert_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PLAN)
def expert_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Change a plan; the page says when the doctor is asked again."""
    plan = queries.get_expert_plan(actor=request.actor, public_id=public_id)
    require(request.actor, Permission.EDIT_PLAN, plan.organization_id)
    form = ExpertPlanForm(request.POST or None, actor=request.actor, plan=plan)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.edit_expert_plan(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.facts()
            )
        except DomainError as error:
            blame(form, error)
        else:
            asks = plan.consented_at is not None and saved.consented_at is None
            messages.success(request, _("计划已改，等医生重新同意") if asks else _("计划已改"))
            return redirect("content:expert-list")
    context = {"form": form, "plan": plan}
    return render(request, "content/expert_form.html", context, status=422 if form.errors else 200)


@require_POST
@access(Permission.VIEW_CONTENT)
def expert_decide(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The doctor's consent, or its withdrawal."""
    act: Any = actions.withdraw_plan
    facts: dict[str, Any] = {}
    if request.POST.get("do") == "consent":
        act, facts = actions.consent_to_plan, {"note": request.POST.get("note", "")}
    try:
        act(actor=request.actor, public_id=public_id, now=timezone.now(), **facts)
        messages.success(request, _("已记下"))
    except DomainError as error:
        messages.error(request, next((t for g in error.fields.values() for t in g), str(error)))
    return redirect("content:expert-list")
