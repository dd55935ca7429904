"""What a journey has come to: the ways of its splits against each other and against the holdout."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.insights import words_journeys as words
from xinglin.insights.permissions import Permission
from xinglin.journeys import queries as journeys
from xinglin.journeys.permissions import Permission as JourneyPermission
from xinglin.journeys.queries import results


@require_GET
@access(Permission.VIEW_REPORT, JourneyPermission.VIEW_JOURNEY)
def journey_result(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One version's result; the one in force unless ``?version=`` names another."""
    journey = journeys.get_journey(actor=request.actor, public_id=public_id)
    asked = request.GET.get("version", "")
    version = (
        journeys.get_version(journey, int(asked))
        if asked.isascii() and asked.isdigit()
        else journeys.find_live(journey) or journeys.shown_version(journey)
    )
    found = results.result_of(actor=request.actor, version=version)
    context = {
        "journey": journey,
        "version": version,
        "result": found,
        "splits": [words.split_context(split) for split in found.splits],
        "numbers": list(journeys.list_versions(journey).exclude(status="draft")[:10]),
    }
    return render_page(request, "insights/journey_result.html", context)
