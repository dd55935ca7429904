"""The list of scores, a model card, its people, and asking for a new fit."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.paging import paginate
from xinglin.ledger import lake
from xinglin.patients.permissions import Permission as Patients
from xinglin.scores import actions, queries, words
from xinglin.scores.permissions import Permission
from xinglin.scores.queries import Standing
from xinglin.scores.rules import extra


def _shown(standing: Standing) -> dict[str, Any]:
    tone, state = words.states()[standing.state]
    return {
        "kind": standing.kind,
        "card": standing.card,
        "tone": tone,
        "state": state,
        "verdict": words.verdict(standing.card, standing.kind.label),
    }


@require_GET
@access(Permission.VIEW_SCORE)
def score_list(request: StaffRequest) -> HttpResponse:
    """Every score with the state of its newest card."""
    context = {
        "rows": [_shown(each) for each in queries.list_standings(actor=request.actor)],
        "can_learn": extra.is_there(),
        "may_run": request.actor.can(Permission.RUN_MODEL),
        "may_fill": request.actor.can(Permission.FILL_QUESTIONNAIRE),
        "fresh_as_of": lake.fresh_as_of(),
    }
    return render_page(request, "scores/score_list.html", context)


@require_GET
@access(Permission.VIEW_SCORE)
def score_detail(request: StaffRequest, name: str) -> HttpResponse:
    """One score: what it says, its figures beside the baseline, calibration, earlier versions."""
    standing = queries.get_standing(actor=request.actor, name=name)
    card = standing.card
    page = paginate(
        request, queries.list_versions(actor=request.actor, name=name), order=("-version",), size=10
    )
    context = {
        **_shown(standing),
        "figures": words.figures_of(card) if card else [],
        "chart": words.chart_of(card) if card and card.calibration else None,
        "page": page,
        "versions": [(row, words.states()["shown" if row.has_skill else row.reason]) for row in page],
        "may_run": request.actor.can(Permission.RUN_MODEL),
        "can_learn": extra.is_there() or not standing.kind.is_model,
        "missing": extra.ModelsNotInstalled.default,
        "may_see_people": request.actor.can(Patients.VIEW_PATIENT),
        "fresh_as_of": lake.fresh_as_of(),
    }
    return render_page(request, "scores/score_detail.html", context)


@require_GET
@access(Permission.VIEW_SCORE, Patients.VIEW_PATIENT)
def people_list(request: StaffRequest, name: str) -> HttpResponse:
    """Who has the score, highest first, with the reasons."""
    standing = queries.get_standing(actor=request.actor, name=name)
    rows = queries.list_people(actor=request.actor, name=name, now=timezone.now())
    page = paginate(request, rows, order=("-value", "-id"))
    context = {
        **_shown(standing),
        "page": page,
        "rows": [(row, words.value_of(row), words.reasons_of(row)) for row in page],
    }
    return render_page(request, "scores/people_list.html", context, part="rows")


@require_POST
@access(Permission.RUN_MODEL)
def run_create(request: StaffRequest, name: str) -> HttpResponse:
    """Fit and compute in the background; the job's page shows how far it is."""
    job = actions.begin(actor=request.actor, name=name, now=timezone.now())
    return HttpResponseRedirect(reverse("ui:job-detail", args=[job.public_id]))
