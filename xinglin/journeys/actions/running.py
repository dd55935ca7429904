"""A journey's life: live, paused, resumed, ended; and its people between versions."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict
from xinglin.journeys.actions.editing import JourneyClosed
from xinglin.journeys.engine import compiling, moving
from xinglin.journeys.models import Journey, JourneyLane, JourneyVersion
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import draft_of, find_live, get_journey, get_version
from xinglin.journeys.queries.golive import errors_of
from xinglin.ledger.lake import source
from xinglin.outreach import actions as outreach

Status = Journey.Status


class NotReady(Conflict):
    """Something is missing; ``detail`` lists the problems as the check does."""

    code = "journey-not-ready"


@transaction.atomic
def go_live(*, actor: Actor, public_id: UUID, now: datetime) -> JourneyVersion:
    """Put the draft to work: from now on people enter it; those inside stay on theirs.

    Raises NotReady with the problems of the check, NotFound without a draft, JourneyClosed after its end.
    """
    require(actor, Permission.RUN_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    if journey.status == Status.ENDED:
        raise JourneyClosed(_("旅程已经结束"))
    draft = draft_of(journey)
    found = errors_of(draft, now=now)
    if found:
        told = [{"node": p.node, "code": p.code, "message": p.message} for p in found]
        raise NotReady(_("还不能上线：%(what)s") % {"what": found[0].message}, detail={"problems": told})
    before = find_live(journey)
    compiling.clear_run(draft)
    compiling.write_nodes(draft)
    compiling.open_lanes(draft, _heard(before))
    if before is not None:
        JourneyVersion.objects.filter(pk=before.pk).update(status=JourneyVersion.Status.RETIRED)
    draft.status, draft.published_at, draft.published_by_name = "live", now, actor.name[:120]
    draft.next_run_at, draft.updated_at = now, now
    draft.ran_through = before.ran_through if before is not None else 0
    draft.save()
    if journey.status == Status.DRAFT:
        journey.status, journey.started_at = Status.LIVE, now
        journey.save(update_fields=["status", "started_at", "updated_at"])
    audit.record(
        actor, "journeys.journey.went_live", journey, at=now, label=journey.name, version=draft.number
    )
    return draft


def _heard(before: JourneyVersion | None) -> dict[int, int]:
    """From where the lanes of a new version listen: where the old ones had got to, else from now on."""
    if before is None:
        return dict.fromkeys(range(compiling.LANES), source.last_seq())
    rows = db.lock_rows(JourneyLane.objects.filter(version=before).order_by("pk"))
    return {lane.shard: lane.seq for lane in rows}


@transaction.atomic
def pause_journey(*, actor: Actor, public_id: UUID, now: datetime, reason: str = "") -> Journey:
    """Everybody stays where they are, and what waits in the outbox waits; nothing is skipped or lost."""
    require(actor, Permission.RUN_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    _need(journey, Status.LIVE)
    list(db.lock_rows(JourneyLane.objects.filter(version__journey=journey).order_by("pk")))
    journey.status, journey.paused_at = Status.PAUSED, now
    journey.paused_by_name, journey.pause_reason = actor.name[:120], reason.strip()[:200]
    journey.save()
    outreach.hold_journey(organization_id=journey.organization_id, journey_id=journey.pk, is_held=True)
    audit.record(actor, "journeys.journey.paused", journey, at=now, label=journey.name, reason=reason)
    return journey


@transaction.atomic
def resume_journey(*, actor: Actor, public_id: UUID, now: datetime) -> Journey:
    """Go on; what fell due meanwhile happens now."""
    require(actor, Permission.RUN_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    _need(journey, Status.PAUSED)
    journey.status, journey.paused_at = Status.LIVE, None
    journey.paused_by_name = journey.pause_reason = ""
    journey.save()
    outreach.hold_journey(organization_id=journey.organization_id, journey_id=journey.pk, is_held=False)
    audit.record(actor, "journeys.journey.resumed", journey, at=now, label=journey.name)
    return journey


@transaction.atomic
def end_journey(
    *, actor: Actor, public_id: UUID, now: datetime, reason: str = "", take_out: bool = False
) -> Journey:
    """Nobody enters any more. People inside finish, or are taken out where they stand (``take_out``)."""
    require(actor, Permission.RUN_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    _need(journey, Status.LIVE, Status.PAUSED)
    journey.status, journey.ended_at, journey.paused_at = Status.ENDED, now, None
    journey.save()
    outreach.hold_journey(organization_id=journey.organization_id, journey_id=journey.pk, is_held=False)
    JourneyVersion.objects.filter(journey=journey, status="live").update(status="retired")
    if take_out:
        moving.request_leaving(journey, now=now)
    audit.record(
        actor, "journeys.journey.ended", journey, at=now, label=journey.name, reason=reason, take_out=take_out
    )
    return journey


@transaction.atomic
def move_people(
    *, actor: Actor, public_id: UUID, number: int, now: datetime, to: int | None = None
) -> dict[str, int]:
    """Move everybody inside version ``number`` to the same node of version ``to`` (default: the live one).

    Returns ``{"moved": n, "stayed": m}``: who stands at a node that the other version does not have (or has
    with another kind), or has passed it already, stays and finishes. Raises NotFound, JourneyClosed.
    """
    require(actor, Permission.RUN_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    source = get_version(journey, number)
    target = get_version(journey, to) if to is not None else find_live(journey)
    if target is None or target.pk == source.pk or "draft" in (source.status, target.status):
        raise JourneyClosed(_("只能从一个上过线的版本移到另一个上过线的版本"))
    found = moving.move(source, target, now=now)
    audit.record(
        actor, "journeys.journey.people_moved", journey, at=now, label=journey.name,
        source=source.number, target=target.number, moved=found["moved"], stayed=found["stayed"],
    )  # fmt: skip
    return found


def _need(journey: Journey, *statuses: Journey.Status) -> None:
    if journey.status not in statuses:
        raise JourneyClosed(
            _("旅程现在是“%(status)s”，不能这样做") % {"status": journey.get_status_display()}
        )
