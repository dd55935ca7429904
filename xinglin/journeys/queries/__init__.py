"""Reads of journeys: the drawings, who is where, and why somebody went the way they did."""

from xinglin.journeys.queries.counts import NodeCount, Totals, node_counts, totals, turned_at
from xinglin.journeys.queries.entrants import would_enter
from xinglin.journeys.queries.golive import check, errors_of
from xinglin.journeys.queries.journeys import (
    draft_of,
    find_draft,
    find_live,
    get_journey,
    get_version,
    journeys_of_audience,
    list_journeys,
    list_versions,
    shown_version,
)
from xinglin.journeys.queries.people import (
    PathStep,
    journeys_with_tasks,
    list_calls,
    list_people,
    list_tasks,
    path_of,
)
from xinglin.journeys.queries.walk import WalkStep, walk
from xinglin.journeys.queries.wire import (
    call_as_dict,
    journey_as_dict,
    problems_as_list,
    tasks_as_dicts,
    version_as_dict,
)

__all__ = [
    "NodeCount",
    "PathStep",
    "Totals",
    "WalkStep",
    "call_as_dict",
    "check",
    "draft_of",
    "errors_of",
    "find_draft",
    "find_live",
    "get_journey",
    "get_version",
    "journey_as_dict",
    "journeys_of_audience",
    "journeys_with_tasks",
    "list_calls",
    "list_journeys",
    "list_people",
    "list_tasks",
    "list_versions",
    "node_counts",
    "path_of",
    "problems_as_list",
    "shown_version",
    "tasks_as_dicts",
    "totals",
    "turned_at",
    "version_as_dict",
    "walk",
    "would_enter",
]
