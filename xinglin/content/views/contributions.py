"""A note from anybody of the house: three fields, made for a phone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinglin.content import actions, queries
from xinglin.content.forms import ContributionForm
from xinglin.core.access import StaffRequest, signed_in
from xinglin.core.errors import DomainError
from xinglin.core.forms import blame
from xinglin.core.paging import paginate


@require_http_methods(["GET", "POST"])
@signed_in
def contribution_create(request: StaffRequest) -> HttpResponse:
    form = ContributionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.contribute(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("收到了，谢谢；内容运营会接着写，发出前还要审核"))
            return redirect("content:contribution-create")
    page = paginate(request, queries.list_own_contributions(actor=request.actor), size=20)
    return render(
        request,
        "content/contribution_form.html",
        {"form": form, "page": page},
        status=422 if form.errors else 200,
    )
