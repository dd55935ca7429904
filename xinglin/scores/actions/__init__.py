"""What may be done with scores."""

from xinglin.scores.actions.answering import answer, work_out
from xinglin.scores.actions.refusing import allow, refuse
from xinglin.scores.actions.scoring import NotFitted, begin, begin_all, fit, refresh, run, wants_fit

__all__ = [
    "NotFitted",
    "allow",
    "answer",
    "begin",
    "begin_all",
    "fit",
    "refresh",
    "refuse",
    "run",
    "wants_fit",
    "work_out",
]
