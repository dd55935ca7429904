"""Staff pages: broken links, moved addresses, what search engines are told."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.directory.queries import get_own_organization
from xinglin.portal import actions, queries
from xinglin.portal.forms.upkeep import RedirectForm, SearchForm
from xinglin.portal.permissions import Permission


@require_GET
@access(Permission.VIEW_SITE)
def link_list(request: StaffRequest) -> HttpResponse:
    page = paginate(request, queries.list_broken_links(actor=request.actor), order=("-id",))
    context = {"page": page, "here": "links", **common(request)}
    return render_page(request, "portal/upkeep/links.html", context)


@require_POST
@access(Permission.MANAGE_SITE)
def check_create(request: StaffRequest) -> HttpResponse:
    job = actions.request_link_check(actor=request.actor)
    return redirect("ui:job-detail", job.public_id)


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_SITE)
def redirect_list(request: StaffRequest) -> HttpResponse:
    form = RedirectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.add_redirect(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            paths = {"old": row.old_path, "new": row.new_path}
            messages.success(request, _("「%(old)s」现在转到「%(new)s」") % paths)
            return redirect("portal:redirect-list")
    page = paginate(request, queries.list_redirects(actor=request.actor), order=("-id",))
    context = {"page": page, "form": form, "here": "redirects", **common(request)}
    return render(request, "portal/upkeep/redirects.html", context, status=422 if form.errors else 200)


@require_POST
@access(Permission.MANAGE_SITE)
def redirect_delete(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.remove_redirect(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("这个改址已删除"))
    return redirect("portal:redirect-list")


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_SITE)
def search_page(request: StaffRequest) -> HttpResponse:
    row = queries.search_settings(request.actor.organization_id or 0)
    initial = {"indexnow_url": row.indexnow_url, "baidu_url": row.baidu_url or ""}
    form = SearchForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_search_settings(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("已保存；页面发布或撤下时会自动推送"))
            return redirect("portal:search")
    page = paginate(request, queries.list_pushes(actor=request.actor), order=("-id",))
    context = {"page": page, "form": form, "row": row, "here": "search", **common(request)}
    return render(request, "portal/upkeep/search.html", context, status=422 if form.errors else 200)


@require_POST
@access(Permission.MANAGE_SITE)
def push_create(request: StaffRequest) -> HttpResponse:
    job = actions.request_push(actor=request.actor)
    return redirect("ui:job-detail", job.public_id)


def common(request: StaffRequest) -> dict[str, Any]:
    return {
        "hospital": get_own_organization(request.actor),
        "settings_row": queries.search_settings(request.actor.organization_id or 0),
        "can_manage": request.actor.can(Permission.MANAGE_SITE),
    }
