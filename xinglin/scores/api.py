"""Scores over REST: cards, people, fitting; refusals; questionnaires."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import codes_4xx

from xinglin.core.access import StaffRequest
from xinglin.core.actor import require
from xinglin.core.paging import paginate
from xinglin.patients import queries as patients
from xinglin.patients.permissions import Permission as Patients
from xinglin.scores import actions, queries
from xinglin.scores.models import Score
from xinglin.scores.permissions import Permission
from xinglin.scores.queries import Standing
from xinglin.scores.rules.questionnaires import DISCLAIMER, text

router = Router(tags=["scores"])


class Problem(Schema):
    """An error: a stable ``code`` and words for a person."""

    code: str
    detail: str = ""


class CardOut(Schema):
    """A score and its newest card; ``state`` is none, shown, no-gain or too-few."""

    name: str
    label: str
    unit: str
    state: str
    version: int | None = None
    fitted_at: datetime | None = None
    computed_at: datetime | None = None
    people: int = 0
    trained_from: date | None = None
    trained_to: date | None = None
    tested_from: date | None = None
    tested_to: date | None = None
    rows: int = 0
    held_out_rows: int = 0
    figures: dict[str, Any] = {}
    baseline: dict[str, Any] = {}
    calibration: list[dict[str, float]] = []
    source: str = ""


CARD = (
    "version", "fitted_at", "computed_at", "people", "trained_from", "trained_to", "tested_from", "tested_to",
    "rows", "held_out_rows", "figures", "baseline", "calibration",
)  # fmt: skip


def shown(standing: Standing) -> dict[str, Any]:
    """A card as plain values."""
    kind, card = standing.kind, standing.card
    facts = {name: getattr(card, name) for name in CARD} if card else {}
    return {
        "name": kind.name, "label": str(kind.label), "unit": kind.unit.value, "state": standing.state,
        "source": kind.source, **facts,
    }  # fmt: skip


def plain(score: Score) -> dict[str, Any]:
    """One number with what moved it."""
    return {
        "name": score.name, "value": score.value, "label": score.label, "why": score.why,
        "computed_at": score.computed_at, "version": score.model.version,
    }  # fmt: skip


class RefusalIn(Schema):
    note: str = ""


class AnswerIn(Schema):
    """Answers by item code; with ``patient`` they are kept, the same ``key`` twice once."""

    answers: dict[str, Any]
    patient: UUID | None = None
    key: str | None = None


@router.get("/", response={200: list[CardOut], codes_4xx: Problem})
def list_scores(request: StaffRequest) -> list[dict[str, Any]]:
    """Every score with its newest card."""
    return [shown(each) for each in queries.list_standings(actor=request.actor)]


@router.get("/questionnaires/")
def list_questionnaires(request: StaffRequest) -> list[dict[str, Any]]:
    """Every questionnaire: items, source, disclaimer."""
    return [
        {
            "slug": each.slug, "version": each.version, "name": each.name, "purpose": each.purpose,
            "source": each.source, "disclaimer": str(DISCLAIMER),
            "items": [{**item, "label": text(item, "label")} for item in each.items],
        }
        for each in queries.list_questionnaires(actor=request.actor)
    ]  # fmt: skip


@router.post("/questionnaires/{slug}/answers")
def post_answer(request: StaffRequest, slug: str, body: AnswerIn) -> dict[str, Any]:
    """The result, kept when a patient is named; 422 ``invalid`` names every item that is wrong."""
    questionnaire = queries.get_questionnaire(slug)
    if body.patient is None:
        result = actions.work_out(actor=request.actor, slug=slug, answers=body.answers)
        points, band, public_id = result.points, result.band, None
    else:
        kept = actions.answer(
            actor=request.actor, slug=slug, patient=body.patient, answers=body.answers, key=body.key,
            now=timezone.now(),
        )  # fmt: skip
        found, public_id = queries.read_answer(kept), kept.public_id
        points, band = found["points"], found["band"]
    said = questionnaire.band(band)
    return {
        "id": public_id, "points": points, "band": band, "label": said["label"], "advice": said["advice"],
        "source": questionnaire.source, "disclaimer": str(DISCLAIMER),
    }  # fmt: skip


@router.get("/patients/{uuid:public_id}")
def get_patient_scores(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """What is kept of one person, and whether they refused to be scored."""
    patient = patients.get_patient(request.actor, public_id)
    found = queries.scores_of(actor=request.actor, patient_id=patient.pk)
    return {"refused": queries.find_refusal(patient.pk) is not None, "scores": [plain(row) for row in found]}


@router.put("/patients/{uuid:public_id}/refusal", response={204: None, codes_4xx: Problem})
def put_refusal(request: StaffRequest, public_id: UUID, body: RefusalIn) -> tuple[int, None]:
    """The person does not want to be scored: their numbers go at once."""
    actions.refuse(actor=request.actor, patient=public_id, note=body.note, now=timezone.now())
    return 204, None


@router.delete("/patients/{uuid:public_id}/refusal", response={204: None, codes_4xx: Problem})
def delete_refusal(request: StaffRequest, public_id: UUID) -> tuple[int, None]:
    """They changed their mind."""
    actions.allow(actor=request.actor, patient=public_id, now=timezone.now())
    return 204, None


@router.get("/{name}", response={200: CardOut, codes_4xx: Problem})
def get_score(request: StaffRequest, name: str) -> dict[str, Any]:
    """One score's card."""
    return shown(queries.get_standing(actor=request.actor, name=name))


@router.get("/{name}/people")
def list_people(request: StaffRequest, name: str) -> dict[str, Any]:
    """Who has it, highest first; ``next`` goes into ``?cursor=`` of the next page."""
    require(request.actor, Patients.VIEW_PATIENT)
    rows = queries.list_people(actor=request.actor, name=name, now=timezone.now())
    page = paginate(request, rows, order=("-value", "-id"))
    people = [
        {"patient": row.patient.public_id, "value": row.value, "label": row.label, "why": row.why}
        for row in page
    ]
    return {"people": people, "next": page.next_cursor}


@router.post("/{name}/runs", response={202: dict, codes_4xx: Problem})
def post_run(request: StaffRequest, name: str) -> tuple[int, dict[str, Any]]:
    """Fit and compute in the background; the job's id."""
    require(request.actor, Permission.RUN_MODEL)
    return 202, {"job": actions.begin(actor=request.actor, name=name, now=timezone.now()).public_id}
