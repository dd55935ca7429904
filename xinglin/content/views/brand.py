"""The kit, its logos, and the check of a design that comes from outside."""

from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.content import actions, queries
from xinglin.content.brand.svg import picture_of
from xinglin.content.forms.brand import ROLE_LABELS, ArtworkForm, KitForm, LogoForm
from xinglin.content.models import BrandKit
from xinglin.content.permissions import Permission
from xinglin.content.rules.brand import contrast
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame

SHOWN = 24


@require_GET
@access(Permission.VIEW_BRAND)
def kit(request: StaffRequest) -> HttpResponse:
    return _show(request, LogoForm())


@require_POST
@access(Permission.EDIT_BRAND)
def logo_create(request: StaffRequest) -> HttpResponse:
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            logo = actions.add_logo(
                actor=request.actor,
                name=form.cleaned_data["name"],
                data=form.cleaned_data["file"].read(),
                now=timezone.now(),
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("「%(name)s」是现在的标志了") % {"name": logo.name})
            return redirect("content:brand")
    return _show(request, form, status=422)


@require_POST
@access(Permission.EDIT_BRAND)
def logo_current(request: StaffRequest, public_id: UUID) -> HttpResponse:
    logo = actions.make_logo_current(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("「%(name)s」是现在的标志了") % {"name": logo.name})
    return redirect("content:brand")


@require_POST
@access(Permission.EDIT_BRAND)
def logo_retire(request: StaffRequest, public_id: UUID) -> HttpResponse:
    logo = actions.retire_logo(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("「%(name)s」已停用") % {"name": logo.name})
    return redirect("content:brand")


@require_GET
@access(Permission.VIEW_BRAND)
def logo_picture(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """A logo drawn on our side: an uploaded SVG never runs in a browser."""
    logo = queries.get_logo(actor=request.actor, public_id=public_id)
    drawn = BytesIO()
    picture_of(logo.svg, width=320).save(drawn, "PNG")
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(drawn.getvalue(), content_type="image/png", headers=headers)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_BRAND)
def kit_edit(request: StaffRequest) -> HttpResponse:
    kit = queries.get_kit(actor=request.actor)
    form = KitForm(request.POST or None, initial=_initial(kit))
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_brand_kit(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("品牌已保存，新做的物料就按这个来"))
            return redirect("content:brand")
    return render(request, "content/brand_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_BRAND)
def artwork_check(request: StaffRequest) -> HttpResponse:
    form = ArtworkForm(request.POST or None, request.FILES or None)
    result: dict[str, Any] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            result = actions.check_artwork(
                actor=request.actor,
                data=form.cleaned_data["file"].read(),
                words=form.cleaned_data["words"],
            )
        except DomainError as error:
            blame(form, error)
    context = {"form": form, "result": result}
    return render(request, "content/artwork_check.html", context, status=422 if form.errors else 200)


def _show(request: StaffRequest, form: LogoForm, *, status: int = 200) -> HttpResponse:
    kit = queries.get_kit(actor=request.actor)
    context = {
        "kit": kit,
        "colours": [
            {
                **row,
                "label": ROLE_LABELS.get(row["role"], row["role"]),
                "contrast": contrast(row["hex"], "#FFFFFF"),
                "is_banned": row["role"] == "banned",
            }
            for row in kit.colours
        ],
        "logos": list(queries.list_logos(actor=request.actor)[:SHOWN]),
        "names": queries.names_of_hospital(actor=request.actor),
        "form": form,
        "can_edit": request.actor.can(Permission.EDIT_BRAND),
    }
    return render_page(request, "content/brand.html", context, status=status)


def _initial(kit: BrandKit) -> dict[str, str]:
    lines = [
        " ".join(part for part in (row["hex"], row["name"], str(ROLE_LABELS[row["role"]])) if part)
        for row in kit.colours
    ]
    return {"colours": "\n".join(lines), "slogans": kit.slogans, "story": kit.story, "names": kit.names}
