from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinglin.content.permissions import Permission
from xinglin.content.queries import get_version
from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import DomainError
from xinglin.outreach import actions


@require_POST
@access(Permission.PUBLISH_CONTENT)
def draft_create(request: StaffRequest, version: UUID) -> HttpResponse:
    """Send an approved version to the official account's drafts; back to the page it was asked from."""
    row = get_version(actor=request.actor, public_id=version)
    back = reverse("content:item-detail", args=[row.item.public_id])
    try:
        draft = actions.queue_article_draft(actor=request.actor, version=version, now=timezone.now())
    except DomainError as error:
        messages.error(request, next((t for g in error.fields.values() for t in g), str(error)))
        return redirect(back)
    messages.success(request, _("正在送到公众号草稿箱，一分钟内能看到结果"))
    if request.POST.get("from") == "sheet":
        return redirect("content:sheet-detail", draft.sheet.public_id)
    return redirect(back)
