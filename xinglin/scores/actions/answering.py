"""Filling in a questionnaire: for nobody in particular, or kept with a patient."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.patients import queries as patients
from xinglin.scores import queries
from xinglin.scores.actions.noting import note_down, who
from xinglin.scores.models import QuestionnaireAnswer
from xinglin.scores.permissions import Permission
from xinglin.scores.rules.questionnaires import Questionnaire, Result
from xinglin.scores.touches import QuestionnaireAnswered


def check(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as plain values; Invalid with a complaint for each that is missing or impossible."""
    wrong: dict[str, list[str]] = {}
    kept: dict[str, Any] = {}
    for item in questionnaire.items:
        code, value = item["code"], answers.get(item["code"])
        complaint = pgettext("评分", "这一项要填") if value in (None, "") else complaint_of(item, value)
        if complaint:
            wrong[code] = [complaint]
        else:
            kept[code] = float(value) if item["type"] == "number" else str(value)  # type: ignore[arg-type]
    wrong |= {
        code: [pgettext("评分", "没有这一项")]
        for code in set(answers) - {item["code"] for item in questionnaire.items}
    }
    if wrong:
        raise Invalid(fields=wrong)
    return kept


def complaint_of(item: Mapping[str, Any], value: Any) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if item["type"] == "number":
        try:
            number = float(value)
        except (TypeError, ValueError):
            return _("要填数字")
        if not item["min"] <= number <= item["max"]:
            return _("要在 %(low)s 到 %(high)s 之间") % {"low": item["min"], "high": item["max"]}
        return _("要填整数") if item.get("whole") and number != int(number) else ""
    allowed = item["points"] if item["type"] == "sex" else [choice["code"] for choice in item["choices"]]
    return "" if str(value) in allowed else _("请从给出的选项里选")


def work_out(*, actor: Actor, slug: str, answers: Mapping[str, Any]) -> Result:
    """The result of answers that are kept nowhere. Raises PermissionDenied, NoSuchQuestionnaire, Invalid."""
    require(actor, Permission.FILL_QUESTIONNAIRE)
    questionnaire = queries.get_questionnaire(slug)
    return questionnaire.result(check(questionnaire, answers))


@transaction.atomic
def answer(
    *,
    actor: Actor,
    slug: str,
    patient: UUID,
    answers: Mapping[str, Any],
    now: datetime,
    key: str | None = None,
    by_patient: bool = False,
) -> QuestionnaireAnswer:
    """Keep a patient's answers and result, encrypted; the same ``key`` twice is one.
    ``by_patient``: filled in by themselves on the hospital's site.

    Raises PermissionDenied, NotFound, NoSuchQuestionnaire, Invalid.
    """
    require(actor, Permission.FILL_QUESTIONNAIRE)
    questionnaire = queries.get_questionnaire(slug)
    person = patients.get_patient(actor, patient)
    kept = check(questionnaire, answers)
    result = questionnaire.result(kept)
    content = json.dumps({"answers": kept, "points": result.points, "band": result.band}, ensure_ascii=False)
    facts = {
        "patient": person, "questionnaire": slug, "version": questionnaire.version, "answered_at": now,
        "by_name": _("本人") if by_patient else actor.name[:120], "content": content,
    }  # fmt: skip
    if not key:
        row, is_new = (
            QuestionnaireAnswer.objects.create(organization_id=person.organization_id, **facts),
            True,
        )
    else:
        row, is_new = QuestionnaireAnswer.objects.get_or_create(
            organization_id=person.organization_id, key=key[:64], defaults=facts
        )
    if is_new:
        audit.record(
            actor, "scores.questionnaire.answered", person, at=now, label=slug, by_patient=by_patient
        )
        note_down(person, QuestionnaireAnswered(noted_by=who(by_patient)), by_patient=by_patient, now=now)
    return row
