"""The big switch, and the gate's rules."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.outreach import actions, queries
from xinglin.outreach.forms.campaigns import FreezeForm
from xinglin.outreach.forms.rules import RulesForm
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.gate_rules import list_gate_layers, rules_for
from xinglin.outreach.rules.channels import shipped_channels
from xinglin.outreach.rules.gate import GateRules, shipped


@require_http_methods(["GET", "POST"])
@access(Permission.FREEZE)
def freeze(request: StaffRequest) -> HttpResponse:
    """Stop all marketing (the word must be typed), or release it."""
    frozen = queries.find_freeze(request.actor.organization_id)
    form = FreezeForm(request.POST or None)
    if request.method == "POST" and frozen is not None:
        actions.set_freeze(actor=request.actor, is_frozen=False, now=timezone.now())
        messages.success(request, _("营销发送已恢复，排队的消息接着发"))
        return HttpResponseRedirect(reverse("outreach:freeze"))
    if request.method == "POST" and form.is_valid():
        actions.set_freeze(
            actor=request.actor, is_frozen=True, reason=form.cleaned_data["reason"], now=timezone.now()
        )
        messages.success(request, _("全部营销发送已暂停，排队的消息都留着"))
        return HttpResponseRedirect(reverse("outreach:freeze"))
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "frozen": frozen, "effect": queries.freeze_effect(request.actor)}
    return render_page(request, "outreach/freeze.html", context, status=status)


@require_GET
@access(Permission.VIEW_CAMPAIGN)
def rules(request: StaffRequest) -> HttpResponse:
    """What the gate asks, in its order, with sources."""
    providers = shipped_channels()
    context = {
        "rules": rules_for(request.actor.organization_id),
        "providers": providers,
        "policies": [
            {"policy": policy, "classes": [providers.classes[name].label for name in policy.forbids]}
            for policy in providers.policies.values()
        ],
    }
    return render_page(request, "outreach/rules.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_RULES)
def rules_edit(request: StaffRequest) -> HttpResponse:
    """The hospital's own quiet hours and caps; saving lays a new version over the shipped rules."""
    current = rules_for(request.actor.organization_id)
    form = RulesForm(request.POST or None, initial=RulesForm.facts_of(current))
    if request.method == "POST" and form.is_valid():
        row = actions.set_gate_rules(
            actor=request.actor,
            layer=form.layer(),
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        messages.success(
            request, _("第 %(number)s 版发送规则已生效，排队的消息发出前也按它再查") % {"number": row.number}
        )
        return HttpResponseRedirect(reverse("outreach:rules-edit"))
    context = {
        "form": form,
        "rules": current,
        "shipped": shipped(),
        "shipped_quiet": _figures(shipped()),
        "layers": list_gate_layers(actor=request.actor)[:20],
    }
    return render_page(request, "outreach/rules_form.html", context, status=422 if form.is_bound else 200)


def _figures(rules: GateRules) -> str:
    """The hours and caps of some rules in one line: 21:00–08:00，3 天 1 条，30 天 4 条."""
    parts = [f"{rules.quiet_hours.starts:%H:%M}–{rules.quiet_hours.ends:%H:%M}"]
    parts += [
        _("%(days)s 天 %(messages)s 条") % {"days": one.days, "messages": one.messages}
        for one in rules.caps.windows
    ]
    return _("，").join(parts)
