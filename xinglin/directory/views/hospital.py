"""The hospital's own facts; the first page of the settings."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core import env, menu
from xinglin.core.access import StaffRequest, access, public, signed_in
from xinglin.core.errors import Invalid
from xinglin.directory import actions, queries
from xinglin.directory.forms import HospitalForm
from xinglin.directory.forms.base import submitted
from xinglin.directory.permissions import Permission


@require_GET
@signed_in
def settings_index(request: StaffRequest) -> HttpResponse:
    """On to the first settings page that is for this person, else to their own account."""
    pages = menu.items_for(request.actor).get("settings", [])
    return redirect(reverse(pages[0].url_name) if pages else "directory:account")


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_ORGANIZATION)
def hospital_profile(request: StaffRequest) -> HttpResponse:
    """Name, certificates, contact, brand, sign-in policy."""
    hospital = queries.get_own_organization(request.actor)
    if request.method == "POST":
        form = HospitalForm(request.POST)
        if submitted(
            form,
            lambda: actions.update_organization(actor=request.actor, now=timezone.now(), **form.cleaned_data),
        ):
            messages.success(request, _("医院资料已保存"))
            return redirect("directory:hospital-profile")
    else:
        form = HospitalForm(initial={name: getattr(hospital, name) for name in HospitalForm.base_fields})
    context = {"form": form, "hospital": hospital}
    return render(request, "directory/hospital_profile.html", context, status=422 if form.errors else 200)


@require_POST
@access(Permission.EDIT_ORGANIZATION)
def logo_change(request: StaffRequest) -> HttpResponse:
    """Put up another picture, or take it down when no file is sent."""
    file = request.FILES.get("logo")
    try:
        actions.set_logo(actor=request.actor, data=file.read(400_000) if file else b"", now=timezone.now())
    except Invalid as error:
        messages.error(request, next(iter(error.fields.values()))[0])
    else:
        messages.success(request, _("院徽已换上") if file else _("院徽已取下"))
    return redirect("directory:hospital-profile")


@require_GET
@public
def logo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The picture of a hospital, for its pages and its visitors."""
    name = queries.logo_of(public_id)
    path = env.files_dir("logos") / name
    if not name or not path.exists():
        raise Http404
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    response = HttpResponse(path.read_bytes(), content_type=kind)
    response["Cache-Control"] = "public, max-age=300"
    return response
