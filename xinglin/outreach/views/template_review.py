"""The reviewer's desk: what waits, and the decision on one wording."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.paging import paginate
from xinglin.directory.queries import names_of_users
from xinglin.outreach.actions import templates as actions
from xinglin.outreach.forms.templates import CHANNEL_LABELS, DecisionForm
from xinglin.outreach.models import TemplateVersion
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries import templates as queries
from xinglin.outreach.rules.sms import sms_size
from xinglin.outreach.views.from_content import origin_of
from xinglin.outreach.views.templates import changes_of


@require_GET
@access(Permission.APPROVE_TEMPLATE)
def review_list(request: StaffRequest) -> HttpResponse:
    """Wordings waiting for approval, the oldest first."""
    page = paginate(request, queries.list_waiting(request.actor), order=("submitted_at", "id"))
    names = names_of_users({v.submitted_by_id for v in page if v.submitted_by_id})
    context = {"page": page, "names": names, "me": request.actor.user_id}
    return render_page(request, "outreach/template_review_list.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.APPROVE_TEMPLATE)
def review_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One waiting wording as its recipients would read it; POST decides on the text that was shown."""
    template = queries.get_template(actor=request.actor, public_id=public_id)
    version = queries.latest_version(template)
    form = DecisionForm(request.POST or None, initial={"seen_hash": version.content_hash})
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, public_id, form.cleaned_data)
        except DomainError as error:
            for name, texts in (error.fields or {"": [str(error)]}).items():
                for text in texts:
                    form.add_error(name if name in form.fields else None, text)
            return _page(request, queries.latest_version(template), form, status=error.status)
        return HttpResponseRedirect(reverse("outreach:template-review-list"))
    return _page(request, version, form, status=422 if form.errors else 200)


def _decide(request: StaffRequest, public_id: UUID, data: dict[str, Any]) -> None:
    now = timezone.now()
    if data["decision"] == "approve":
        version = actions.approve_template(
            actor=request.actor,
            public_id=public_id,
            seen_hash=data["seen_hash"],
            evidence=data["evidence"],
            valid_from=data["valid_from"],
            valid_until=data["valid_until"],
            now=now,
        )
        messages.success(request, _("「%(name)s」第 %(n)s 版已批准，可以使用") % _said(version))
        return
    version = actions.reject_template(
        actor=request.actor, public_id=public_id, seen_hash=data["seen_hash"], reason=data["reason"], now=now
    )
    messages.success(request, _("「%(name)s」第 %(n)s 版已退回给作者") % _said(version))


def _said(version: TemplateVersion) -> dict[str, object]:
    return {"name": version.template.name, "n": version.number}


def _page(
    request: StaffRequest, version: TemplateVersion, form: DecisionForm, *, status: int
) -> HttpResponse:
    template = version.template
    judgement = actions.judge(version, now=timezone.now())
    older = (
        queries.list_versions(template).filter(number__lt=version.number, approved_at__isnull=False).first()
    )
    texts = [
        {
            "channel": CHANNEL_LABELS.get(part.key, part.key),
            "text": part.text,
            "size": sms_size(part.text) if part.key == "sms" else None,
            "findings": [finding for key, finding in judgement.findings if key == part.key],
        }
        for part in actions.parts_of(version)
    ]
    writers = {user for user in (version.created_by_id, version.submitted_by_id) if user}
    context = {
        "version": version,
        "template": template,
        "origin": origin_of(request, version),
        "form": form,
        "texts": texts,
        "judgement": judgement,
        "older": older,
        "changes": changes_of(version, older) if older else [],
        "names": names_of_users(writers),
        "is_own": request.actor.user_id in {*version.author_ids, *writers},
    }
    return render_page(request, "outreach/template_review.html", context, status=status)
