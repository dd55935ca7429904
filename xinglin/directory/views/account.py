"""One's own account, and which hospital one works in."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.core.access import StaffRequest, public, signed_in
from xinglin.directory import actions, queries
from xinglin.directory.forms import PreferencesForm
from xinglin.directory.forms.base import submitted
from xinglin.directory.models import User


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def account(request: StaffRequest) -> HttpResponse:
    """Name, language, theme; how one signs in; where one is signed in."""
    user = request.user
    assert isinstance(user, User)
    if request.method == "POST":
        form = PreferencesForm(request.POST)
        if submitted(
            form,
            lambda: actions.save_preferences(actor=request.actor, now=timezone.now(), **form.cleaned_data),
        ):
            with translation.override(form.cleaned_data["language"]):
                messages.success(request, _("已保存"))
            return _remember(redirect("directory:account"), form.cleaned_data)
    else:
        form = PreferencesForm.of(
            user, language=translation.get_language(), theme=request.COOKIES.get("theme", "auto")
        )
    context = {
        "form": form,
        "factors": queries.list_second_factors(user.pk),
        "memberships": queries.list_choices(user.pk),
        "membership": getattr(request, "membership", None),
    }
    return render(request, "directory/account.html", context, status=422 if form.errors else 200)


def _remember(response: HttpResponse, wanted: dict[str, str]) -> HttpResponse:
    """The sign-in pages know nobody yet: they go by the browser's cookies."""
    for name, value in ((settings.LANGUAGE_COOKIE_NAME, wanted["language"]), ("theme", wanted["theme"])):
        response.set_cookie(
            name, value, max_age=31_536_000, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@public
def hospital_choice(request: HttpRequest) -> HttpResponse:
    """Which hospital to work in; also where those wait who may not in before two-step sign-in is set up."""
    user = request.user
    if not isinstance(user, User):
        return redirect(settings.LOGIN_URL)
    target = request.POST.get("next") or request.GET.get("next") or settings.LOGIN_REDIRECT_URL
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = settings.LOGIN_REDIRECT_URL
    if request.method == "POST":
        chosen = actions.choose_membership(
            user_id=user.pk, public_id=request.POST.get("membership", ""), now=timezone.now()
        )
        request.session.cycle_key()
        request.session[queries.SESSION_KEY] = chosen.pk
        return redirect(target)
    choices = list(queries.list_choices(user.pk))
    actor = getattr(request, "actor", None)
    context = {
        "choices": [(choice, queries.lacks_second_factor(choice)) for choice in choices],
        "current": getattr(request, "membership", None) if actor else None,
        "next": target,
    }
    return render(request, "directory/hospital_choice.html", context)


@require_GET
@public
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Says whom to ask: a link to set a password comes from an administrator, never from a form here."""
    return render(request, "account/password_forgotten.html")


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def session_list(request: StaffRequest) -> HttpResponse:
    """Where one is signed in; each of them, or all the others, can be ended."""
    user = request.user
    assert isinstance(user, User)
    sessions = queries.list_sessions(user)
    if request.method == "POST":
        wanted = request.POST.get("session", "")
        chosen = [one.pk for one in sessions if wanted in {"others", str(one.pk)}]
        ended = actions.end_sessions(
            actor=request.actor,
            session_ids=chosen,
            keep=request.session.session_key or "",
            now=timezone.now(),
        )
        messages.success(request, _("已退出 %(n)s 处") % {"n": ended})
        return redirect("directory:session-list")
    context = {"sessions": sessions, "here": request.session.session_key}
    return render(request, "directory/session_list.html", context)
