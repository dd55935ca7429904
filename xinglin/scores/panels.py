from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.patients.panels_registry import Panel, patient_panel
from xinglin.scores import queries, words
from xinglin.scores.permissions import Permission
from xinglin.scores.rules.catalogue import KINDS
from xinglin.scores.rules.questionnaires import shipped

if TYPE_CHECKING:
    from xinglin.patients.models import Patient

SHOWN = 5


@patient_panel(order=75)
def scores(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """评分: each number with its date, version and reasons; or that the person does not want any."""
    if not actor.can(Permission.VIEW_SCORE):
        return None
    found = queries.scores_of(actor=actor, patient_id=patient.pk)
    return Panel(
        title=_("评分"),
        template="scores/_scores_on_record.html",
        context={
            "scores": [(row, KINDS[row.name], words.value_of(row), words.reasons_of(row)) for row in found],
            "refusal": queries.find_refusal(patient.pk),
            "may_refuse": actor.can(Permission.EDIT_REFUSAL),
        },
        url=reverse("scores:list"),
        url_label=_("模型卡"),
    )


@patient_panel(order=76)
def questionnaires(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """健康自测: what was filled in, and what fits this person."""
    if not actor.can(Permission.FILL_QUESTIONNAIRE):
        return None
    age = patient.age_on(timezone.localdate(now))
    rows = []
    for answer in queries.list_answers(actor=actor, patient=patient)[:SHOWN]:
        questionnaire, kept = queries.get_questionnaire(answer.questionnaire), queries.read_answer(answer)
        said = questionnaire.said(kept["points"], kept["band"])
        rows.append((answer, questionnaire.name, said, questionnaire.band(kept["band"])))
    return Panel(
        title=_("健康自测"),
        template="scores/_answers_on_record.html",
        context={
            "answers": rows,
            "fitting": [each for each in shipped().values() if each.fits(age=age, sex=patient.sex)],
        },
        url=f"{reverse('scores:questionnaires')}?patient={patient.public_id}",
        url_label=_("全部量表"),
    )
