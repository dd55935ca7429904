"""Message templates: list, editor with the check while typing, history."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.compliance.review import ReviewStatus
from xinglin.content import queries as content
from xinglin.content.permissions import Permission as ContentPermission
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.directory.queries import get_own_organization, names_of_users
from xinglin.outreach.actions import templates as actions
from xinglin.outreach.forms.templates import CHANNEL_LABELS, TemplateForm, bodies_of, initial_of, variables_of
from xinglin.outreach.models import MessageTemplate, TemplateVersion
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries import template_preview as preview
from xinglin.outreach.queries import templates as queries
from xinglin.outreach.queries.providers import states_at_providers
from xinglin.outreach.rules.template_text import KNOWN
from xinglin.outreach.rules.text_diff import runs
from xinglin.outreach.views.from_content import origin_of


@require_GET
@access(Permission.VIEW_TEMPLATE)
def template_list(request: StaffRequest) -> HttpResponse:
    chosen = {name: request.GET.get(name, "").strip() for name in ("q", "status", "purpose")}
    archived = request.GET.get("view") == "archived"
    rows = queries.list_templates(
        actor=request.actor,
        text=chosen["q"],
        status=chosen["status"],
        purpose=chosen["purpose"],
        archived=archived,
    )
    counts, states = queries.count_by_status(request.actor), dict(ReviewStatus.choices)
    page = paginate(request, rows)
    for row in page:
        row.state_label = states.get(row.latest_status, "")
        row.latest_later = row.latest_from is not None and row.latest_from > timezone.now()
        row.channel_labels = [str(CHANNEL_LABELS[c]) for c in row.channels if c in CHANNEL_LABELS]
    context = {
        "page": page,
        **chosen,
        "archived": archived,
        "tabs": [(code, label, counts.get(code, 0)) for code, label in ReviewStatus.choices[:4]],
        "total": sum(counts.values()),
        "purposes": MessageTemplate.Purpose.choices,
        "may_edit": request.actor.can(Permission.EDIT_TEMPLATE),
    }
    return render_page(request, "outreach/template_list.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_TEMPLATE)
def template_create(request: StaffRequest) -> HttpResponse:
    form = TemplateForm(request.POST or None, pages=_pages(request))
    if request.method == "POST" and form.is_valid():
        try:
            version = actions.create_template(actor=request.actor, now=timezone.now(), **form.text())
        except DomainError as error:
            return _editor(request, blame(form, error), None)
        return _saved(request, version)
    return _editor(request, form, None)


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_TEMPLATE)
def template_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The newest wording; who may not edit reads it here."""
    template = queries.get_template(actor=request.actor, public_id=public_id)
    version = queries.latest_version(template)
    if request.method == "GET":
        form = TemplateForm(initial=initial_of(version), pages=_pages(request))
        return _editor(request, form, version)
    form = TemplateForm(request.POST, pages=_pages(request))
    if form.is_valid():
        try:
            saved = actions.save_draft(
                actor=request.actor,
                public_id=public_id,
                seen_hash=form.cleaned_data["seen_hash"],
                now=timezone.now(),
                **form.text(),
            )
        except DomainError as error:
            return _editor(request, blame(form, error), version)
        return _saved(request, saved)
    return _editor(request, form, version)


@require_POST
@access(Permission.VIEW_TEMPLATE)
def template_check(request: StaffRequest, channel: str) -> HttpResponse:
    """Findings, length and finished text of one channel while it is being typed."""
    draft = _draft(request, channel)
    checked = preview.check_draft(draft, now=timezone.now(), organization_id=request.actor.organization_id)
    if not draft.body.strip():
        checked = replace(checked, result=replace(checked.result, findings=()), unknown=[])
    context = {
        "result": checked.result,
        "marks": json.dumps(
            [
                {"start": f.start, "end": f.end, "block": f.severity == "block"}
                for f in checked.result.findings
                if f.start is not None
            ]
        ),
        "is_empty": not draft.body.strip(),
        "composed": checked.composed,
        "size": checked.size,
        "unknown": checked.unknown,
        "known": _("、").join([*KNOWN, *draft.custom]),
        "channel": channel,
        "unit_fen": queries.sms_price_fen(request.actor.organization_id or 0),
        "price_fen": queries.sms_price_fen(request.actor.organization_id or 0) * checked.size.segments,
    }
    return render(request, "outreach/_template_findings.html", context)


@require_POST
@access(Permission.VIEW_TEMPLATE)
def template_preview(request: StaffRequest, channel: str) -> HttpResponse:
    """How the text reads for a few real people, their names masked."""
    draft = _draft(request, channel)
    people = preview.preview_people(request.actor, draft, now=timezone.now())
    return render(request, "outreach/_template_preview.html", {"people": people, "draft": draft})


