"""Model cards and the numbers of people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.patients import queries as patients
from xinglin.scores.models import Refusal, Score, ScoreModel
from xinglin.scores.permissions import Permission
from xinglin.scores.rules.catalogue import KINDS, ScoreKind


@dataclass(frozen=True, slots=True)
class Standing:
    """A score and the newest card of it, if there is one."""

    kind: ScoreKind
    card: ScoreModel | None

    @property
    def state(self) -> str:
        """``none``, ``shown``, or why it is hidden (``no-gain``, ``too-few``)."""
        if self.card is None:
            return "none"
        return "shown" if self.card.has_skill else self.card.reason


class NoSuchScore(NotFound):
    """A name that is not in the catalogue."""

    code, default = "no-such-score", _("没有这个评分")


def get_kind(name: str) -> ScoreKind:
    """A score of the catalogue. Raises NoSuchScore."""
    if name not in KINDS:
        raise NoSuchScore
    return KINDS[name]


def newest(organization_id: int | None, name: str) -> ScoreModel | None:
    """The newest card of a score."""
    rows = ScoreModel.objects.filter(organization_id=organization_id or 0, name=name)
    return rows.order_by("-version").first()


def list_standings(*, actor: Actor) -> list[Standing]:
    """Every score with its newest card, in the catalogue's order. Raises PermissionDenied."""
    require(actor, Permission.VIEW_SCORE)
    rows = ScoreModel.objects.visible_to(actor).defer("coefficients").order_by("name", "version")
    cards = {row.name: row for row in rows}
    return [Standing(kind, cards.get(name)) for name, kind in KINDS.items()]


def get_standing(*, actor: Actor, name: str) -> Standing:
    """One score with its newest card. Raises PermissionDenied, NoSuchScore."""
    require(actor, Permission.VIEW_SCORE)
    return Standing(get_kind(name), newest(actor.organization_id, name))


def list_versions(*, actor: Actor, name: str) -> "QuerySet[ScoreModel]":
    """Every card of a score."""
    require(actor, Permission.VIEW_SCORE)
    return ScoreModel.objects.visible_to(actor).filter(name=get_kind(name).name).defer("coefficients")


def standing_scores() -> "QuerySet[Score]":
    """Scores that may be used: their newest model has skill, and the person has not refused."""
    refused = Refusal.objects.filter(patient=OuterRef("patient"))
    return Score.objects.filter(~Exists(refused), model__has_skill=True)


def has_skill(organization_id: int | None, name: str) -> bool:
    """Whether the newest model of a score is better than its baseline, and its numbers have been computed."""
    card = newest(organization_id, name)
    return card is not None and card.has_skill and card.computed_at is not None


def list_people(*, actor: Actor, name: str, now: datetime) -> "QuerySet[Score]":
    """Scores of the patients whom the actor sees. Raises PermissionDenied, NoSuchScore."""
    require(actor, Permission.VIEW_SCORE)
    get_kind(name)
    mine = patients.list_patients(actor, now=now)
    rows = standing_scores().filter(organization_id=actor.organization_id or 0, name=name)
    return rows.filter(patient__in=mine).select_related("patient")


def scores_of(*, actor: Actor, patient_id: int) -> list[Score]:
    """What is kept of one person, in the catalogue's order."""
    require(actor, Permission.VIEW_SCORE)
    rows: Iterable[Score] = standing_scores().filter(patient_id=patient_id).select_related("model")
    found = {row.name: row for row in rows.defer("model__coefficients")}  # type: ignore[attr-defined]
    return [found[name] for name in KINDS if name in found]
