"""Bills and refunds."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.booking import actions, queries
from xinglin.booking.forms import InvoiceForm, RefundForm, VisitInvoiceForm
from xinglin.booking.models import Invoice
from xinglin.booking.permissions import Permission
from xinglin.booking.views.common import (
    Here,
    back,
    day_from,
    department_choices,
    here,
    kept,
    person_of,
    uuid_from,
)
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.ids import uuid7
from xinglin.core.money import yuan
from xinglin.core.paging import paginate
from xinglin.patients import queries as patients


@require_safe
@access(Permission.VIEW_INVOICE)
def invoice_list(request: StaffRequest) -> HttpResponse:
    at = here(request)
    chosen = {name: request.GET.get(name, "") for name in ("department", "method", "state", "q")}
    person = uuid_from(request.GET.get("patient", ""))
    first, last = day_from(request, "from", None), day_from(request, "to", None)
    found = queries.list_invoices(
        actor=at.actor,
        zone=at.zone,
        first=first,
        last=last,
        department=chosen["department"],
        method=chosen["method"],
        state=chosen["state"],
        number=chosen["q"].strip(),
        patient_id=patients.get_patient(at.actor, person).pk if person else None,
    )
    amount, refunded = queries.sum_invoices(found)
    context = {
        "page": paginate(request, found, order=("-settled_at", "-id")),
        "chosen": chosen,
        "first": first,
        "last": last,
        "amount": amount,
        "refunded": refunded,
        "departments": department_choices(at.actor),
        "methods": Invoice.Method.choices,
        "keep": kept(request, "patient"),
        "may_edit": at.actor.can(Permission.EDIT_INVOICE),
    }
    return render_page(request, "booking/invoice_list.html", context)


@require_safe
@access(Permission.VIEW_INVOICE)
def invoice_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    at = here(request)
    return _show(request, at, public_id, RefundForm(initial={"key": uuid7()}))


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.EDIT_INVOICE)
def invoice_create(request: StaffRequest) -> HttpResponse:
    """A bill of a patient without a visit."""
    at = here(request)
    chosen = uuid_from(request.GET.get("patient", "") or request.POST.get("patient", ""))
    patient = patients.get_patient(at.actor, chosen) if chosen else None
    form = InvoiceForm(
        request.POST or None, departments=department_choices(at.actor), initial={"patient": chosen}
    )
    if request.method == "POST" and form.is_valid():
        try:
            person = person_of(at.actor, form.cleaned_data, source_channel="counter", now=at.now)
            cleaned = form.cleaned_data
            invoice = _settle(at, cleaned, patient=person.public_id, department=cleaned["department"])
        except DomainError as error:
            blame(form, error)
        else:
            return _settled(request, invoice)
    context = {"form": form, "patient": patient, "visit": None}
    return render_page(request, "booking/invoice_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.EDIT_INVOICE)
def visit_invoice_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """A bill of a visit; patient, department and source are the visit's."""
    at = here(request)
    visit = queries.get_encounter(actor=at.actor, public_id=public_id)
    form = VisitInvoiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invoice = _settle(at, form.cleaned_data, encounter=public_id)
        except DomainError as error:
            blame(form, error)
        else:
            return _settled(request, invoice)
    context = {"form": form, "patient": visit.patient, "visit": visit}
    return render_page(request, "booking/invoice_form.html", context, status=422 if form.errors else 200)


@require_POST
@access(Permission.EDIT_INVOICE)
def refund_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    at = here(request)
    form = RefundForm(request.POST)
    if form.is_valid():
        try:
            refund = actions.refund_invoice(
                actor=at.actor,
                public_id=public_id,
                amount_fen=form.cleaned_data["amount"],
                reason=form.cleaned_data["reason"],
                key=form.cleaned_data["key"],
                now=at.now,
            )
        except DomainError as error:
            blame(form, error)
        else:
            said = _("已退 %(amount)s") % {"amount": yuan(refund.amount_fen)}
            return back(request, reverse("booking:invoice-detail", args=[public_id]), said=said)
    return _show(request, at, public_id, form)


def _settle(at: Here, cleaned: dict[str, Any], **whose: Any) -> Invoice:
    return actions.settle_invoice(
        actor=at.actor,
        amount_fen=cleaned["amount"],
        number=cleaned["number"],
        method=cleaned["method"],
        description=cleaned["description"],
        now=at.now,
        **whose,
    )


def _settled(request: StaffRequest, invoice: Invoice) -> HttpResponse:
    said = _("已登记账单 %(amount)s") % {"amount": yuan(invoice.amount_fen)}
    return back(request, reverse("booking:invoice-detail", args=[invoice.public_id]), said=said)


def _show(request: StaffRequest, at: Here, public_id: UUID, form: RefundForm) -> HttpResponse:
    invoice = queries.get_invoice(actor=at.actor, public_id=public_id)
    context = {
        "invoice": invoice,
        "refunds": list(queries.list_refunds(actor=at.actor, invoice=invoice)),
        "form": form,
        "may_edit": at.actor.can(Permission.EDIT_INVOICE),
        "source_words": queries.source_words(invoice),
    }
    return render_page(request, "booking/invoice_detail.html", context, status=422 if form.errors else 200)
