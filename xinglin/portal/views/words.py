"""Staff page: the search words that lead here, and those that should."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate
from xinglin.portal import actions, queries
from xinglin.portal.forms.upkeep import WordForm
from xinglin.portal.permissions import Permission
from xinglin.portal.views.upkeep import common


@require_http_methods(["GET", "POST"])
@access(Permission.VIEW_SITE)
def word_list(request: StaffRequest) -> HttpResponse:
    """Watched words and words that came; a POST watches one (the action asks for the right)."""
    now = timezone.now()
    form = WordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.watch_word(actor=request.actor, now=now, **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("开始关注「%(word)s」") % {"word": row.word})
            return redirect("portal:word-list")
    page = paginate(request, queries.list_watched_words(actor=request.actor, now=now), order=("-id",))
    context = {
        "page": page,
        "form": form,
        "led": queries.list_led(actor=request.actor, now=now),
        "here": "words",
        **common(request),
    }
    return render(request, "portal/upkeep/words.html", context, status=422 if form.errors else 200)


@require_POST
@access(Permission.MANAGE_SITE)
def word_delete(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.unwatch_word(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("不再关注这个词"))
    return redirect("portal:word-list")


@require_POST
@access(Permission.MANAGE_SITE)
def word_check(request: StaffRequest) -> HttpResponse:
    job = actions.request_word_check(actor=request.actor)
    return redirect("ui:job-detail", job.public_id)
