"""Staff pages of the price list."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, NotFound
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.directory import queries as directory
from xinglin.prices import actions, queries
from xinglin.prices.forms import EndForm, NoticeForm, PriceForm, ReleaseForm
from xinglin.prices.models import PriceItem
from xinglin.prices.permissions import Permission
from xinglin.prices.tables import csv_answer

RUN_IMPORT = "patients.import.run"
STATES = ("shown", "coming", "held", "ended")


@require_GET
@access(Permission.VIEW_PRICE)
def price_list(request: StaffRequest) -> HttpResponse:
    """Entries in the list's order; a row opens beside it."""
    today, chosen = timezone.localdate(), _chosen(request)
    rows = queries.list_prices(actor=request.actor, today=today, **chosen)
    page = paginate(request, rows, order=queries.ORDER)
    opened = _opened(request)
    context = {
        "page": page,
        "rows": [(row, row.state_on(today)) for row in page],
        "chosen": chosen,
        "departments": directory.list_departments(request.actor),
        "held": queries.count_held(actor=request.actor, today=today),
        "can_edit": request.actor.can(Permission.EDIT_PRICE),
        "can_import": request.actor.can(Permission.EDIT_PRICE) and request.actor.can(RUN_IMPORT),
        "public_url": f"/h/{directory.get_own_organization(request.actor).slug}/info/prices/",
        **(_facts(request, opened) if opened else {}),
    }
    return render_page(request, "prices/price_list.html", context)


@require_GET
@access(Permission.VIEW_PRICE)
def price_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One entry; a panel inside the list, a page by itself."""
    item = queries.get_price(actor=request.actor, public_id=public_id)
    return render_page(request, "prices/price_detail.html", _facts(request, item), part="panel")


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PRICE)
def price_create(request: StaffRequest) -> HttpResponse:
    form = PriceForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            item = actions.add_price(actor=request.actor, facts=form.facts, now=timezone.now())
        except DomainError as error:
            blame(form, error)
        else:
            return _saved(request, item)
    return _form(request, form, title=_("新增价目"))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PRICE)
def price_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    item = queries.get_price(actor=request.actor, public_id=public_id)
    initial = {name: getattr(item, name) for name in PriceForm.base_fields}
    initial["department"] = item.department.public_id if item.department else None
    form = PriceForm(request.POST or None, actor=request.actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            item = actions.change_price(
                actor=request.actor, public_id=public_id, facts=form.facts, now=timezone.now()
            )
        except DomainError as error:
            blame(form, error)
        else:
            return _saved(request, item)
    return _form(request, form, title=item.name)


@require_POST
@access(Permission.EDIT_PRICE)
def end_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            item = actions.end_price(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(
                request, _("「%(name)s」公示到 %(day)s 为止") % {"name": item.name, "day": item.valid_until}
            )
            return redirect("prices:price-detail", public_id)
    return _detail(request, public_id, end_form=form)


@require_POST
@access(Permission.EDIT_PRICE)
def release_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    form = ReleaseForm(request.POST)
    if form.is_valid():
        try:
            item = actions.release_price(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("「%(name)s」已放行，官网上能看到了") % {"name": item.name})
            return redirect("prices:price-detail", public_id)
    return _detail(request, public_id, release_form=form)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PRICE)
def notice_edit(request: StaffRequest) -> HttpResponse:
    row = queries.get_notice(actor=request.actor)
    initial = {"complaint_phone": row.complaint_phone, "note": row.note}
    form = NoticeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_notice(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("公示说明已保存"))
            return redirect("prices:price-list")
    return _form(request, form, title=_("公示说明"))


@require_GET
@access(Permission.VIEW_PRICE)
def price_export(request: StaffRequest) -> HttpResponse:
    """The entries of the list as it is filtered, in the columns that the import reads."""
    rows = queries.list_prices(actor=request.actor, today=timezone.localdate(), **_chosen(request))
    actions.record_export(actor=request.actor, count=rows.count(), now=timezone.now())
    return csv_answer(rows.order_by(*queries.ORDER))


def _chosen(request: StaffRequest) -> dict[str, str]:
    names = {"text": "q", "department": "department", "state": "state"}
    return {key: request.GET.get(name, "").strip() for key, name in names.items()}


def _opened(request: StaffRequest) -> PriceItem | None:
    try:
        return queries.get_price(actor=request.actor, public_id=UUID(request.GET.get("open", "")))
    except (ValueError, NotFound):
        return None


def _facts(request: StaffRequest, item: PriceItem) -> dict[str, Any]:
    own = request.actor.user_id is not None and request.actor.user_id == item.written_by_id
    return {
        "item": item,
        "state": item.state_on(timezone.localdate()),
        "findings": item.verdict.get("findings", []),
        "names": directory.names_of_users([n for n in (item.written_by_id, item.released_by_id) if n]),
        "is_own": own,
        "can_edit": request.actor.can(Permission.EDIT_PRICE),
        "end_form": EndForm(initial={"last_day": item.valid_until or timezone.localdate()}),
        "release_form": ReleaseForm(),
    }


def _detail(request: StaffRequest, public_id: UUID, **forms: Any) -> HttpResponse:
    item = queries.get_price(actor=request.actor, public_id=public_id)
    return render(request, "prices/price_detail.html", {**_facts(request, item), **forms}, status=422)


def _saved(request: StaffRequest, item: PriceItem) -> HttpResponse:
    if item.is_held:
        messages.warning(
            request, _("「%(name)s」已保存，有要补证据的地方，另一位同事核过才公示") % {"name": item.name}
        )
    else:
        messages.success(request, _("「%(name)s」已保存") % {"name": item.name})
    return cast(HttpResponse, redirect("prices:price-detail", item.public_id))


def _form(request: StaffRequest, form: PriceForm | NoticeForm, *, title: str) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "prices/price_form.html", {"form": form, "title": title}, status=status)
