"""What machines read: robots.txt and a sitemap per hospital."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from xinglin.content import queries as content
from xinglin.core.access import public
from xinglin.core.errors import NotFound
from xinglin.directory import queries as directory
from xinglin.portal import queries
from xinglin.portal.views.common import kindly, opened
from xinglin.portal.views.items import LISTINGS
from xinglin.portal.views.pages import departments_of
from xinglin.portal.views.sections import NAMES

CLOSED = (
    *("/h/*/booking/", "/h/*/code/", "/h/*/a/", "/h/*/my/"),
    *("/k/", "/r/", "/u/", "/o/", "/api/", "/account/"),
)


@require_safe
@public
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
    lines += [
        f"Sitemap: {settings.PUBLIC_URL}{reverse('portal:sitemap', args=[hospital.slug])}"
        for hospital in directory.list_organizations()
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
@public
@kindly
def sitemap(request: HttpRequest, slug: str) -> HttpResponse:
    site = opened(request, slug)
    pages = content.published_pages(site.organization.pk, now=site.now)
    paths: list[str] = [
        reverse("portal:home", args=[slug]),
        reverse("portal:department-list", args=[slug]),
        *(reverse("portal:department-detail", args=[slug, d.code]) for d in departments_of(site)),
        *(
            reverse("portal:doctor-detail", args=[slug, doctor.public_id])
            for doctor in directory.list_practitioners(site.actor)
        ),
        reverse("portal:doctor-list", args=[slug]),
        *(reverse("portal:section", args=[slug, code]) for code in NAMES),
        *(reverse(f"portal:{code}-list", args=[slug]) for code in LISTINGS),
        reverse("portal:event-list", args=[slug]),
    ]
    urls = [{"loc": f"{settings.PUBLIC_URL}{path}", "english": True} for path in paths]
    urls += [
        {
            "loc": f"{settings.PUBLIC_URL}{reverse('portal:page-detail', args=[slug, page.slug])}",
            "changed": page.updated_at or page.published_at,
        }
        for page in pages
    ]
    context = {"urls": urls}
    return render(request, "portal/sitemap.xml", context, content_type="application/xml")


@require_safe
@public
@kindly
def indexnow_key(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """The file that proves an announcement is ours (IndexNow: keyLocation)."""
    site = opened(request, slug)
    known = queries.search_settings(site.organization.pk).indexnow_key
    if not known or key != known:
        raise NotFound
    return HttpResponse(known, content_type="text/plain; charset=utf-8")
