"""Journeys as plain values: what the API and the command line print."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from xinglin.journeys.models import Journey, JourneyTask, JourneyVersion, WebhookCall
from xinglin.journeys.queries import assignees
from xinglin.journeys.queries.counts import node_counts, nodes_of, totals
from xinglin.journeys.queries.golive import check
from xinglin.journeys.queries.journeys import find_draft, find_live
from xinglin.outreach import queries as outreach


def journey_as_dict(journey: Journey) -> dict[str, Any]:
    """Name, state, versions, and how many people went where."""
    live, draft = find_live(journey), find_draft(journey)
    found = totals([journey])[journey.pk]
    return {
        "id": str(journey.public_id),
        "name": journey.name,
        "note": journey.note,
        "status": journey.status,
        "live": live.number if live else None,
        "draft": draft.number if draft else None,
        "entered": found.entered,
        "inside": found.inside,
        "finished": found.finished,
        "conversions": found.conversions,
    }


def version_as_dict(version: JourneyVersion) -> dict[str, Any]:
    """The drawing, the counts on its nodes, and what became of each send node's messages."""
    nodes = nodes_of(version)
    accounts = outreach.account_of_nodes([node.pk for node in nodes.values() if node.kind == "send"])
    counts = {
        key: {"arrived": count.arrived, "inside": count.inside, "passed": count.passed}
        for key, count in node_counts(version).items()
    }
    messages = {}
    for key, node in nodes.items():
        if account := accounts.get(node.pk):
            messages[key] = {
                "planned": account.planned, "sent": account.sent, "pending": account.pending,
                "failed": account.failed, "unconfirmed": account.unconfirmed,
                "cancelled": account.cancelled, "turned": account.turned,
                "skipped": account.skipped, "exact": account.is_exact,
            }  # fmt: skip
    return {
        "number": version.number,
        "status": version.status,
        "graph": version.graph,
        "counts": counts,
        "messages": messages,
    }


def problems_as_list(version: JourneyVersion, *, now: datetime) -> list[dict[str, Any]]:
    """The go-live check."""
    return [
        {"node": p.node, "code": p.code, "message": p.message, "is_error": p.is_error}
        for p in check(version, now=now)
    ]


def tasks_as_dicts(tasks: Sequence[JourneyTask]) -> list[dict[str, Any]]:
    """Tasks of one hospital with who does each now."""
    holders = assignees.holders_of(tasks)
    return [{**_task(task), "assignee": asdict(holders[task.pk])} for task in tasks]


def _task(task: JourneyTask) -> dict[str, Any]:
    """A task; the person by public id."""
    return {
        "id": str(task.public_id),
        "journey": str(task.journey.public_id),
        "patient": str(task.patient.public_id),
        "what": task.what,
        "text": task.text,
        "status": task.status,
        "due_at": task.due_at,
        "note": task.note,
    }


def call_as_dict(call: WebhookCall) -> dict[str, Any]:
    """A call of another system; the person by public id."""
    return {
        "key": f"journey-{call.pk}",
        "node": call.node.key,
        "patient": str(call.patient.public_id),
        "state": call.state,
        "attempts": call.attempts,
        "error": call.error,
        "created_at": call.created_at,
        "done_at": call.done_at,
    }
