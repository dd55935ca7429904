"""Remarks among colleagues, made beside the record or the text under review."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinglin.content import actions, queries
from xinglin.content.forms import CommentForm
from xinglin.content.models import ContentItem
from xinglin.content.permissions import Permission
from xinglin.content.views.record import show_item
from xinglin.content.views.review import show_version
from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame


@require_POST
@access(Permission.VIEW_CONTENT)
def comment_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Keep a remark and go back to where it was made; a refused one stays on the page as it was typed."""
    item = queries.get_item(actor=request.actor, public_id=public_id)
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            actions.add_comment(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("已发给同事"))
            return redirect(f"{_page(request, item)}#remarks")
    if request.POST.get("from") == "review":
        return show_version(request, queries.newest_version(item), remark=form)
    return show_item(request, item, remark=form, status=422)


@require_POST
@access(Permission.VIEW_CONTENT)
def comment_resolve(request: StaffRequest, public_id: UUID) -> HttpResponse:
    comment = actions.resolve_comment(actor=request.actor, public_id=public_id, now=timezone.now())
    return redirect(f"{_page(request, comment.item)}#remarks")


def _page(request: StaffRequest, item: ContentItem) -> str:
    if request.POST.get("from") == "review":
        return reverse("content:review", args=[queries.newest_version(item).public_id])
    return reverse("content:item-detail", args=[item.public_id])
