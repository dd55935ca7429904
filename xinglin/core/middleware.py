import json
import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from xinglin.core.errors import DomainError
from xinglin.core.masking import scrub

GetResponse = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Says who is asking: ``request.actor`` is the person in one hospital, or None."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.find_actor = import_string(settings.FIND_ACTOR)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = self.find_actor(request) if request.user.is_authenticated else None  # type: ignore[attr-defined]
        user_zone = getattr(request, "time_zone", None)
        with timezone.override(user_zone or settings.TIME_ZONE):
            return self.get_response(request)


class NoNulMiddleware:
    """No text holds a NUL, and PostgreSQL stores none: left out of a query, 400 in a path or in JSON.

    Forms refuse it themselves, field by field.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        is_json = request.content_type == "application/json"
        if "\0" in request.path or (is_json and b"\\u0000" in request.body):
            raise BadRequest("NUL")
        return self.get_response(request)


class LanguageMiddleware:
    """The language a person chose, else Chinese: patients and staff here read it first."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanted = request.GET.get("lang") or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
        if request.GET.get("lang") == language:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                max_age=31_536_000,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response


class DomainErrorMiddleware:
    """A DomainError becomes a page, a toast or a problem, in this one place."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if request.path.startswith("/api/"):
            return problem(error)
        if request.headers.get("HX-Request"):
            toast = {"toast": {"text": str(error), "tone": "bad"}}
            return HttpResponse(
                status=error.status, headers={"HX-Trigger": json.dumps(toast), "HX-Reswap": "none"}
            )
        shown = {404: "404.html", 403: "403.html"}.get(error.status, "ui/error.html")
        context = {"error": error, "message": str(error), "status": error.status}
        return render(request, shown, context, status=error.status)


def problem(error: DomainError) -> JsonResponse:
    """A DomainError for machines (RFC 9457), with its stable ``code``."""
    body = {"type": "about:blank", "title": str(error), "status": error.status, "code": error.code}
    if error.fields:
        body["fields"] = error.fields
    return JsonResponse(
        {**body, **error.detail}, status=error.status, content_type="application/problem+json"
    )


class PersonalDataFilter(logging.Filter):
    """Takes phone and ID numbers out of every log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = scrub(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = scrub(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True
