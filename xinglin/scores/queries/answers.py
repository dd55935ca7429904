import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.patients import queries as patients
from xinglin.scores.models import QuestionnaireAnswer
from xinglin.scores.permissions import Permission
from xinglin.scores.rules.questionnaires import Questionnaire, shipped

if TYPE_CHECKING:
    from xinglin.patients.models import Patient


class NoSuchQuestionnaire(NotFound):
    """A name that no questionnaire has."""

    code, default = "no-such-questionnaire", _("没有这份量表")


def list_questionnaires(*, actor: Actor) -> list[Questionnaire]:
    """Every questionnaire on offer. Raises PermissionDenied."""
    require(actor, Permission.FILL_QUESTIONNAIRE)
    return list(shipped().values())


def get_questionnaire(slug: str) -> Questionnaire:
    """Raises NoSuchQuestionnaire."""
    if slug not in shipped():
        raise NoSuchQuestionnaire
    return shipped()[slug]


def list_answers(*, actor: Actor, patient: "Patient") -> "QuerySet[QuestionnaireAnswer]":
    """What was filled in for a patient the actor may see; newest first."""
    require(actor, Permission.FILL_QUESTIONNAIRE, patient.organization_id)
    return QuestionnaireAnswer.objects.visible_to(actor).filter(patient=patient).order_by("-id")


def list_recent_answers(*, actor: Actor, now: datetime) -> "QuerySet[QuestionnaireAnswer]":
    """What was filled in lately for patients the actor sees; newest first, results left encrypted."""
    require(actor, Permission.FILL_QUESTIONNAIRE)
    mine = patients.list_patients(actor, now=now)
    rows = QuestionnaireAnswer.objects.visible_to(actor).filter(patient__in=mine)
    return rows.select_related("patient").defer("content").order_by("-id")


def get_answer(*, actor: Actor, public_id: UUID) -> QuestionnaireAnswer:
    """One filled questionnaire; its patient must be in the actor's sight. Raises NotFound."""
    require(actor, Permission.FILL_QUESTIONNAIRE)
    rows = QuestionnaireAnswer.objects.visible_to(actor).select_related("patient")
    answer = rows.filter(public_id=public_id).first()
    if answer is None:
        raise NotFound
    patients.get_by_id(actor=actor, patient_id=answer.patient_id)
    return answer


def read_answer(answer: QuestionnaireAnswer) -> dict[str, Any]:
    """What it holds: ``answers``, ``points``, ``band``."""
    found: dict[str, Any] = json.loads(answer.content)
    return found
