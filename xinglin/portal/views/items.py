"""What was written and approved: single pages and their lists. The class of a text decides its frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.functional import Promise
from django.utils.http import quote_etag
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import condition, require_safe

from xinglin.content import queries as content
from xinglin.core.access import public
from xinglin.core.errors import NotFound
from xinglin.portal import queries, rules, structured
from xinglin.portal.site import Site
from xinglin.portal.views.common import crumbs_of, gone, home_url, kindly, note_view, opened, show
from xinglin.portal.views.pages import departments_of
from xinglin.prices import queries as prices

SIZE: Final = 20
#: The word that makes a piece of news one of the lectures and free clinics.
EVENT: Final = "活动"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of one sort; a science list has the frame of science and only science in it."""

    name: str | Promise
    empty: str | Promise
    kinds: Sequence[str] = ()
    page_class: str = ""
    #: Only texts with this word.
    tag: str = ""

    @property
    def frame_class(self) -> str:
        """The class of the list page itself."""
        return self.page_class or "disclosure"


LISTINGS: Final = {
    "science": Listing(
        pgettext_lazy("官网", "健康科普"), gettext_lazy("还没有科普文章。"), ("article", "page"), "science"
    ),
    "qa": Listing(gettext_lazy("专家问答"), gettext_lazy("还没有问答。"), ("qa",), "science"),
    "stories": Listing(
        pgettext_lazy("官网", "病例故事"), gettext_lazy("还没有病例故事。"), ("case_story",), "science"
    ),
    "news": Listing(gettext_lazy("医院新闻"), gettext_lazy("还没有新闻。"), ("news",)),
    "notices": Listing(gettext_lazy("公告"), gettext_lazy("现在没有公告。"), ("statement",)),
    "events": Listing(
        gettext_lazy("活动"),
        gettext_lazy("现在没有公布的讲座和义诊。有新的活动会写在这里和公告里。"),
        ("news",),
        tag=EVENT,
    ),
}


@require_safe
@public
@kindly
def item_list(request: HttpRequest, slug: str, listing: str) -> HttpResponse:
    """Public texts of one sort, the newest first, by cursor; ``tag`` narrows a science list."""
    site, chosen = opened(request, slug), LISTINGS[listing]
    note_view(site, page_class=chosen.frame_class)
    tag = request.GET.get("tag", "").strip()[:40]
    found = content.list_published(
        site.organization.pk,
        kinds=chosen.kinds,
        page_class=chosen.page_class,
        tag=chosen.tag or tag,
        has_stories=chosen.page_class == "science",
        cursor=request.GET.get("cursor", ""),
        size=SIZE,
        now=site.now,
    )
    is_science = chosen.page_class == "science"
    crumbs = [] if is_science else crumbs_of(site, (str(chosen.name), request.path))
    tags = (
        content.published_tags(
            site.organization.pk, kinds=chosen.kinds, page_class=chosen.page_class, now=site.now, limit=12
        )
        if listing == "science"
        else []
    )
    context = {
        "pages": found.items,
        "heading": str(chosen.name),
        "empty": chosen.empty,
        "listing": listing,
        "sides": [(code, LISTINGS[code].name) for code in ("qa", "stories")],
        "tag": tag,
        "tags": tags,
        "previous_url": _turn(tag, found.previous_cursor),
        "next_url": _turn(tag, found.next_cursor),
        "crumbs": crumbs,
    }
    links = [reverse("portal:page-detail", args=[slug, page.slug]) for page in found.items]
    data = [] if is_science else [structured.breadcrumbs(crumbs)]
    return show(
        site,
        "portal/item_list.html",
        context,
        page_class=chosen.frame_class,
        may_link=links,
        structured=data,
    )


@require_safe
@public
@kindly
def page_detail(request: HttpRequest, slug: str, page_slug: str) -> HttpResponse:
    """One approved text; 410 for one that was public and is no more."""
    site = opened(request, slug)
    try:
        page = content.get_published(site.organization.pk, page_slug, now=site.now)
    except NotFound:
        moved = queries.find_redirect(site.organization.pk, f"p/{page_slug}/")
        if moved is None and content.was_published(site.organization.pk, page_slug):
            return gone(site)
        raise
    note_view(site, page_class=page.page_class, content_id=page.pk, department_id=page.department_id)
    department = next((d for d in departments_of(site) if d.pk == page.department_id), None)
    has_ways = rules.frame_of(page.page_class).has_ways
    url = f"{settings.PUBLIC_URL}{request.path}"
    data = [structured.page(page, site.organization, url=url, has_ways=has_ways, home=home_url(site))]
    crumbs = _crumbs(site, page) if has_ways else []
    if crumbs:
        data.append(structured.breadcrumbs(crumbs))
    context = {
        "page": page,
        "department": department,
        "crumbs": crumbs,
        "service": _service(site, page),
        **_certificate(page),
    }
    return show(
        site,
        "portal/page_detail.html",
        context,
        page_class=page.page_class,
        structured=data,
        has_english=False,
        may_link=[reverse("portal:picture", args=[slug, each]) for each in page.files],
    )


@require_safe
@public
def picture(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    """A picture or model of the library, while a public page shows it.

    What it shows never changes, so it is sent once; but everybody asks again after half a minute, or what was
    taken down would stay in the caches on the way.
    """
    site = opened(request, slug)
    row = content.get_public_picture(site.organization.pk, public_id, now=site.now)
    etag = quote_etag(row.sha256)
    kept = get_conditional_response(request, etag=etag)
    answer = kept or HttpResponse(
        Path(content.media_path(row)).read_bytes(),
        content_type=row.media_type,
        headers={"X-Content-Type-Options": "nosniff"},
    )
    answer["Cache-Control"], answer["ETag"] = "public, max-age=30, must-revalidate", etag
    return answer


def _logo_stamp(request: HttpRequest, slug: str) -> str | None:
    stamp = queries.logo_stamp(opened(request, slug).organization)
    return f'"{stamp}"' if stamp else None


@require_safe
@public
@condition(etag_func=_logo_stamp)
def logo(request: HttpRequest, slug: str) -> HttpResponse:
    """The hospital's logo, always as PNG, so that nothing in it can run."""
    data = queries.logo_picture(opened(request, slug).organization)
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, content_type="image/png", headers=headers)


def _crumbs(site: Site, page: Any) -> list[tuple[str, str]]:
    own = (page.title, site.request.path)
    for code, listing in LISTINGS.items():
        if page.kind in listing.kinds and not listing.page_class:
            return crumbs_of(
                site, (str(listing.name), reverse(f"portal:{code}-list", args=[_slug(site)])), own
            )
    return crumbs_of(site, own)


def _slug(site: Site) -> str:
    return str(site.organization.slug)


def _service(site: Site, page: Any) -> Any:
    """The posted price of what a page of facts is about; None beside science and advertisements."""
    if page.page_class not in {"disclosure", "service"}:
        return None
    today = site.now.astimezone(site.zone).date()
    return prices.find_posted_by_name(site.organization.pk, page.related_service, today=today)


def _certificate(page: Any) -> dict[str, Any]:
    """The certificate an advertisement goes under; it stands in the foot of the page."""
    if page.page_class != "ad":
        return {}
    return {"certificate_no": page.certificate_no, "certificate_until": page.certificate_until}


def _turn(tag: str, cursor: str) -> str:
    if not cursor:
        return ""
    return "?" + urlencode({**({"tag": tag} if tag else {}), "cursor": cursor})
