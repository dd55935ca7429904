"""Printed pieces: choose words and format, look, make, download, withdraw."""

from datetime import datetime
from typing import Any, cast
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.content import actions, queries
from xinglin.content.brand import TEMPLATES, template_of
from xinglin.content.forms import ReasonForm
from xinglin.content.forms.brand import MaterialForm
from xinglin.content.models import Material
from xinglin.content.permissions import Permission
from xinglin.content.rules.page_class import PageClass
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.directory.queries import names_of_users
from xinglin.ui.queries import list_jobs

#: Texts on one page of those a piece is made of.
SOURCES = 20
TYPES = {"pdf": "application/pdf", "png": "image/png", "preview": "image/png"}


@require_GET
@access(Permission.VIEW_BRAND)
def material_list(request: StaffRequest) -> HttpResponse:
    chosen = {name: request.GET.get(name, "") for name in ("q", "template", "class", "state")}
    rows = queries.list_materials(
        actor=request.actor,
        text=chosen["q"],
        template=chosen["template"],
        page_class=chosen["class"],
        state=chosen["state"],
    )
    page = paginate(request, rows, order=("-id",), size=24)
    lasting = queries.in_force(page.rows, now=timezone.now())
    context = {
        "page": page,
        "rows": [(row, row.pk in lasting, template_of(row.template)) for row in page],
        "chosen": chosen,
        "templates": TEMPLATES,
        "states": Material.State.choices,
        "classes": PageClass.choices,
        "is_filtered": any(chosen.values()),
        "can_make": request.actor.can(Permission.MAKE_MATERIAL),
    }
    return render_page(request, "content/material_list.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.MAKE_MATERIAL)
def material_create(request: StaffRequest) -> HttpResponse:
    form = MaterialForm(request.POST or None, initial={"template": TEMPLATES[0].code, **request.GET.dict()})
    if request.method == "POST" and form.is_valid():
        try:
            material = actions.create_material(
                actor=request.actor, order=actions.Order(**form.cleaned_data), now=timezone.now()
            )
        except DomainError as error:
            blame(form, error)
        else:
            return redirect("content:material-detail", material.public_id)
    own, now, text = request.actor.organization_id or 0, timezone.now(), request.GET.get("q", "").strip()
    chosen = _chosen_text(own, form["source"].value(), now=now)
    rows = queries.list_approved(own, now=now, text=text, without=chosen.public_id if chosen else None)
    page = paginate(request, rows, order=("-approved_at", "-id"), size=SOURCES)
    context = {
        "form": form,
        "templates": TEMPLATES,
        "template": form["template"].value(),
        "q": text,
        "page": page,
        "chosen": chosen,
        "chosen_class": PageClass(chosen.page_class).label if chosen else "",
        "choices": queries.printable(page, now=now),
    }
    status = 422 if form.errors else 200
    return render_page(request, "content/material_form.html", context, part="sources", status=status)


def _chosen_text(organization_id: int, value: Any, *, now: datetime) -> queries.ApprovedText | None:
    try:
        return queries.find_approved(organization_id, UUID(str(value)), now=now)
    except ValueError:
        return None


@require_GET
@access(Permission.VIEW_BRAND)
def preview_part(request: StaffRequest) -> HttpResponse:
    """The pictures of the piece as it would be, or why it cannot be made."""
    form = MaterialForm(request.GET)
    context: dict[str, Any] = {"is_empty": not request.GET.get("source")}
    if form.is_valid():
        order = actions.Order(**form.cleaned_data)
        try:
            pages = len(actions.preview_material(actor=request.actor, order=order, now=timezone.now()))
        except DomainError as error:
            context["problem"] = str(error)
        else:
            query = urlencode(
                {"template": order.template, "source": order.source, "language": order.language}
            )
            address = f"{reverse('content:material-preview-picture')}?{query}"
            context["pictures"] = [f"{address}&page={number}" for number in range(1, pages + 1)]
            context["template"] = template_of(order.template)
    return render(request, "content/_material_preview.html", context)


@require_GET
@access(Permission.VIEW_BRAND)
def preview_picture(request: StaffRequest) -> HttpResponse:
    form = MaterialForm(request.GET)
    if not form.is_valid():
        return HttpResponse(status=404)
    pages = actions.preview_material(
        actor=request.actor, order=actions.Order(**form.cleaned_data), now=timezone.now()
    )
    number = request.GET.get("page", "1")
    index = min(max(int(number) if number.isascii() and number.isdigit() else 1, 1), len(pages)) - 1
    return HttpResponse(pages[index], content_type="image/png", headers={"Cache-Control": "no-store"})


@require_GET
@access(Permission.VIEW_BRAND)
def material_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    material = queries.get_material(actor=request.actor, public_id=public_id)
    job = list_jobs(actor=request.actor).filter(public_id=material.job_id or public_id).first()
    context = {
        "material": material,
        "template": template_of(material.template),
        "is_in_force": queries.is_in_force(material, now=timezone.now()),
        "pages": range(1, material.page_count + 1),
        "url": actions.url_of(material.link) if material.link else "",
        "job": job if job and not (job.is_finished and material.state == Material.State.READY) else None,
        "names": names_of_users([material.created_by_id] if material.created_by_id else []),
        "can_make": request.actor.can(Permission.MAKE_MATERIAL),
    }
    return render_page(request, "content/material_detail.html", context)


@require_GET
@access(Permission.VIEW_BRAND)
def material_file(request: StaffRequest, public_id: UUID, form: str, page: int) -> HttpResponse:
    path = actions.take_material(
        actor=request.actor, public_id=public_id, form=form, page=page, now=timezone.now()
    )
    material = queries.get_material(actor=request.actor, public_id=public_id)
    answer = FileResponse(path.open("rb"), content_type=TYPES[form])
    if form != "preview":
        suffix = "pdf" if form == "pdf" else f"{page}.png" if material.page_count > 1 else "png"
        name = f"{material.title} {template_of(material.template).name}.{suffix}"
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Cache-Control"] = "private, no-store"
    return cast(HttpResponse, answer)


@require_POST
@access(Permission.MAKE_MATERIAL)
def material_retry(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.retry_material(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("重新生成，马上就好"))
    return redirect("content:material-detail", public_id)


@require_POST
@access(Permission.MAKE_MATERIAL)
def material_withdraw(request: StaffRequest, public_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    material = actions.withdraw_material(
        actor=request.actor, public_id=public_id, reason=reason, now=timezone.now()
    )
    messages.success(request, _("「%(name)s」已撤下，码也停了；请取下已张贴的") % {"name": material.title})
    return redirect("content:material-detail", public_id)
