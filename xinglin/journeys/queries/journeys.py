from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from xinglin.audiences import queries as audiences
from xinglin.core import db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.journeys.models import Journey, JourneyVersion
from xinglin.journeys.permissions import Permission

Status = JourneyVersion.Status


def list_journeys(*, actor: Actor, text: str = "", status: str = "") -> QuerySet[Any]:
    """The hospital's journeys, newest first."""
    require(actor, Permission.VIEW_JOURNEY)
    rows = Journey.objects.visible_to(actor)
    if text:
        rows = rows.filter(name__icontains=text)
    if status in Journey.Status.values:
        rows = rows.filter(status=status)
    return rows.order_by("-id")


def get_journey(*, actor: Actor, public_id: UUID | str, lock: bool = False) -> Journey:
    """One journey; NotFound for another hospital's."""
    require(actor, Permission.VIEW_JOURNEY)
    rows = Journey.objects.visible_to(actor).filter(public_id=public_id)
    found: Journey | None = (db.lock_rows(rows) if lock else rows).first()
    if found is None:
        raise NotFound
    return found


def list_versions(journey: Journey) -> QuerySet[JourneyVersion]:
    """Newest first."""
    return JourneyVersion.objects.filter(journey=journey).order_by("-number")


def get_version(journey: Journey, number: int) -> JourneyVersion:
    """One version by its number; NotFound."""
    found = list_versions(journey).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def find_draft(journey: Journey) -> JourneyVersion | None:
    """The version being drawn."""
    return list_versions(journey).filter(status=Status.DRAFT).first()


def draft_of(journey: Journey) -> JourneyVersion:
    """The version being drawn; NotFound when nothing is."""
    found = find_draft(journey)
    if found is None:
        raise NotFound
    return found


def find_live(journey: Journey) -> JourneyVersion | None:
    """The version that people enter."""
    return list_versions(journey).filter(status=Status.LIVE).first()


def shown_version(journey: Journey) -> JourneyVersion:
    """What the canvas opens: the draft if there is one, else the live one, else the newest."""
    found = find_draft(journey) or find_live(journey) or list_versions(journey).first()
    if found is None:
        raise NotFound
    return found


def journeys_of_audience(*, organization_id: int, audience_id: int) -> list[Journey]:
    """Journeys, not ended, that let an audience in by their draft or live version."""
    audience = audiences.list_audiences(Actor.system(organization_id, "journeys")).filter(pk=audience_id)
    names = {str(audience_id), *(str(row.public_id) for row in audience)}
    versions = (
        JourneyVersion.objects.filter(
            journey__organization_id=organization_id, status__in=[Status.DRAFT, Status.LIVE]
        )
        .exclude(journey__status=Journey.Status.ENDED)
        .select_related("journey")
        .order_by("-journey_id")
    )
    found: dict[int, Journey] = {}
    for version in versions:
        nodes = version.graph.get("nodes", [])
        asked = {str(node["props"].get("audience")) for node in nodes if node["kind"] == "trigger"}
        if asked & names:
            found[version.journey_id] = version.journey
    return list(found.values())
