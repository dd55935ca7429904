from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from xinglin.core.access import public
from xinglin.ui.context import THEMES

YEAR = 31_536_000


@require_POST
@public
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme or language with the person (and this browser), then back to the page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = HttpResponseRedirect(target)
    theme, language = request.POST.get("theme", ""), request.POST.get("language", "")
    if theme in THEMES:
        keep(request, response, "theme", "theme", theme)
    if language in dict(settings.LANGUAGES):
        keep(request, response, "language", settings.LANGUAGE_COOKIE_NAME, language)
    return response


def keep(request: HttpRequest, response: HttpResponse, field: str, cookie: str, value: str) -> None:
    """On the account where it has such a field, and in a cookie for the pages before sign-in."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=secure)
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and hasattr(user, field):
        setattr(user, field, value)
        user.save(update_fields=[field])
