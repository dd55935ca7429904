"""Who may call a view. Every view carries exactly one of these; a test asks each URL for it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from xinglin.core.actor import Actor, require

P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request of somebody signed in, in one hospital."""

    actor: Actor
    htmx: Any


View = Callable[Concatenate[Any, P], HttpResponse]


def _mark(view: View[P], check: Callable[[HttpRequest], HttpResponse | None], **marks: object) -> View[P]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        refused = check(request)
        return refused if refused is not None else view(request, *args, **kwargs)

    for name, value in marks.items():
        setattr(guarded, name, value)
    return guarded  # type: ignore[return-value]


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    target = f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def _sign_in_needed(request: HttpRequest) -> HttpResponse | None:
    if getattr(request, "actor", None) is not None:
        return None
    if request.user.is_authenticated:
        return HttpResponseRedirect(settings.CHOOSE_HOSPITAL_URL)
    return _to_sign_in(request)


def access(*codes: str) -> Callable[[View[P]], View[P]]:
    """Only for people who hold every one of the permissions."""

    def check(request: HttpRequest) -> HttpResponse | None:
        refused = _sign_in_needed(request)
        if refused is None:
            for code in codes:
                require(request.actor, code)  # type: ignore[attr-defined]
        return refused

    return lambda view: _mark(view, check, access_codes=codes, access_kind="access")


def signed_in(view: View[P]) -> View[P]:
    """For everybody who works here."""
    return _mark(view, _sign_in_needed, access_codes=(), access_kind="signed_in")


def public(view: View[P]) -> View[P]:
    """For anybody on the internet."""
    return _mark(view, lambda request: None, access_codes=(), access_kind="public")


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    part: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page, or only ``part`` when htmx swaps (not boosted, not restoring history)."""
    htmx: Any = getattr(request, "htmx", None)
    swaps = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    name = f"{template}#{part}" if part and swaps else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
