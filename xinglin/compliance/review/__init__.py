"""Review of texts by a second person: one mechanism for message templates, pages and whatever comes next.

A module's version model inherits ``ReviewedText``; its actions call the transitions here inside their own
transaction. Nothing that is not approved here may be sent or published.
"""

from xinglin.compliance.review.judging import Judgement, judge_parts
from xinglin.compliance.review.levels import (
    AlreadyDecided,
    LevelStatus,
    ReviewLevel,
    check_person,
    decide,
)
from xinglin.compliance.review.models import ReviewedText, ReviewStatus
from xinglin.compliance.review.parts import Part
from xinglin.compliance.review.transitions import (
    BY_POLICY,
    EvidenceNeeded,
    SamePerson,
    TextBlocked,
    approve,
    approve_by_levels,
    content_hash,
    is_intact,
    note_author,
    reject,
    retire,
    submit,
    withdraw,
)

__all__ = [
    "BY_POLICY",
    "AlreadyDecided",
    "EvidenceNeeded",
    "Judgement",
    "LevelStatus",
    "Part",
    "ReviewLevel",
    "ReviewStatus",
    "ReviewedText",
    "SamePerson",
    "TextBlocked",
    "approve",
    "approve_by_levels",
    "check_person",
    "content_hash",
    "decide",
    "is_intact",
    "judge_parts",
    "note_author",
    "reject",
    "retire",
    "submit",
    "withdraw",
]
