"""The hospital's own layer: words, silences, the draft with its replay, and the versions."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.compliance import actions, queries
from xinglin.compliance.forms import ActivationForm, OwnTermForm, SilenceForm
from xinglin.compliance.permissions import Permission
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import Invalid
from xinglin.core.forms import blame
from xinglin.core.models import Job
from xinglin.core.paging import paginate


@require_GET
@access(Permission.VIEW_RULE)
def own_list(request: StaffRequest) -> HttpResponse:
    """Own words, silences and what is drafted."""
    actor, search = request.actor, request.GET.get("q", "").strip()
    draft = queries.find_draft(actor.organization_id)
    job = Job.objects.filter(public_id=draft.job_id).first() if draft and draft.job_id else None
    is_current = draft is not None and queries.is_replayed(draft)
    silences = queries.list_silences(actor=actor)
    context = {
        "page": paginate(request, queries.list_own_terms(actor=actor, text=search)),
        "q": search,
        "silences": queries.with_rules(silences),
        "draft": draft,
        "active": queries.active_number(actor.organization_id),
        "changes": queries.changes_in(actor=actor, number=draft.number) if draft else None,
        "job": job,
        "is_running": job is not None and not job.is_finished,
        "is_replayed": is_current,
        "texts": queries.replayed_texts(draft) if draft and is_current else [],
        "may_edit": actor.can(Permission.EDIT_RULE),
        "form": ActivationForm(),
        "today": timezone.localdate(),
    }
    return render_page(request, "compliance/own_list.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_RULE)
def term_create(request: StaffRequest) -> HttpResponse:
    """Draft words."""
    form = OwnTermForm(request.POST or None, initial={"words": request.GET.get("word", "")})
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.add_own_terms(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except Invalid as error:
            blame(form, error)
        else:
            messages.success(request, _("加进草稿 %(n)s 个词；回放后启用") % {"n": count})
            return HttpResponseRedirect(reverse("compliance:own-list"))
    status = 422 if form.is_bound and form.errors else 200
    return render_page(request, "compliance/term_form.html", {"form": form}, status=status)


@require_POST
@access(Permission.EDIT_RULE)
def term_delete(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.remove_own_term(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("已在草稿里移走；启用后生效"))
    return HttpResponseRedirect(reverse("compliance:own-list"))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_RULE)
def silence_create(request: StaffRequest, rule_id: str) -> HttpResponse:
    """Draft the silence of one rule."""
    rule = queries.get_rule(actor=request.actor, rule_id=rule_id)
    form = SilenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.silence_rule(
                actor=request.actor, rule_id=rule.id, now=timezone.now(), **form.cleaned_data
            )
        except Invalid as error:
            blame(form, error)
        else:
            messages.success(request, _("静音已进草稿；回放后启用"))
            return HttpResponseRedirect(reverse("compliance:own-list"))
    status = 422 if form.is_bound and form.errors else 200
    return render_page(request, "compliance/silence_form.html", {"form": form, "rule": rule}, status=status)


@require_POST
@access(Permission.EDIT_RULE)
def silence_delete(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.end_silence(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("已在草稿里结束静音；启用后生效"))
    return HttpResponseRedirect(reverse("compliance:own-list"))


@require_POST
@access(Permission.EDIT_RULE)
def replay_create(request: StaffRequest) -> HttpResponse:
    """Start the replay of the draft."""
    actions.replay_draft(actor=request.actor, now=timezone.now())
    return HttpResponseRedirect(reverse("compliance:own-list") + "#replay")


@require_POST
@access(Permission.EDIT_RULE)
def activation_create(request: StaffRequest) -> HttpResponse:
    """Switch the draft on."""
    version = actions.activate_draft(
        actor=request.actor, note=request.POST.get("note", ""), now=timezone.now()
    )
    messages.success(request, _("本院规则第 %(n)s 版已启用，从现在起按它检查") % {"n": version.number})
    return HttpResponseRedirect(reverse("compliance:own-list"))


@require_POST
@access(Permission.EDIT_RULE)
def draft_delete(request: StaffRequest) -> HttpResponse:
    actions.discard_draft(actor=request.actor, now=timezone.now())
    messages.success(request, _("草稿已放弃，现行规则没有变"))
    return HttpResponseRedirect(reverse("compliance:own-list"))


@require_GET
@access(Permission.VIEW_RULE)
def version_list(request: StaffRequest) -> HttpResponse:
    """Every version of the layer over the shipped packs."""
    page = paginate(request, queries.list_versions(actor=request.actor), size=25)
    rows = [
        {"version": row, "changes": queries.changes_in(actor=request.actor, number=row.number)}
        for row in page.rows
    ]
    context = {
        "page": page,
        "rows": rows,
        "active": queries.active_number(request.actor.organization_id),
        "shipped": queries.shipped_version(),
    }
    return render_page(request, "compliance/version_list.html", context)
