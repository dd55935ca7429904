"""Reads of audiences; other modules ask `people_sql`, `count`, `explain` with plain values."""

from datetime import date, datetime
from typing import Any

from xinglin.audiences.queries import answers, asking, lake
from xinglin.audiences.queries.answers import Count, Explanation, Funnel
from xinglin.audiences.queries.audiences import (
    current_version,
    current_versions,
    departments_at_home,
    dependents,
    find_audience,
    get_audience,
    get_version,
    in_dependency_order,
    latest_snapshot,
    list_audiences,
    list_members,
    list_ready_made,
    list_snapshots,
    list_uses,
    list_versions,
)
from xinglin.audiences.queries.compile import Question
from xinglin.audiences.queries.imports import error_file, get_list_import, list_imports
from xinglin.audiences.queries.members import (
    Difference,
    audiences_of,
    current_members,
    former_members,
    list_sizes,
    preview,
    recent_sizes,
)
from xinglin.audiences.queries.overlap import Overlap, find_overlap

__all__ = [
    "Count",
    "Difference",
    "Explanation",
    "Funnel",
    "Overlap",
    "Question",
    "audiences_of",
    "count",
    "current_members",
    "current_version",
    "current_versions",
    "departments_at_home",
    "dependents",
    "error_file",
    "explain",
    "find_audience",
    "find_overlap",
    "former_members",
    "get_audience",
    "get_list_import",
    "get_version",
    "in_background",
    "in_dependency_order",
    "latest_snapshot",
    "list_audiences",
    "list_imports",
    "list_members",
    "list_ready_made",
    "list_sizes",
    "list_snapshots",
    "list_uses",
    "list_versions",
    "member_ids",
    "people_sql",
    "preview",
    "question",
    "read_aloud",
    "recent_sizes",
]


def question(
    *,
    organization_id: int,
    now: datetime,
    tree: str | bytes | dict[str, Any] | None = None,
    audience_version_id: int | None = None,
    as_of: str | date | datetime | None = None,
) -> Question:
    """A question from JSON or from a saved version, asked as of a day or moment (default: now).

    BadQuestion with paths for a wrong tree, NotFound for another hospital's version.
    """
    moment = asking.as_of_for(organization_id, as_of, now=now)
    if audience_version_id is not None:
        return asking.question_of(get_version(organization_id, audience_version_id), as_of=moment)
    assert tree is not None
    return asking.understand(tree, organization_id=organization_id, as_of=moment)


def people_sql(
    *,
    organization_id: int,
    now: datetime,
    tree: dict[str, Any] | None = None,
    audience_version_id: int | None = None,
    as_of: str | date | datetime | None = None,
) -> str:
    """SQL for `ledger.lake.connect()` with one column `patient_id`: the members, unordered, each once."""
    return answers.people_sql(
        question(
            organization_id=organization_id,
            now=now,
            tree=tree,
            audience_version_id=audience_version_id,
            as_of=as_of,
        )
    )


def count(asked: Question) -> Count:
    """How many people a question finds."""
    return answers.count(asked)


def explain(asked: Question, *, patient_id: int) -> Explanation:
    """Why one person is in or not, condition by condition."""
    return answers.explain(asked, patient_id=patient_id)


def read_aloud(asked: Question) -> str:
    """The question as a sentence in the active language."""
    return asking.words_of(asked.organization_id, asked.tree)


fresh_as_of = lake.fresh_as_of
member_ids = answers.member_ids
in_background = lake.in_background
