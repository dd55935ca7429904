"""The list, its side panel, saved views, and what is done to many."""

from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, Invalid
from xinglin.core.forms import blame
from xinglin.core.paging import COUNT_CAP, paginate
from xinglin.patients import actions, queries
from xinglin.patients.forms import BulkForm
from xinglin.patients.models import PatientTag
from xinglin.patients.permissions import Permission
from xinglin.patients.queries.listing import Facts, facts_of
from xinglin.patients.views.filters import chips, choices, filters_from
from xinglin.patients.views.parts import side_of

SORTS = {"name": ("name", "id"), "-name": ("-name", "-id"), "added": ("id",), "-added": ("-id",)}


@require_safe
@access(Permission.VIEW_PATIENT)
def patient_list(request: StaffRequest) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    chosen = filters_from(request.GET)
    rows = queries.list_patients(actor, chosen, now=now).select_related("responsible")
    page = paginate(request, rows, order=SORTS.get(request.GET.get("sort", ""), ("-id",)))
    shown = choices(actor, chosen)
    opened = request.GET.get("open", "")
    views = queries.list_saved_views(actor)
    context = {
        "page": page,
        "people": _people(actor, page.rows, now),
        "q": chosen.get("q", ""),
        "choices": shown,
        "chips": chips(shown),
        "query": urlencode(chosen),
        "keep": {name: request.GET[name] for name in ("sort",) if request.GET.get(name)},
        "views": views,
        "here": _here(views, chosen),
        "opened": opened,
        "may": _rights(request),
        **(_opened(request, opened) if opened else {}),
    }
    return render_page(request, "patients/patient_list.html", context)


def _rights(request: StaffRequest) -> dict[str, bool]:
    can = request.actor.can
    return {
        "edit": can(Permission.EDIT_PATIENT),
        "export": can(Permission.EXPORT_PATIENT),
        "import": can(Permission.RUN_IMPORT),
    }


def _people(actor: Any, rows: list[Any], now: Any) -> list[dict[str, Any]]:
    """One page of people with what the ledger and the tags say of them."""
    ids = [row.pk for row in rows]
    facts = facts_of(actor, ids, now=now)
    tags: dict[int, list[str]] = {}
    for mark in PatientTag.objects.filter(patient_id__in=ids).select_related("tag").order_by("tag__name"):
        tags.setdefault(mark.patient_id, []).append(mark.tag.name)
    today = timezone.localdate(now)
    return [
        {
            "row": row,
            "age": row.age_on(today),
            "facts": facts.get(row.pk, Facts()),
            "tags": tags.get(row.pk, []),
        }
        for row in rows
    ]


def _here(views: list[Any], chosen: dict[str, str]) -> str:
    """Which tab the present filters are: a saved view's id, "mine", "birthday", "all" or ""."""
    fixed = {"": "all", "responsible=me": "mine", "birthday=7": "birthday"}
    query = urlencode(chosen)
    for view in views:
        if dict(parse_qsl(view.query)) == chosen and chosen:
            return str(view.public_id)
    return fixed.get(query, "")


def _opened(request: StaffRequest, public_id: str) -> dict[str, Any]:
    try:
        return side_of(request, UUID(public_id))
    except (ValueError, DomainError):
        return {"opened": ""}


@require_safe
@access(Permission.VIEW_PATIENT)
def patient_panel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The side panel; without htmx the whole record."""
    if not request.htmx:
        return HttpResponseRedirect(reverse("patients:detail", args=[public_id]))
    return render(request, "patients/_panel.html", side_of(request, public_id))


@require_POST
@access(Permission.VIEW_PATIENT)
def view_create(request: StaffRequest) -> HttpResponse:
    """Keep the filters under a name."""
    filters = dict(parse_qsl(request.POST.get("query", "")))
    target = f"{reverse('patients:list')}?{urlencode(filters)}"
    try:
        view = actions.save_view(
            actor=request.actor,
            name=request.POST.get("name", ""),
            filters=filters,
            shared=bool(request.POST.get("shared")),
            now=timezone.now(),
        )
    except Invalid as error:
        messages.error(request, next(iter(error.fields.values()))[0])
    else:
        messages.success(request, _("已存为视图「%(name)s」") % {"name": view.name})
    return HttpResponseRedirect(target)


@require_POST
@access(Permission.VIEW_PATIENT)
def view_delete(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.delete_view(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("视图已删除"))
    return HttpResponseRedirect(reverse("patients:list"))


@require_POST
@access(Permission.VIEW_PATIENT)
def bulk_create(request: StaffRequest) -> HttpResponse:
    """Ask once more, saying to how many it will happen; then begin the job."""
    do = request.POST.get("do", "")
    filters = filters_from(request.GET)
    everybody = request.POST.get("all") == "1"
    ids = None if everybody else request.POST.getlist("ids")[:1000]
    if not everybody and not ids:
        messages.error(request, _("先选中要处理的人"))
        return HttpResponseRedirect(f"{reverse('patients:list')}?{urlencode(filters)}")
    confirmed = "confirmed" in request.POST
    form = BulkForm(request.POST if confirmed else None, actor=request.actor, do=do, initial={"do": do})
    if do not in BulkForm.NEEDS:
        raise Invalid(_("没有这种批量操作"))
    if confirmed and form.is_valid():
        try:
            job = actions.start_bulk(
                actor=request.actor, do=do, filters=filters, public_ids=ids, now=timezone.now(),
                tag=form.cleaned_data.get("tag", ""), staff_id=form.cleaned_data.get("staff"),
                reason=form.cleaned_data.get("reason", ""),
            )  # fmt: skip
        except Invalid as error:
            blame(form, error)
        else:
            return HttpResponseRedirect(reverse("ui:job-detail", args=[job.public_id]))
    rows = queries.list_patients(request.actor, filters, now=timezone.now())
    count = (
        (rows if ids is None else rows.filter(public_id__in=_uuids(ids))).order_by()[: COUNT_CAP + 1].count()
    )
    context = {
        "form": form, "do": do, "ids": ids, "everybody": everybody, "query": urlencode(filters),
        "count": count if count <= COUNT_CAP else _("超过 1 万"),
        "back": f"{reverse('patients:list')}?{urlencode(filters)}",
    }  # fmt: skip
    status = 422 if confirmed else 200
    return render_page(request, "patients/bulk_form.html", context, status=status)


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
