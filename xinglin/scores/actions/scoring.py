"""Fitting a model and computing everybody's number; each one transaction at the end of the arithmetic."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from xinglin.core import audit, bulk, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job
from xinglin.patients import queries as patients
from xinglin.scores import queries
from xinglin.scores.actions import applying, learning
from xinglin.scores.actions.learning import Fitted
from xinglin.scores.models import Refusal, Score, ScoreModel
from xinglin.scores.permissions import Permission
from xinglin.scores.queries import features
from xinglin.scores.rules import extra
from xinglin.scores.rules.catalogue import KINDS

REFIT_AFTER = timedelta(days=7)
CHUNK = 20_000
COLUMNS = (
    "organization_id", "patient_id", "name", "value", "label", "why", "computed_at", "model_id",
)  # fmt: skip


class NotFitted(Conflict):
    """A score is to be computed before there is a model with skill."""

    code, default = "not-fitted", _("这个评分还没有可用的模型：先拟合；没有增益的模型不显示也不计算")


def fit(*, actor: Actor, name: str, now: datetime) -> ScoreModel:
    """Fit a score's model from the lake as it stands and keep its card; without skill the score is hidden.

    Raises PermissionDenied, NoSuchScore, ModelsNotInstalled.
    """
    require(actor, Permission.RUN_MODEL)
    kind = queries.get_kind(name)
    organization_id = actor.organization_id or 0
    if not kind.is_model:
        return _keep_plain(actor, name, now=now)
    extra.need()
    hospital = features.hospital_of(organization_id, queries.refused_ids(organization_id))
    return _keep(actor, name, learning.learn(name, hospital, now=now), now=now)


@transaction.atomic
def _keep_plain(actor: Actor, name: str, *, now: datetime) -> ScoreModel:
    """The card of a score that only describes: there is one, and nothing to prove."""
    card, is_new = ScoreModel.objects.get_or_create(
        organization_id=actor.organization_id or 0, name=name, version=1,
        defaults={"fitted_at": now, "has_skill": True, "fitted_by_name": person(actor)},
    )  # fmt: skip
    if is_new:
        audit.record(actor, "scores.model.fitted", card, at=now, label=str(KINDS[name].label), has_skill=True)
    return card


def person(actor: Actor) -> str:
    """Who fitted it; nobody's name when it was done by itself."""
    return "" if actor.is_system else actor.name[:120]


@transaction.atomic
def _keep(actor: Actor, name: str, fitted: Fitted, *, now: datetime) -> ScoreModel:
    mine = ScoreModel.objects.filter(organization_id=actor.organization_id or 0, name=name)
    last = db.lock_rows(mine.order_by("-version")).first()
    found = fitted.found
    card = ScoreModel.objects.create(
        organization_id=actor.organization_id or 0,
        name=name,
        version=last.version + 1 if last else 1,
        fitted_at=now,
        fitted_by_name=person(actor),
        trained_from=fitted.trained[0] if fitted.trained else None,
        trained_to=fitted.trained[1] if fitted.trained else None,
        tested_from=fitted.tested[0] if fitted.tested else None,
        tested_to=fitted.tested[1] if fitted.tested else None,
        rows=fitted.rows,
        held_out_rows=found.rows,
        figures=found.figures,
        baseline=found.baseline,
        calibration=found.calibration,
        has_skill=found.has_skill,
        reason=found.reason,
        coefficients=fitted.coefficients,
    )
    mine.exclude(pk=card.pk).exclude(coefficients={}).update(coefficients={})
    if not found.has_skill:
        Score.objects.filter(organization_id=actor.organization_id or 0, name=name).delete()
    audit.record(
        actor, "scores.model.fitted", card, at=now, label=str(KINDS[name].label), has_skill=found.has_skill
    )
    return card


