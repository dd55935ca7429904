"""Questionnaires for health education: the list, filling one in, a kept result; refusing to be scored."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import Invalid, NotFound
from xinglin.core.forms import blame
from xinglin.core.ids import uuid7
from xinglin.patients import queries as patients
from xinglin.scores import actions, queries
from xinglin.scores.forms import AnswerForm, RefusalForm
from xinglin.scores.permissions import Permission
from xinglin.scores.rules.questionnaires import DISCLAIMER, Questionnaire


@require_GET
@access(Permission.FILL_QUESTIONNAIRE)
def questionnaire_list(request: StaffRequest) -> HttpResponse:
    """What is on offer."""
    context = {
        "questionnaires": queries.list_questionnaires(actor=request.actor),
        "disclaimer": DISCLAIMER,
        "patient": _patient(request),
        "recent": _recent(request),
    }
    return render_page(request, "scores/questionnaire_list.html", context)


def _recent(request: StaffRequest) -> list[tuple[Any, str]]:
    """The newest answers, each with its questionnaire's name."""
    names = {one.slug: one.name for one in queries.list_questionnaires(actor=request.actor)}
    rows = queries.list_recent_answers(actor=request.actor, now=timezone.now())[:10]
    return [(row, names.get(row.questionnaire, row.questionnaire)) for row in rows]


def _patient(request: StaffRequest) -> Any:
    """The patient named in the address or the form; None for an anonymous one. Raises NotFound."""
    given = request.POST.get("patient") or request.GET.get("patient")
    if not given:
        return None
    try:
        return patients.get_patient(request.actor, UUID(given))
    except ValueError:
        raise NotFound from None


@require_http_methods(["GET", "HEAD", "POST"])
@access(Permission.FILL_QUESTIONNAIRE)
def answer_create(request: StaffRequest, slug: str) -> HttpResponse:
    """Fill in a questionnaire: with a patient it is kept, without one only shown."""
    questionnaire, patient = queries.get_questionnaire(slug), _patient(request)
    form = AnswerForm(request.POST or None, questionnaire=questionnaire, initial=_known(patient))
    context = {"questionnaire": questionnaire, "patient": patient, "form": form, "disclaimer": DISCLAIMER}
    if patient is not None:
        age = patient.age_on(timezone.localdate())
        context["is_unfit"] = not questionnaire.fits(age=age, sex=patient.sex)
    if request.method == "POST" and form.is_valid():
        try:
            if patient is not None:
                kept = actions.answer(
                    actor=request.actor, slug=slug, patient=patient.public_id, answers=form.cleaned_data,
                    now=timezone.now(), key=request.POST.get("key") or None,
                )  # fmt: skip
                return HttpResponseRedirect(reverse("scores:answer", args=[kept.public_id]))
            result = actions.work_out(actor=request.actor, slug=slug, answers=form.cleaned_data)
            context |= _result(questionnaire, result.points, result.band)
        except Invalid as error:
            blame(form, error)
    context["key"] = request.POST.get("key") or uuid7()
    status = 422 if form.is_bound and form.errors else 200
    return render_page(request, "scores/answer_form.html", context, status=status)


def _known(patient: Any) -> dict[str, Any]:
    """What the record says already."""
    if patient is None:
        return {}
    return {"sex": patient.sex if patient.sex in "FM" else None, "age": patient.age_on(timezone.localdate())}


def _result(questionnaire: Questionnaire, points: float, band: str) -> dict[str, Any]:
    return {"said": questionnaire.said(points, band), "band": questionnaire.band(band), "is_done": True}


@require_GET
@access(Permission.FILL_QUESTIONNAIRE)
def answer_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """A kept result, to read or to print for the patient."""
    answer = queries.get_answer(actor=request.actor, public_id=public_id)
    questionnaire, kept = queries.get_questionnaire(answer.questionnaire), queries.read_answer(answer)
    form = AnswerForm(kept["answers"], questionnaire=questionnaire)
    context = {
        "answer": answer,
        "questionnaire": questionnaire,
        "lines": [(field.label, _said(field)) for field in form],
        "disclaimer": DISCLAIMER,
        **_result(questionnaire, kept["points"], kept["band"]),
    }
    return render_page(request, "scores/answer_detail.html", context)


def _said(field: Any) -> str:
    value = field.value()
    choices = dict(getattr(field.field, "choices", []))
    return str(choices.get(value, f"{value:g}" if isinstance(value, float) else value))


@require_POST
@access(Permission.EDIT_REFUSAL)
def refusal_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The person does not want to be scored."""
    form = RefusalForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    actions.refuse(actor=request.actor, patient=public_id, note=note, now=timezone.now())
    messages.success(request, _("已登记：不再给这位患者评分，原有的评分已删除"))
    return HttpResponseRedirect(reverse("patients:detail", args=[public_id]))


@require_POST
@access(Permission.EDIT_REFUSAL)
def refusal_delete(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The person changed their mind."""
    actions.allow(actor=request.actor, patient=public_id, now=timezone.now())
    messages.success(request, _("已恢复：下一次每晚计算时会有评分"))
    return HttpResponseRedirect(reverse("patients:detail", args=[public_id]))
