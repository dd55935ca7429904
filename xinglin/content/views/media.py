"""The picture library and its files."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.content import actions, queries
from xinglin.content.forms import MediaForm
from xinglin.content.permissions import Permission
from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate

SIZE = 48


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_CONTENT)
def media_list(request: StaffRequest) -> HttpResponse:
    """The library; a POST uploads (the action asks for the right to edit)."""
    form = MediaForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.add_media(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("「%(name)s」已入库") % {"name": row.name})
            return redirect("content:media-list")
    archived, text = "archived" in request.GET, request.GET.get("q", "")
    rows = queries.list_media(actor=request.actor, text=text, archived=archived)
    page = paginate(request, rows, size=SIZE)
    found = actions.findings_in(list(page), now=timezone.now())
    context = {
        "form": form,
        "page": page,
        "pictures": [(row, found.get(row.pk, ())) for row in page],
        "reads": queries.reads_pictures(),
        "q": text,
        "archived": archived,
        "may_edit": request.actor.can(Permission.EDIT_CONTENT),
        "picking": "pick" in request.GET,
    }
    template = "content/_media_pick.html" if "pick" in request.GET else "content/media_list.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_GET
@access(Permission.VIEW_CONTENT)
def media_file(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The file; with ``still`` what stands in place of a 3D model."""
    row = queries.get_media(actor=request.actor, public_id=public_id)
    if row.is_model and "still" in request.GET:
        if row.poster is None:
            return redirect(static("content/model.svg"))
        row = row.poster
    answer = HttpResponse(queries.media_path(row).read_bytes(), content_type=row.media_type)
    answer["Cache-Control"] = "private, max-age=86400"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@access(Permission.EDIT_CONTENT)
def media_archive(request: StaffRequest, public_id: UUID) -> HttpResponse:
    row = actions.archive_media(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("已停用") if row.is_archived else _("已恢复"))
    return redirect("content:media-list")
