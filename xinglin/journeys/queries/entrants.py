"""Who would enter now, before anything is live."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from xinglin.audiences import queries as audiences
from xinglin.core.actor import Actor
from xinglin.directory import queries as directory
from xinglin.journeys.models import JourneyVersion
from xinglin.journeys.queries import sources
from xinglin.journeys.queries.asking import audience_of, audience_question
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules.props import Trigger
from xinglin.ledger import queries as ledger


def zone_of(organization_id: int) -> str:
    """The hospital's time zone."""
    return str(directory.get_own_organization(Actor.system(organization_id)).timezone)


def would_enter(version: JourneyVersion, *, now: datetime) -> dict[str, Any]:
    """``{"people": n or None, "words": what was counted}``: those in the audience now, today's date, or the
    last seven days' touches; None while the trigger is not finished.

    Raises LakeNotReady before the first synchronization.
    """
    trigger = drawing.read(version.graph).trigger
    props: Trigger | None = trigger.props if trigger else None
    organization_id = version.journey.organization_id
    if props is None:
        return {"people": None, "words": _("还没有入口")}
    if props.is_each_entry and props.audience:
        props = props.by_touch(audience_of(organization_id, props.audience).pk)
    if props.on == "touch" and props.kind:
        touches = ledger.list_touches(
            actor=Actor.system(organization_id, "journeys"), kind=props.kind,
            since=now - timedelta(days=7), until=now,
        ).filter(patient_id__isnull=False)  # fmt: skip
        where, params = sources.where_sql("ledger_touch", props.where)
        if where:
            touches = touches.extra(where=[where.removeprefix(" AND ")], params=params)  # noqa: S610
        people = touches.values("patient_id").distinct().count()
        return {"people": people, "words": _("按过去 7 天算")}
    if props.on in ("audience", "schedule") and props.audience:
        asked = audience_question(organization_id, props.audience, now=now)
        return {"people": audiences.count(asked).people, "words": _("现在在这个人群里")}
    if props.on == "date" and props.field:
        zone = zone_of(organization_id)
        today = now.astimezone(ZoneInfo(zone)).date()
        rows = sources.on_date(organization_id, props, day=today, zone=zone)
        return {"people": rows.count(), "words": _("按今天算")}
    return {"people": None, "words": _("入口还没有填完")}
