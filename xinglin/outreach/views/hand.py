"""What colleagues do by hand: calls and letters."""

import csv
import io
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core import audit
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.core.exports import safe_row
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.core.typeset import typeset
from xinglin.directory.queries import get_own_organization
from xinglin.outreach import actions, queries
from xinglin.outreach.forms.providers import CallForm
from xinglin.outreach.models import HandTask
from xinglin.outreach.permissions import Permission
from xinglin.patients.permissions import Permission as PatientPermission
from xinglin.patients.queries import contact_addresses

LETTER = Path(__file__).resolve().parent.parent / "paper" / "letters.typ"
MOST_LETTERS = 500


@require_GET
@access(Permission.DO_HAND_TASK)
def call_list(request: StaffRequest) -> HttpResponse:
    """Whom to call, the one due first on top."""
    status = request.GET.get("status", "open")
    who = request.GET.get("q", "").strip() if request.actor.can(PatientPermission.VIEW_PATIENT) else ""
    rows = queries.list_hand_tasks(request.actor, channel="phone", status=status, who=who)
    order = ("next_at", "id") if status == "open" else ("-id",)
    context: dict[str, Any] = {
        "page": paginate(request, rows, order=order, size=50),
        "status": status,
        "q": who,
        "may_find": request.actor.can(PatientPermission.VIEW_PATIENT),
        "kept": {"status": status},
        "statuses": [("open", _("待办")), ("done", _("接通了")), ("given_up", _("联系不上"))],
        "now": timezone.now(),
    }
    opened = request.GET.get("open", "")
    if opened:
        context |= _one(request, UUID(opened) if len(opened) == 36 else UUID(int=0))
    return render_page(request, "outreach/call_list.html", context)


def _one(request: StaffRequest, public_id: UUID, form: CallForm | None = None) -> dict[str, Any]:
    task = queries.get_hand_task(request.actor, public_id, channel="phone")
    return {"task": task, "form": form or CallForm(), "is_open": task.status == HandTask.Status.OPEN}


@require_http_methods(["GET", "POST"])
@access(Permission.DO_HAND_TASK)
def call_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One call: what to say; POST writes down how it went."""
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_call(
                actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("通话结果已记下"))
            return HttpResponseRedirect(reverse("outreach:call-list"))
    status = 422 if form.is_bound and form.errors else 200
    context = _one(request, public_id, form)
    return render_page(request, "outreach/call_detail.html", context, part="panel", status=status)


@require_GET
@access(Permission.DO_HAND_TASK)
def letter_list(request: StaffRequest) -> HttpResponse:
    """Letters to print and post."""
    status = request.GET.get("status", "open")
    rows = queries.list_hand_tasks(request.actor, channel="letter", status=status)
    context = {
        "page": paginate(request, rows, order=("id",) if status == "open" else ("-id",), size=50),
        "status": status,
        "statuses": [("open", _("待办")), ("done", _("已寄出"))],
    }
    return render_page(request, "outreach/letter_list.html", context)


def _chosen(request: StaffRequest) -> list[HandTask]:
    rows = queries.list_hand_tasks(request.actor, channel="letter").order_by("id")
    if request.POST.get("all") != "1":
        ids = [value for value in request.POST.getlist("ids") if value.isdecimal()]
        rows = rows.filter(pk__in=ids)
    return list(rows[:MOST_LETTERS])


@require_POST
@access(Permission.DO_HAND_TASK)
def letter_batch(request: StaffRequest) -> HttpResponse:
    """Chosen letters as PDF or list (audited: they hold addresses), or marked as posted."""
    tasks = _chosen(request)
    what = request.POST.get("do", "")
    if not tasks:
        messages.error(request, _("先选几封信"))
        return HttpResponseRedirect(reverse("outreach:letter-list"))
    if what == "posted":
        ids = [task.public_id for task in tasks]
        count = actions.mark_posted(actor=request.actor, public_ids=ids, now=timezone.now())
        messages.success(request, ngettext("%(n)s 封已寄出", "%(n)s 封已寄出", count) % {"n": count})
        return HttpResponseRedirect(reverse("outreach:letter-list"))
    addresses = contact_addresses(patient_ids=[task.patient_id for task in tasks], channel="letter")
    kind = "csv" if what == "csv" else "pdf"
    audit.record(
        request.actor, "outreach.letter.exported", None, at=timezone.now(), count=len(tasks), form=kind
    )
    response = _csv(tasks, addresses) if kind == "csv" else _pdf(request, tasks, addresses)
    actions.mark_printed(
        actor=request.actor, public_ids=[task.public_id for task in tasks], now=timezone.now()
    )
    response["Content-Disposition"] = f'attachment; filename="letters.{kind}"'
    response["Cache-Control"] = "no-store"
    return response


def _csv(tasks: list[HandTask], addresses: dict[int, str]) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("姓名"), _("地址"), _("正文")])
    for task in tasks:
        writer.writerow(safe_row([task.patient.name, addresses.get(task.patient_id, ""), task.text or ""]))
    return HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")


def _pdf(request: StaffRequest, tasks: list[HandTask], addresses: dict[int, str]) -> HttpResponse:
    hospital = get_own_organization(request.actor)
    data = {
        "hospital": hospital.name,
        "day": timezone.localdate().isoformat(),
        "letters": [
            {
                "name": task.patient.name,
                "address": addresses.get(task.patient_id, ""),
                "text": task.text or "",
            }
            for task in tasks
        ],
    }
    return HttpResponse(typeset(LETTER, data), content_type="application/pdf")
