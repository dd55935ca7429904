"""Trying a drawing out: a test run with chosen people, whose messages go to the sink alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.journeys.actions.running import NotReady
from xinglin.journeys.engine import compiling, entering
from xinglin.journeys.engine.plan import plan_of
from xinglin.journeys.models import JourneyLane, JourneyVersion
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import draft_of, get_journey
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules.checks import problems
from xinglin.ledger.lake import source
from xinglin.patients import queries as patients

MOST = 20


@transaction.atomic
def start_test(
    *,
    actor: Actor,
    public_id: UUID,
    patients_public_ids: Sequence[UUID | str],
    now: datetime,
    is_fast: bool = True,
) -> JourneyVersion:
    """Let up to 20 people through the draft. Their messages are marked as test and go to the sink; tasks,
    tags, points, calls and goals are only written down as passed. ``is_fast`` passes every wait at once.

    An earlier test run is forgotten, its messages' marks apart. Raises NotReady where the drawing itself is
    unfinished, Invalid for no or too many people, NotFound for a person the actor does not see.
    """
    require(actor, Permission.EDIT_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    draft = draft_of(journey)
    if not 0 < len(patients_public_ids) <= MOST:
        raise Invalid(fields={"patients": [_("选 1 到 %(most)s 个人来试走") % {"most": MOST}]})
    found = [problem for problem in problems(drawing.read(draft.graph)) if problem.is_error]
    if found:
        told = [{"node": p.node, "code": p.code, "message": p.message} for p in found]
        raise NotReady(_("还不能试走：%(what)s") % {"what": found[0].message}, detail={"problems": told})
    people = [patients.get_patient(actor, each) for each in patients_public_ids]
    compiling.clear_run(draft)
    compiling.write_nodes(draft)
    compiling.open_lanes(draft, {0: source.last_seq()}, lanes=1)
    JourneyLane.objects.filter(version=draft).update(is_fast=is_fast)
    draft.updated_at = now
    draft.save(update_fields=["updated_at"])
    draft.journey = journey
    entering.enter(plan_of(draft), [(person.pk, -draft.pk, "") for person in people], now=now)
    audit.record(
        actor, "journeys.draft.tested", journey, at=now, label=journey.name, people=len(people), fast=is_fast
    )
    return draft


@transaction.atomic
def stop_test(*, actor: Actor, public_id: UUID, now: datetime) -> None:
    """Forget the draft's test run."""
    require(actor, Permission.EDIT_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    compiling.clear_run(draft_of(journey))
    audit.record(actor, "journeys.draft.test_stopped", journey, at=now, label=journey.name)
