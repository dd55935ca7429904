"""What scores write into the ledger: that a person decided or filled something in, never a result."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from xinglin.ledger.kinds import touch_kind


@touch_kind("scoring.refused", label=_("不同意自动化评分"), icon="circle-off", tells=("noted_by",))
@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringRefused:
    """The person wants no scores (PIPL art. 24); ``noted_by`` is "patient" or "staff", who noted it."""

    noted_by: str


@touch_kind("scoring.allowed", label=_("又同意自动化评分"), icon="circle-check", tells=("noted_by",))
@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringAllowed:
    noted_by: str


@touch_kind("questionnaire.answered", label=_("填了健康自测"), icon="clipboard-heart", tells=("noted_by",))
@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireAnswered:
    """Which one and what came of it is health data: it stays encrypted with the answer."""

    noted_by: str
