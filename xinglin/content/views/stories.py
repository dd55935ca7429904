"""Patients' stories: which there are, what each rests on, and for how long."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from xinglin.content import queries
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import CaseScope
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.paging import paginate
from xinglin.directory.queries import get_own_organization


@require_GET
@access(Permission.VIEW_CONTENT)
def story_list(request: StaffRequest) -> HttpResponse:
    """Stories with their permissions, the newest first; ``state`` narrows them."""
    today, state = timezone.localdate(), request.GET.get("state", "")
    state = state if state in queries.STATES else ""
    page = paginate(request, queries.list_stories(actor=request.actor, state=state, today=today))
    context = {
        "page": page,
        "stories": queries.stories_of(page.rows, today=today),
        "state": state,
        "states": queries.STATES.items(),
        "scopes": dict(CaseScope.choices),
        "hospital": get_own_organization(request.actor),
        "may_edit": request.actor.can(Permission.EDIT_CONTENT),
    }
    return render_page(request, "content/story_list.html", context)