def run(*, actor: Actor, name: str, now: datetime) -> ScoreModel:
    """Compute a score for everybody with its newest model, in place of what there was; returns the card.

    Refused and unknown people have none. Raises PermissionDenied, NoSuchScore, NotFitted, ModelsNotInstalled.
    """
    require(actor, Permission.RUN_MODEL)
    kind = queries.get_kind(name)
    organization_id = actor.organization_id or 0
    card = queries.newest(organization_id, name)
    if card is None and not kind.is_model:
        card = fit(actor=actor, name=name, now=now)
    if card is None or not card.has_skill:
        raise NotFitted
    if kind.is_model:
        extra.need()
    hospital = features.hospital_of(organization_id, queries.refused_ids(organization_id))
    lines = applying.APPLIERS[name](hospital, card.coefficients, now=now)
    return _write(card, lines, now=now)


@transaction.atomic
def _write(card: ScoreModel, lines: Iterable[applying.Line], *, now: datetime) -> ScoreModel:
    """Replace the numbers of a score in one go; a newer model that came meanwhile wins."""
    mine = ScoreModel.objects.filter(organization_id=card.organization_id, name=card.name)
    newest = db.lock_rows(mine.order_by("-version")).first()
    if newest is None or newest.pk != card.pk:
        raise Conflict
    Score.objects.filter(organization_id=card.organization_id, name=card.name)._raw_delete("default")
    moment = bulk.moment_text(now)
    rows = (
        (card.organization_id, person, card.name, value, label, why, moment, card.pk)
        for person, value, label, why in lines
    )
    while chunk := list(islice(rows, CHUNK)):
        bulk.insert_rows(Score, COLUMNS, chunk)
    written = Score.objects.filter(organization_id=card.organization_id, name=card.name)
    # Who refused or was removed since the lake was last brought up to date.
    written.filter(Exists(Refusal.objects.filter(patient=OuterRef("patient"))))._raw_delete("default")
    known = patients.list_patients(Actor.system(card.organization_id), now=now)
    written.filter(~Exists(known.filter(pk=OuterRef("patient_id"))))._raw_delete("default")
    mine.filter(pk=card.pk).update(computed_at=now, people=written.count(), updated_at=now)
    card.refresh_from_db()
    return card


def wants_fit(card: ScoreModel | None, *, now: datetime) -> bool:
    """Whether a model is due: none yet, or older than a week."""
    return card is None or (KINDS[card.name].is_model and now - card.fitted_at >= REFIT_AFTER)


def refresh(*, actor: Actor, name: str, is_fit_wanted: bool, now: datetime) -> ScoreModel:
    """Fit where it is wanted or due, then compute where there is skill. Errors as above."""
    card = queries.newest(actor.organization_id, name)
    if is_fit_wanted or wants_fit(card, now=now):
        card = fit(actor=actor, name=name, now=now)
    assert card is not None
    return run(actor=actor, name=name, now=now) if card.has_skill else card


def begin(*, actor: Actor, name: str, now: datetime) -> Job:
    """Fit and compute one score in the background.

    Raises PermissionDenied, NoSuchScore, ModelsNotInstalled.
    """
    require(actor, Permission.RUN_MODEL)
    kind = queries.get_kind(name)
    if kind.is_model:
        extra.need()
    with transaction.atomic():
        audit.record(actor, "scores.model.requested", None, at=now, label=str(KINDS[name].label))
        return enqueue(
            "scores.refresh",
            {"names": [name], "fit": True},
            actor=actor,
            title=_("重新拟合和计算：%(name)s") % {"name": kind.label},
            dedupe_key=f"scores.refresh:{actor.organization_id}:{name}",
        )


def begin_all(*, actor: Actor) -> Job:
    """Compute every score of the hospital in the background, fitting what is due. Raises PermissionDenied."""
    require(actor, Permission.RUN_MODEL)
    return enqueue(
        "scores.refresh",
        {"names": list(KINDS), "fit": False},
        actor=actor,
        title=str(_("计算评分")),
        dedupe_key=f"scores.refresh:{actor.organization_id}:all",
    )
