"""Drawing: a new journey, its draft, a further version."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.journeys.models import Journey, JourneyVersion
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import find_draft, get_journey, list_versions
from xinglin.journeys.rules import graph as drawing

EMPTY: dict[str, Any] = {
    "nodes": [{"id": "n1", "kind": "trigger", "props": {"on": "touch"}, "x": 120, "y": 120}],
    "edges": [],
}


class JourneyClosed(Conflict):
    """The journey is in a state in which this cannot be done."""

    code = "journey-closed"


@transaction.atomic
def create_journey(
    *,
    actor: Actor,
    name: str,
    now: datetime,
    graph: Mapping[str, Any] | None = None,
    note: str = "",
    ready_made: str = "",
) -> Journey:
    """A new journey with a draft. Raises Invalid without a name, BadGraph for a wrong drawing."""
    require(actor, Permission.EDIT_JOURNEY)
    assert actor.organization_id is not None
    drawn = drawing.dump(drawing.read(graph or EMPTY))
    journey = Journey.objects.create(
        organization_id=actor.organization_id,
        name=_name(name),
        note=note.strip()[:300],
        ready_made=ready_made,
        seed=secrets.randbelow(2**31 - 2) + 1,
        secret=secrets.token_hex(24),
        created_by_id=actor.user_id,
        created_by_name=actor.name[:120],
    )
    _new_draft(journey, drawn, actor, now)
    audit.record(actor, "journeys.journey.created", journey, at=now, label=journey.name)
    return journey


def _name(name: str) -> str:
    if not name.strip():
        raise Invalid(fields={"name": [_("给旅程起个名字")]})
    return name.strip()[:80]


def _new_draft(journey: Journey, graph: dict[str, Any], actor: Actor, now: datetime) -> JourneyVersion:
    last = JourneyVersion.objects.filter(journey=journey).aggregate(last=Max("number"))["last"]
    return JourneyVersion.objects.create(
        journey=journey,
        number=(last or 0) + 1,
        graph=graph,
        created_at=now,
        updated_at=now,
        created_by_name=actor.name[:120],
    )


@transaction.atomic
def rename_journey(
    *, actor: Actor, public_id: UUID, name: str, now: datetime, note: str | None = None
) -> Journey:
    """Change name and note; both belong to all versions. Raises Invalid without a name."""
    require(actor, Permission.EDIT_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    journey.name = _name(name)
    journey.note = journey.note if note is None else note.strip()[:300]
    journey.save(update_fields=["name", "note", "updated_at"])
    audit.record(actor, "journeys.journey.renamed", journey, at=now, label=journey.name)
    return journey


@transaction.atomic
def save_draft(*, actor: Actor, public_id: UUID, graph: Mapping[str, Any], now: datetime) -> JourneyVersion:
    """Keep a drawing; the first change to a live journey begins its next version.

    Raises BadGraph with the nodes at fault (nothing is changed then), JourneyClosed once it has ended.
    """
    require(actor, Permission.EDIT_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    if journey.status == Journey.Status.ENDED:
        raise JourneyClosed(_("旅程已经结束，不能再改；可以复制一份"))
    drawn = drawing.dump(drawing.read(graph))
    draft = find_draft(journey)
    if draft is None:
        return _new_draft(journey, drawn, actor, now)
    draft.graph, draft.updated_at = drawn, now
    draft.save(update_fields=["graph", "updated_at"])
    return draft


@transaction.atomic
def discard_draft(*, actor: Actor, public_id: UUID, now: datetime) -> None:
    """Throw the drawing away; a journey that was never live goes with it."""
    require(actor, Permission.EDIT_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    draft = find_draft(journey)
    if draft is None:
        raise JourneyClosed(_("没有正在画的版本"))
    draft.delete()
    audit.record(actor, "journeys.draft.discarded", journey, at=now, label=journey.name, number=draft.number)
    if not list_versions(journey).exists():
        journey.delete()


@transaction.atomic
def copy_journey(*, actor: Actor, public_id: UUID, name: str, now: datetime) -> Journey:
    """A new draft with the drawing of another journey of the hospital."""
    from xinglin.journeys.queries import shown_version

    journey = get_journey(actor=actor, public_id=public_id)
    version = shown_version(journey)
    return create_journey(
        actor=actor, name=name, now=now, graph=version.graph, note=journey.note, ready_made=journey.ready_made
    )
