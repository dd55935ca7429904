"""Tokens for machines."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.paging import paginate
from xinglin.directory import actions, queries
from xinglin.directory.forms import TokenForm
from xinglin.directory.forms.base import submitted
from xinglin.directory.models import ApiToken
from xinglin.directory.permissions import Permission


@require_GET
@access(Permission.EDIT_TOKEN)
def token_list(request: StaffRequest) -> HttpResponse:
    """The hospital's tokens, newest first."""
    context = {"page": paginate(request, queries.list_tokens(request.actor)), "now": timezone.now()}
    return render_page(request, "directory/token_list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_TOKEN)
def token_create(request: StaffRequest) -> HttpResponse:
    """A new token; its secret is shown once, on the page that answers."""
    form = TokenForm(request.POST or None, actor=request.actor)
    made: list[tuple[ApiToken, str]] = []

    def save() -> None:
        now, data = timezone.now(), form.cleaned_data
        made.append(
            actions.create_token(
                actor=request.actor,
                name=data["name"],
                scopes=data["scopes"],
                expires_at=form.expires_at(now),
                now=now,
            )
        )

    if request.method == "POST" and submitted(form, save):
        token, secret = made[0]
        return render(request, "directory/token_created.html", {"token": token, "secret": secret})
    context = {
        "form": form,
        "title": _("新增接口令牌"),
        "submit": _("生成令牌"),
        "back": "directory:token-list",
    }
    return render(request, "directory/simple_form.html", context, status=422 if form.errors else 200)


@require_POST
@access(Permission.EDIT_TOKEN)
def token_revocation(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """End a token at once."""
    token = actions.revoke_token(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("令牌「%(name)s」已作废") % {"name": token.name})
    return redirect("directory:token-list")
