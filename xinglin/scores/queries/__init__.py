"""What other modules may ask of scores."""

from xinglin.scores.queries.answers import (
    get_answer,
    get_questionnaire,
    list_answers,
    list_questionnaires,
    list_recent_answers,
    read_answer,
)
from xinglin.scores.queries.cards import (
    NoSuchScore,
    Standing,
    get_kind,
    get_standing,
    has_skill,
    list_people,
    list_standings,
    list_versions,
    newest,
    scores_of,
    standing_scores,
)
from xinglin.scores.queries.refusals import find_refusal, refused_ids
from xinglin.scores.queries.uplift import find_uplift
from xinglin.scores.rules.extra import is_there as can_learn
from xinglin.scores.rules.extra import need as need_models
from xinglin.scores.rules.questionnaires import DISCLAIMER, Asked, Questionnaire

__all__ = [
    "DISCLAIMER",
    "Asked",
    "NoSuchScore",
    "Questionnaire",
    "Standing",
    "can_learn",
    "find_refusal",
    "find_uplift",
    "get_answer",
    "get_kind",
    "get_questionnaire",
    "get_standing",
    "has_skill",
    "list_answers",
    "list_people",
    "list_questionnaires",
    "list_recent_answers",
    "list_standings",
    "list_versions",
    "need_models",
    "newest",
    "read_answer",
    "refused_ids",
    "scores_of",
    "standing_scores",
]