@require_GET
@access(Permission.VIEW_TEMPLATE)
def template_history(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """All versions, each told as changes of the one before."""
    template = queries.get_template(actor=request.actor, public_id=public_id)
    versions = list(queries.list_versions(template)[:51])
    told = [
        {
            "version": version,
            "changes": changes_of(version, older),
            "at_providers": states_at_providers(version) if version.status == "approved" else [],
        }
        for version, older in zip(versions, [*versions[1:], None], strict=True)
    ]
    people = {
        user for v in versions for user in (v.created_by_id, v.submitted_by_id, v.decided_by_id) if user
    }
    context = {
        "template": template,
        "told": told[:50],
        "names": names_of_users(people),
        "may_edit": request.actor.can(Permission.EDIT_TEMPLATE),
        "may_set_providers": request.actor.can(Permission.EDIT_PROVIDER),
    }
    return render_page(request, "outreach/template_history.html", context)


@require_POST
@access(Permission.EDIT_TEMPLATE)
def template_archival(request: StaffRequest, public_id: UUID) -> HttpResponse:
    template = actions.archive_template(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("「%(name)s」已停用，可在「已停用」里恢复") % {"name": template.name})
    return HttpResponseRedirect(reverse("outreach:template-list"))


@require_POST
@access(Permission.EDIT_TEMPLATE)
def template_restoration(request: StaffRequest, public_id: UUID) -> HttpResponse:
    template = actions.restore_template(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("「%(name)s」已恢复") % {"name": template.name})
    return HttpResponseRedirect(reverse("outreach:template-edit", args=[template.public_id]))


def changes_of(version: TemplateVersion, older: TemplateVersion | None) -> list[dict[str, Any]]:
    """Every changed text of a version: channel, part, and runs of what went and came."""
    before = older.bodies if older else {}
    changed = []
    for channel in CHANNEL_LABELS:
        for part in ("subject", "body"):
            old = before.get(channel, {}).get(part, "")
            new = version.bodies.get(channel, {}).get(part, "")
            if old != new:
                is_subject = part == "subject"
                changed.append(
                    {"channel": CHANNEL_LABELS[channel], "is_subject": is_subject, "runs": runs(old, new)}
                )
    return changed


def _draft(request: StaffRequest, channel: str) -> preview.Draft:
    bodies = bodies_of(request.POST)
    body = bodies.get(channel, {"subject": "", "body": ""})
    return preview.Draft(
        channel=channel,
        purpose=request.POST.get("purpose", "marketing"),
        subject=body["subject"],
        body=body["body"],
        custom=variables_of(request.POST.get("variables", "")),
        hospital=get_own_organization(request.actor).display_name,
    )


def _pages(request: StaffRequest) -> list[tuple[str, str]]:
    if not request.actor.can(ContentPermission.VIEW_CONTENT):
        return []
    rows = content.list_items(actor=request.actor, kind="page", stage="live")[:200]
    return [(str(row.public_id), str(row)) for row in rows]


def _saved(request: StaffRequest, version: TemplateVersion) -> HttpResponse:
    edit = reverse("outreach:template-edit", args=[version.template.public_id])
    if request.POST.get("do") != "submit":
        messages.success(request, _("草稿已存，第 %(n)s 版") % {"n": version.number})
        return HttpResponseRedirect(edit)
    try:
        actions.submit_template(
            actor=request.actor,
            public_id=version.template.public_id,
            seen_hash=version.content_hash,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, _("草稿已存，但没能送审：%(why)s") % {"why": error})
        return HttpResponseRedirect(edit)
    messages.success(request, _("已送审，等另一位同事批准"))
    return HttpResponseRedirect(edit)


def _editor(request: StaffRequest, form: TemplateForm, version: TemplateVersion | None) -> HttpResponse:
    filled = [c for c in CHANNEL_LABELS if form[f"{c}_body"].value() or form[f"{c}_body"].errors]
    context = {
        "form": form,
        "version": version,
        "template": version.template if version else None,
        "origin": origin_of(request, version) if version else None,
        "channels": [
            {
                "code": code,
                "label": label,
                "field": form[f"{code}_body"],
                "subject": form["email_subject"] if code == "email" else None,
                "is_open": code in (filled or ["sms"]),
            }
            for code, label in CHANNEL_LABELS.items()
        ],
        "known": [(name, label) for name, (label, _sample) in KNOWN.items()],
        "may_edit": request.actor.can(Permission.EDIT_TEMPLATE),
        "may_approve": request.actor.can(Permission.APPROVE_TEMPLATE),
        "steps": [_("起草"), _("自检"), _("另一位同事批准"), _("可以使用")],
        "step": _step(version),
    }
    return render_page(
        request, "outreach/template_form.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _step(version: TemplateVersion | None) -> int:
    if version is None:
        return 1
    return {"draft": 2, "rejected": 2, "in_review": 3, "approved": 5}.get(version.status, 1)
