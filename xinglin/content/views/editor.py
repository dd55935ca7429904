from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinglin.content import actions, queries
from xinglin.content.forms import ItemForm
from xinglin.content.permissions import Permission
from xinglin.content.rules.blocks import WAYS
from xinglin.content.rules.page_class import CONSEQUENCES, PageClass
from xinglin.content.views.parts import first_steps, step_list
from xinglin.content.views.places import Place, place_of
from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.directory.queries import find_department_by_id, list_departments


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CONTENT)
def item_create(request: StaffRequest) -> HttpResponse:
    departments = list_departments(request.actor)
    place = place_of(request)
    kind = place.column.kind if place.column else request.GET.get("kind", "article")
    form = ItemForm(
        request.POST or None,
        departments=departments,
        certificates=papers(request),
        initial={"kind": kind},
    )
    if request.method == "POST" and form.is_valid():
        department = find_department_by_id(request.actor, form.cleaned_data["department"])
        try:
            version = actions.create_item(
                actor=request.actor,
                kind=form.cleaned_data["kind"],
                slug=form.cleaned_data["slug"],
                department_id=department.pk if department else None,
                now=timezone.now(),
                **place.facts,
                **form.text(),
            )
        except DomainError as error:
            return _show(request, blame(form, error), item=None, place=place)
        return _saved(request, version)
    return _show(request, form, item=None, place=place)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_CONTENT)
def item_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    item = queries.get_item(actor=request.actor, public_id=public_id)
    newest = queries.newest_version(item)
    if request.method == "GET":
        initial = {name: getattr(newest, name) for name in ("title", "summary", "page_class", "body")}
        initial |= {"sources": newest.sources, "valid_until": newest.valid_until}
        initial["certificate"] = str(newest.certificate.public_id) if newest.certificate else ""
        form = ItemForm(
            initial={**initial, "seen_hash": newest.content_hash}, is_new=False, certificates=papers(request)
        )
        return _show(request, form, item=item, version=newest)
    form = ItemForm(request.POST, is_new=False, certificates=papers(request))
    if form.is_valid():
        try:
            version = actions.revise_item(
                actor=request.actor,
                public_id=public_id,
                seen_hash=form.cleaned_data["seen_hash"],
                now=timezone.now(),
                **form.text(),
            )
        except DomainError as error:
            return _show(request, blame(form, error), item=item, version=newest)
        return _saved(request, version)
    return _show(request, form, item=item, version=newest)


def papers(request: StaffRequest) -> list[Any]:
    """Certificates that an advertisement may go under today."""
    today = timezone.localdate()
    return list(queries.list_certificates(actor=request.actor, state="valid", today=today)[:50])


def _saved(request: StaffRequest, version: Any) -> HttpResponse:
    """Saved; with the button 保存并送审 also submitted, what is wrong with it shown beside the text."""
    if request.POST.get("do") != "submit":
        actions.check_item(actor=request.actor, public_id=version.item.public_id, now=timezone.now())
        messages.success(request, _("草稿已存"))
        return redirect("content:item-edit", version.item.public_id)
    try:
        actions.submit_item(
            actor=request.actor,
            public_id=version.public_id,
            seen_hash=version.content_hash,
            now=timezone.now(),
        )
    except DomainError as error:
        texts = [text for group in error.fields.values() for text in group]
        messages.error(request, "　".join([str(error), *texts]))
        return redirect("content:item-edit", version.item.public_id)
    messages.success(request, _("已送审，等另一位同事批准"))
    return redirect("content:item-detail", version.item.public_id)


def _show(
    request: StaffRequest, form: ItemForm, *, item: Any, version: Any = None, place: Place | None = None
) -> HttpResponse:
    chosen = form["page_class"].value() or PageClass.SCIENCE
    if item is not None:
        steps, step_now = step_list(item, version, queries.reviews_of(version))
    else:
        steps, step_now = first_steps(request.actor), 1
    context = {
        "form": form,
        "item": item,
        "place": place,
        "version": version,
        "classes": [
            {"value": value, "label": label, "consequence": CONSEQUENCES[PageClass(value)]}
            for value, label in PageClass.choices
        ],
        "chosen_class": chosen,
        "steps": steps,
        "step_now": step_now,
        "ways": list(WAYS),
        "authors": list(item.authors.all()) if item is not None else [],
    }
    return render(request, "content/item_form.html", context, status=422 if form.errors else 200)
