"""The REST API: every module's router under one roof, with one way to sign in and one shape of error."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.security import HttpBearer

from xinglin.core.actor import Actor
from xinglin.core.errors import DomainError, Invalid
from xinglin.core.middleware import problem


class TokenAuth(HttpBearer):
    """A token of a hospital: ``Authorization: Bearer …``."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        from xinglin.directory.queries import actor_for_token

        actor: Actor | None = actor_for_token(token)
        request.actor = actor  # type: ignore[attr-defined]
        return actor


def session_auth(request: HttpRequest) -> Actor | None:
    """The signed-in person's session; changing requests carry the CSRF token."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None and request.method not in {"GET", "HEAD", "OPTIONS"}:
        checker = CsrfViewMiddleware(lambda r: HttpResponse())
        refused = checker.process_view(request, lambda r: HttpResponse(), (), {})
        if refused is not None:
            return None
    return actor


api = NinjaAPI(
    title="Xinglin",
    version="1",
    auth=[session_auth, TokenAuth()],
    docs_url="docs" if settings.DEBUG else None,
    urls_namespace="api",
)


@api.exception_handler(DomainError)
def on_domain_error(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error)


@api.exception_handler(ValidationError)
def on_validation_error(request: HttpRequest, error: Any) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for part in error.errors:
        fields.setdefault(".".join(str(step) for step in part["loc"]), []).append(part["msg"])
    return problem(Invalid(fields=fields))


for module in settings.MODULES:
    if find_spec(f"xinglin.{module}.api") is not None:
        api.add_router(f"/{module}/", import_module(f"xinglin.{module}.api").router)
api.add_router("/jobs/", import_module("xinglin.ui.api_jobs").router)
