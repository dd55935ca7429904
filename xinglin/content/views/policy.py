"""Settings: which levels a kind passes, how long each may take, and who stands in for whom."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.content import actions, queries
from xinglin.content.forms import DelegationForm
from xinglin.content.permissions import REVIEWING, Permission
from xinglin.content.rules.approval import AD, KEYS, NEVER_ALONE, shipped
from xinglin.content.rules.kinds import Kind, Level
from xinglin.core.access import StaffRequest, access, signed_in
from xinglin.core.errors import DomainError, PermissionDenied
from xinglin.core.forms import blame
from xinglin.directory.queries import names_of_users


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_POLICY)
def policy_edit(request: StaffRequest) -> HttpResponse:
    """A table of kinds by levels; saving lays a new version over the shipped rules."""
    problem = ""
    if request.method == "POST":
        levels = {
            key: {verdict: request.POST.getlist(f"{key}-{verdict}") for verdict in ("pass", "review")}
            for key in KEYS
        }
        try:
            hours = {code: int(request.POST.get(f"hours-{code}", "")) for code in Level.values}
            actions.edit_policy(
                actor=request.actor,
                levels=levels,
                hours=hours,
                reason=request.POST.get("reason", ""),
                now=timezone.now(),
            )
        except ValueError:
            problem = _("时限写 1 到 720 之间的整数小时")
        except DomainError as error:
            problem = next((t for group in error.fields.values() for t in group), str(error))
        else:
            messages.success(request, _("审批规则已生效；在审的仍按送审时的级别"))
            return redirect("content:policy-edit")
    return render(
        request, "content/policy_form.html", _policy(request, problem), status=422 if problem else 200
    )


def _policy(request: StaffRequest, problem: str) -> dict[str, Any]:
    rules = queries.approval_rules(request.actor.organization_id or 0)
    names = {**dict(Kind.choices), AD: _("医疗广告（不论种类）")}
    rows = []
    for key in KEYS:
        rule = rules.levels[key]
        cells = []
        for verdict, chosen in (("pass", rule.passed), ("review", rule.review)):
            wanted = request.POST.getlist(f"{key}-{verdict}") if problem else chosen
            cells.append((verdict, [(code, label, code in wanted) for code, label in Level.choices]))
        rows.append({"key": key, "name": names[key], "cells": cells, "never_alone": key in NEVER_ALONE})
    versions = list(queries.list_policies(actor=request.actor)[:20])
    return {
        "rows": rows,
        "hours": [
            (code, label, request.POST.get(f"hours-{code}", rules.hours[code]))  # type: ignore[index]
            for code, label in Level.choices
        ],
        "rules": rules,
        "shipped": shipped(),
        "versions": versions,
        "names": names_of_users(row.created_by_id for row in versions if row.created_by_id),
        "problem": problem,
        "reason": request.POST.get("reason", "") if problem else "",
    }


def _reviews(request: StaffRequest) -> bool:
    return any(request.actor.can(code) for code in (*REVIEWING, Permission.EDIT_POLICY))


@require_http_methods(["GET", "POST"])
@signed_in
def delegation_list(request: StaffRequest) -> HttpResponse:
    """Who stands in for whom; a reviewer hands over their own, who sets the rules anybody's."""
    if not _reviews(request):
        if request.method == "POST":
            raise PermissionDenied
        return render(request, "content/delegation_list.html", {"rows": []})
    may_all = request.actor.can(Permission.EDIT_POLICY)
    form = DelegationForm(request.POST or None, actor=request.actor, may_all=may_all)
    if request.method == "POST" and form.is_valid():
        try:
            actions.delegate_reviews(actor=request.actor, now=timezone.now(), **form.facts())
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("已委托，到期自动收回"))
            return redirect("content:delegation-list")
    context = {
        "form": form,
        "rows": list(queries.list_delegations(actor=request.actor)[:50]),
        "may_all": may_all,
        "today": timezone.localdate(),
    }
    return render(request, "content/delegation_list.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def delegation_end(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.end_delegation(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("委托已收回"))
    return redirect("content:delegation-list")
