"""Who came because of a campaign, and asking for it."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.insights import actions, queries, words_uplift
from xinglin.insights.permissions import Permission
from xinglin.insights.views.campaigns import number
from xinglin.scores import queries as scores
from xinglin.scores.permissions import Permission as Scores


@require_GET
@access(Permission.VIEW_REPORT)
def campaign_uplift(request: StaffRequest, public_id: UUID) -> HttpResponse:
    found = queries.get_uplift(
        actor=request.actor,
        public_id=public_id,
        outcome=request.GET.get("outcome", "booked"),
        days=number(request.GET.get("days", ""), 14),
        now=timezone.now(),
    )
    context = {
        "found": found,
        "campaign": found.campaign,
        "may_run": request.actor.can(Scores.RUN_MODEL) and scores.can_learn() and not found.obstacle,
        "can_learn": scores.can_learn(),
        **words_uplift.uplift_context(found),
    }
    return render_page(request, "insights/campaign_uplift.html", context)


@require_POST
@access(Permission.VIEW_REPORT, Scores.RUN_MODEL)
def uplift_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Work it out in the background; the job's page shows how far it is and leads back."""
    job = actions.begin_uplift(
        actor=request.actor,
        public_id=public_id,
        outcome=request.POST.get("outcome", ""),
        days=number(request.POST.get("days", ""), 14),
        now=timezone.now(),
    )
    return HttpResponseRedirect(reverse("ui:job-detail", args=[job.public_id]))
