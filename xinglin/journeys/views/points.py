"""One person's points: what they have, every entry, and an entry by hand."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import Invalid
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.journeys import actions
from xinglin.journeys.forms.points import PointsForm
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import points
from xinglin.patients import queries as patients
from xinglin.patients.permissions import Permission as PatientPermission


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_JOURNEY, PatientPermission.VIEW_PATIENT)
def points_of(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """The account of one person; POST adds an entry."""
    form = PointsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        write = actions.spend_points if data["what"] == "spent" else actions.correct_points
        try:
            left = write(
                actor=request.actor, patient_id=patient_id, points=data["points"], reason=data["reason"],
                now=timezone.now(),
            )  # fmt: skip
        except Invalid as error:
            blame(form, error)
        else:
            messages.success(request, _("记下了，现在共 %(n)s 分") % {"n": f"{left:,}"})
            return HttpResponseRedirect(reverse("journeys:points", args=[patient_id]))
    person = patients.get_patient(request.actor, patient_id)
    page = paginate(
        request, points.list_entries(actor=request.actor, patient_id=person.pk), order=("-seq",), size=50
    )
    context = {
        "person": person,
        "total": points.balance_of(organization_id=person.organization_id, patient_id=person.pk),
        "page": page,
        "form": form if request.actor.can(Permission.EDIT_POINTS) else None,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render_page(request, "journeys/points.html", context, status=status)
