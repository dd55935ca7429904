"""The next channel of a message's order, for people whom the one before surely did not reach."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from xinglin.outreach import gate
from xinglin.outreach.gate.requests import fallback_context
from xinglin.outreach.models import Campaign, Message
from xinglin.outreach.rules import ways

State = Message.State
#: A campaign that is over, or was stopped, tries nothing further.
_GOES_ON = (Campaign.Status.RUNNING, Campaign.Status.PAUSED)


def try_next(rows: Sequence[Message], *, now: datetime) -> set[int]:
    """Queue failed messages again by the first later channel that the gate allows; returns which.

    Call it with rows that are ``failed`` in the database, inside the transaction that wrote so: such a row
    counts neither against caps nor as content received. A channel only leads to a later one, so it ends;
    what may have arrived (``unconfirmed``) never comes here.
    """
    campaigns = Campaign.objects.filter(
        pk__in={row.campaign_id for row in rows if row.campaign_id}, status__in=_GOES_ON
    ).in_bulk()
    in_journeys = [row.pk for row in rows if row.journey_node_id is not None]
    # As it stands now: leaving a journey ends the ways of what is under way.
    fresh = dict(Message.objects.filter(pk__in=in_journeys).values_list("pk", "way")) if in_journeys else {}
    groups: dict[tuple[int | None, int | None, int | None, str, str], list[Message]] = defaultdict(list)
    for row in rows:
        campaign = campaigns.get(row.campaign_id or 0)
        if row.patient_id is None or (campaign is None and row.journey_node_id is None):
            continue
        way = fresh.get(row.pk) if campaign is None else row.way
        way = ",".join(campaign.channels) if campaign is not None and way is None else way or ""
        groups[row.campaign_id, row.journey_node_id, row.template_version_id, row.channel, way].append(row)
    again: set[int] = set()
    for (_campaign, _node, _version, channel, way), group in groups.items():
        later = ways.later(way, channel)
        context = fallback_context(message=group[0], channels=tuple(later), now=now)
        if context is not None:
            again |= _queue(group, context, way)
    return again


def _queue(group: Sequence[Message], context: gate.Context, way: str) -> set[int]:
    ids = [row.patient_id for row in group if row.patient_id is not None]
    decisions = gate.decide_many(context=context, patient_ids=ids)
    routes: dict[tuple[str, datetime, int | None], list[int]] = defaultdict(list)
    for row in group:
        decision = decisions.get(row.patient_id or 0)
        if decision is not None and decision.is_allowed:
            routes[decision.channel, max(decision.due_at, context.at), decision.guardian_id].append(row.pk)
    for (channel, due_at, guardian_id), some in routes.items():
        Message.objects.filter(pk__in=some, state=State.FAILED).update(
            state=State.QUEUED,
            channel=channel,
            due_at=due_at,
            guardian_id=guardian_id,
            rules_version=gate.rules_for(context.organization_id).stamp,
            channel_rules=context.channel_rules(channel),
            decided_at=context.at,
            asked_at=None,
            attempts=0,
            way=ways.after_failure(way, group[0].channel, channel),
            turns=F("turns") + 1,
            worker="",
            reason="",
            provider="",
            provider_id="",
        )
    return {pk for some in routes.values() for pk in some}
