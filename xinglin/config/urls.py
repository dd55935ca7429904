"""Every module's pages under its own prefix; this file alone knows them all."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from xinglin.config.api import api

# Module → prefixes. Public pages (portal) stand beside the back office, in spaces of their own.
PREFIXES = {
    "ui": "",
    "directory": "",
    "ledger": "ledger/",
    "patients": "patients/",
    "compliance": "compliance/",
    "prices": "prices/",
    "audiences": "audiences/",
    "scores": "scores/",
    "booking": "booking/",
    "content": "content/",
    "outreach": "",
    "journeys": "journeys/",
    "portal": "",
    "insights": "insights/",
}

urlpatterns: list[URLPattern | URLResolver] = [path("api/v1/", api.urls)]
for module, prefix in PREFIXES.items():
    if find_spec(f"xinglin.{module}.urls") is not None:
        urlpatterns.append(path(prefix, include(f"xinglin.{module}.urls")))

urlpatterns.append(path("", include("xinglin.config.pages")))

handler400 = "xinglin.ui.views.errors.bad_request"
handler403 = "xinglin.ui.views.errors.forbidden"
handler404 = "xinglin.ui.views.errors.not_found"
handler500 = "xinglin.ui.views.errors.server_error"
