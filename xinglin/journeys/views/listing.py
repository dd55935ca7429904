"""The list of journeys, a new one, and those that come with the house."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import Invalid
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.journeys import actions, queries
from xinglin.journeys.actions import library as taking
from xinglin.journeys.forms.journeys import NewForm
from xinglin.journeys.models import Journey
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import passing
from xinglin.journeys.rules import library
from xinglin.outreach.permissions import Permission as OutreachPermission


@require_GET
@access(Permission.VIEW_JOURNEY)
def journey_list(request: StaffRequest) -> HttpResponse:
    """All journeys with what they have come to."""
    status, text = request.GET.get("status", ""), request.GET.get("q", "").strip()
    page = paginate(request, queries.list_journeys(actor=request.actor, text=text, status=status), size=30)
    numbers = queries.totals(page.rows)
    counts = passing.count_by_status(request.actor)
    for row in page:
        row.totals = numbers[row.pk]
    context = {
        "page": page,
        "q": text,
        "status": status,
        "tabs": [(code, label, counts.get(code, 0)) for code, label in Journey.Status.choices],
        "total": sum(counts.values()),
        "may_edit": request.actor.can(Permission.EDIT_JOURNEY),
        "offers": library.offered() if not counts else [],
    }
    return render_page(request, "journeys/journey_list.html", context)


@require_GET
@access(Permission.EDIT_JOURNEY)
def offer_list(request: StaffRequest) -> HttpResponse:
    """The journeys that come with the house."""
    context = {
        "offers": library.offered(),
        "may_write": request.actor.can(OutreachPermission.EDIT_TEMPLATE),
    }
    return render_page(request, "journeys/offer_list.html", context)


@require_POST
@access(Permission.EDIT_JOURNEY, OutreachPermission.EDIT_TEMPLATE)
def offer_taking(request: StaffRequest, key: str) -> HttpResponse:
    """Make one of them the hospital's own."""
    journey = taking.add_ready_made(actor=request.actor, key=key, now=timezone.now())
    messages.success(
        request,
        _("已新建「%(name)s」。文字已送审，等另一位同事批准后才能上线") % {"name": journey.name},
    )
    return HttpResponseRedirect(reverse("journeys:edit", args=[journey.public_id]))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_JOURNEY)
def journey_create(request: StaffRequest) -> HttpResponse:
    form = NewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            journey = actions.create_journey(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except Invalid as error:
            blame(form, error)
        else:
            return HttpResponseRedirect(reverse("journeys:edit", args=[journey.public_id]))
    status = 422 if form.is_bound else 200
    return render_page(request, "journeys/journey_form.html", {"form": form}, status=status)
