"""What people see when a page cannot be shown; no code, no stack."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from xinglin.core.access import public


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", {"status": 400}, status=400)


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"status": 403}, status=403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", {"status": 404}, status=404)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Without the request in the template: whatever broke may be what the frame needs (the database, say)."""
    return HttpResponse(render_to_string("500.html", {"status": 500}), status=500)
