"""Message templates made from a text of the library, and where a template came from."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinglin.compliance.review import ReviewStatus
from xinglin.content.permissions import Permission as ContentPermission
from xinglin.content.queries import get_version, still_holds
from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import DomainError
from xinglin.outreach.actions.from_content import draft_from_content, words_of_source
from xinglin.outreach.models import TemplateVersion
from xinglin.outreach.permissions import Permission


@require_POST
@access(Permission.EDIT_TEMPLATE)
def template_from_content(request: StaffRequest, version: UUID) -> HttpResponse:
    """An approved text of the library as a template's draft; on to the template, or back with the reason."""
    row = get_version(actor=request.actor, public_id=version)
    try:
        draft = draft_from_content(actor=request.actor, version=version, now=timezone.now())
    except DomainError as error:
        messages.error(request, next((str(t) for g in error.fields.values() for t in g), str(error)))
        return redirect("content:item-detail", row.item.public_id)
    messages.success(request, _("已做成模板的第 %(n)s 版草稿；看过各渠道的文字后送审") % {"n": draft.number})
    return redirect("outreach:template-edit", draft.template.public_id)


def origin_of(request: StaffRequest, version: TemplateVersion) -> dict[str, Any] | None:
    """The text of the library behind a version: whether it still holds, was changed here since, and whether
    the library has a newer one. None where there is none."""
    item, source = version.template.item, version.source
    if item is None or source is None:
        return None
    words = words_of_source(version)
    newer = item.versions.filter(status=ReviewStatus.APPROVED, number__gt=source.number)
    return {
        "item": item,
        "number": source.number,
        "is_changed": all(body.get("body") != words for body in version.bodies.values()),
        "holds": still_holds(version.organization_id, source.pk, now=timezone.now()),
        "newer": newer.order_by("-number").first(),
        "may_see": request.actor.can(ContentPermission.VIEW_CONTENT),
    }
