"""Home, departments, doctors."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xinglin.booking import queries as booking
from xinglin.content import queries as content
from xinglin.core.access import public
from xinglin.core.errors import NotFound
from xinglin.core.paging import paginate
from xinglin.directory import queries as directory
from xinglin.portal import structured
from xinglin.portal.forms import ContactForm, VerifiedForm
from xinglin.portal.queries import find_verified
from xinglin.portal.site import Site
from xinglin.portal.views.common import crumbs_of, home_url, kindly, note_view, opened, show
from xinglin.portal.views.offers import build_offer
from xinglin.portal.views.sections import NAMES

DAYS = 7


@require_safe
@public
@kindly
def home(request: HttpRequest, slug: str) -> HttpResponse:
    site = opened(request, slug)
    note_view(site, page_class="disclosure")
    departments = departments_of(site)
    own = site.organization.pk
    pages = content.list_published(own, kinds=["page"], size=12, now=site.now).items
    context = {
        "departments": departments,
        "sections": NAMES.items(),
        "pages": [page for page in pages if page.page_class != "science" and page.slug not in NAMES],
        "news": content.list_published(own, kinds=["news", "statement"], size=5, now=site.now).items,
        "science": content.list_published(own, page_class="science", size=5, now=site.now).items,
    }
    data = [structured.hospital(site.organization, url=home_url(site), departments=departments)]
    return show(site, "portal/home.html", context, structured=data)


@require_safe
@public
@kindly
def department_list(request: HttpRequest, slug: str) -> HttpResponse:
    site = opened(request, slug)
    note_view(site, page_class="disclosure")
    doctors = list(directory.list_practitioners(site.actor))
    by_department: dict[int | None, list[Any]] = {}
    for doctor in doctors:
        by_department.setdefault(doctor.department_id, []).append(doctor)
    rows = [(department, by_department.get(department.pk, [])) for department in departments_of(site)]
    crumbs = crumbs_of(site, (_("科室与医生"), request.path))
    context = {"rows": rows, "crumbs": crumbs, "heading": _("科室与医生")}
    return show(site, "portal/department_list.html", context, structured=[structured.breadcrumbs(crumbs)])


@require_safe
@public
@kindly
def doctor_list(request: HttpRequest, slug: str) -> HttpResponse:
    """All doctors, by name or by what they see; 30 a page by cursor."""
    site = opened(request, slug)
    note_view(site, page_class="disclosure")
    q = request.GET.get("q", "").strip()[:40]
    rows = directory.list_practitioners(site.actor)
    if q:
        rows = rows.filter(
            Q(name__icontains=q) | Q(department__name__icontains=q) | Q(specialities__icontains=q)
        )
    page = paginate(request, rows, order=("name", "id"), size=30)
    free = booking.next_free_by_practitioner(
        organization_id=site.organization.pk, practitioner_ids=[d.pk for d in page], now=site.now
    )
    crumbs = crumbs_of(site, (_("全部医生"), request.path))
    context = {
        "doctors": [(doctor, free.get(doctor.pk)) for doctor in page],
        "q": q,
        "heading": _("全部医生"),
        "total": page.total_label,
        "crumbs": crumbs,
        "previous_url": page.prev_url,
        "next_url": page.next_url,
    }
    return show(site, "portal/doctor_list.html", context, structured=[structured.breadcrumbs(crumbs)])


@require_safe
@public
@kindly
def department_detail(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    site = opened(request, slug)
    department = directory.find_department(site.organization.pk, code)
    if department is None or not department.is_open or not department.is_clinical:
        raise NotFound
    note_view(site, page_class="disclosure", department_id=department.pk)
    doctors = list(directory.list_practitioners(site.actor, department_id=department.pk))
    free = booking.next_free_by_practitioner(
        organization_id=site.organization.pk, practitioner_ids=[d.pk for d in doctors], now=site.now
    )
    listing = reverse("portal:department-list", args=[slug])
    crumbs = crumbs_of(site, (_("科室与医生"), listing), (department.name, request.path))
    context = {
        "department": department,
        "doctors": [(doctor, free.get(doctor.pk)) for doctor in doctors],
        "crumbs": crumbs,
        "science": content.list_published(
            site.organization.pk, page_class="science", department_id=department.pk, size=5, now=site.now
        ).items,
    }
    data = [structured.breadcrumbs(crumbs)]
    return show(site, "portal/department_detail.html", context, structured=data)


@require_safe
@public
@kindly
def doctor_detail(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    site = opened(request, slug)
    doctor = directory.get_staff(actor=site.actor, public_id=public_id)
    if not doctor.is_practitioner or not doctor.is_active:
        raise NotFound
    note_view(site, page_class="disclosure", department_id=doctor.department_id)
    offer = build_offer(
        site,
        doctor,
        day=request.GET.get("day", ""),
        slot=request.GET.get("slot", ""),
        first=_first_day(site, request.GET.get("from", "")),
        days=DAYS,
    )
    verified = find_verified(organization_id=site.organization.pk, token=site.phone_token, now=site.now)
    form = VerifiedForm(initial={"name": verified.name}) if verified else ContactForm()
    others = directory.list_practitioners(site.actor, department_id=doctor.department_id or -1)
    context = {
        "doctor": doctor,
        "offer": offer,
        "form": form,
        "verified": verified,
        "other_count": others.exclude(pk=doctor.pk).count() if doctor.department_id else 0,
        "problem": request.GET.get("problem", ""),
        "may_cancel": bool(offer.slot) and site.now <= booking.cancel_deadline(offer.slot),
    }
    context["science"] = content.list_published(
        site.organization.pk, page_class="science", author_id=doctor.pk, size=5, now=site.now
    ).items
    context["crumbs"] = crumbs = _crumbs_of_doctor(site, doctor)
    url = f"{settings.PUBLIC_URL}{request.path}"
    data = [
        structured.physician(doctor, site.organization, url=url, home=home_url(site)),
        structured.breadcrumbs(crumbs),
    ]
    return show(site, "portal/doctor_detail.html", context, structured=data)


def _crumbs_of_doctor(site: Site, doctor: Any) -> list[tuple[str, str]]:
    own = (doctor.name, site.request.path)
    if doctor.department is None:
        return crumbs_of(site, own)
    code = doctor.department.code
    return crumbs_of(
        site,
        (doctor.department.name, reverse("portal:department-detail", args=[site.organization.slug, code])),
        own,
    )


@require_safe
@public
@kindly
def privacy(request: HttpRequest, slug: str) -> HttpResponse:
    site = opened(request, slug)
    return show(site, "portal/privacy.html", {}, page_class="notice")


def departments_of(site: Site) -> list[Any]:
    """The departments where patients are seen."""
    return [department for department in directory.list_departments(site.actor) if department.is_clinical]


def _first_day(site: Site, text: str) -> date:
    """The first day shown: today, or a later one from the address, up to two months ahead."""
    today = site.now.astimezone(site.zone).date()
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        return today
    return min(max(wanted, today), today + timedelta(days=60))
