from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from xinglin.config.demo.make import installation_is_empty

ENTRANCES = {"/", settings.LOGIN_URL}


class FirstRunMiddleware:
    """Whoever comes to an installation without a hospital is led to its setup; nothing else is asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.is_stranger_at_the_door(request) and installation_is_empty():
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(reverse("config:setup") + (f"?{query}" if query else ""))
        return self.get_response(request)

    def is_stranger_at_the_door(self, request: HttpRequest) -> bool:
        """Nobody signed in asks for an entrance: only then is the database asked anything."""
        return request.method == "GET" and request.path in ENTRANCES and not request.user.is_authenticated
