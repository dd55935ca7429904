"""What machines read: robots.txt and a site map per hospital, in pages."""

from collections.abc import Iterator
from math import ceil
from typing import Any, Final

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
from xinglin.portal.site import Site
from xinglin.portal.views.common import kindly, opened
from xinglin.portal.views.items import LISTINGS
from xinglin.portal.views.pages import departments_of
from xinglin.portal.views.sections import NAMES

#: Addresses a page of the site map (sitemaps.org allows 50,000).
SITEMAP_SIZE: Final = 5_000
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
    """The pages of the hospital's site map."""
    site = opened(request, slug)
    own = ceil(len(_own_paths(site)) / SITEMAP_SIZE)
    texts = ceil(content.count_published(site.organization.pk, now=site.now) / SITEMAP_SIZE)
    numbers = range(1, own + texts + 1)
    pages = [f"{settings.PUBLIC_URL}{reverse('portal:sitemap-page', args=[slug, n])}" for n in numbers]
    return render(request, "portal/sitemap_index.xml", {"pages": pages}, content_type="application/xml")


@require_safe
@public
@kindly
def sitemap_page(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One page of it: the hospital's own pages first, then its texts, the oldest first."""
    site = opened(request, slug)
    own = _own_paths(site)
    ahead, start = ceil(len(own) / SITEMAP_SIZE), (number - 1) * SITEMAP_SIZE
    if number < 1:
        raise NotFound
    urls: list[dict[str, Any]] = [
        {"loc": f"{settings.PUBLIC_URL}{path}", "english": True} for path in own[start : start + SITEMAP_SIZE]
    ]
    if number > ahead:
        urls = list(_texts(site, offset=start - ahead * SITEMAP_SIZE))
        if not urls:
            raise NotFound
    return render(request, "portal/sitemap.xml", {"urls": urls}, content_type="application/xml")


def _texts(site: Site, *, offset: int) -> Iterator[dict[str, Any]]:
    slug = site.organization.slug
    for text in content.published_addresses(
        site.organization.pk, now=site.now, offset=offset, size=SITEMAP_SIZE
    ):
        path = reverse("portal:page-detail", args=[slug, text.slug])
        yield {"loc": f"{settings.PUBLIC_URL}{path}", "changed": text.changed_at}


def _own_paths(site: Site) -> list[str]:
    slug = site.organization.slug
    return [
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
    ]


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
