"""What every public view does: open the site, note the view, render light HTML."""

import logging
from collections.abc import Callable, Collection, Sequence
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.core.errors import DomainError, NotFound
from xinglin.portal import actions, queries, rules
from xinglin.portal.seal import Ways, lacks, reviews_in, ways_in
from xinglin.portal.site import Site, client_address, is_machine, open_site
from xinglin.portal.structured import as_json

log = logging.getLogger(__name__)

MARK: Final = "portal/mark.png"

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, str, P], HttpResponse]


class NotLawful(DomainError):
    """A page that its class forbids as it stands; it is shown to nobody until it is put right."""

    code, status, default = "not-lawful", 503, gettext_lazy("这一页正在核对，请稍后再来")


def kindly(view: View[P]) -> View[P]:
    """What cannot be shown is said on a page of this hospital, not of the back office."""

    @wraps(view)
    def guarded(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, slug, *args, **kwargs)
        except DomainError as error:
            site = opened(request, slug)
            moved = _moved(site) if isinstance(error, NotFound) else None
            if moved is not None:
                return moved
            context = {"message": str(error), "status": error.status}
            return show(
                site, "portal/error.html", context, page_class="notice", status=error.status, is_private=True
            )

    return cast(View[P], guarded)


def opened(request: HttpRequest, slug: str) -> Site:
    """The site of the hospital in the address; times on the page are the hospital's."""
    site = open_site(request, slug, now=timezone.now())
    timezone.activate(site.zone)
    return site


def note_view(
    site: Site,
    *,
    page_class: str,
    department_id: int | None = None,
    content_id: int | None = None,
    page: str = "",
) -> None:
    """Write ``page.viewed`` unless a machine asked; ``page`` replaces a path that names somebody."""
    request = site.request
    if is_machine(request):
        return
    agent, referrer = request.headers.get("User-Agent", ""), request.headers.get("Referer", "")
    path = page or request.path.removeprefix(f"/h/{site.organization.slug}")
    is_new = actions.record_view(
        organization_id=site.organization.pk,
        page=path,
        page_class=page_class,
        source=site.source,
        visitor=site.visitor,
        referrer=rules.referrer_host(referrer, own_host=request.get_host()),
        is_entry=rules.is_entry(referrer, own_host=request.get_host()),
        device=rules.device_of(agent),
        address=client_address(request),
        now=site.now,
        department_id=department_id,
        content_id=content_id,
    )
    host = rules.referrer_host(referrer, own_host=request.get_host())
    word = rules.search_word(referrer) if host else ""
    tagged = "" if word else rules.clean_word(request.GET.get("utm_term", ""))
    if is_new and (word or tagged):
        actions.count_word(
            organization_id=site.organization.pk,
            word=word or tagged,
            host=host if word else "",
            page=path,
            now=site.now,
        )


def show(
    site: Site,
    template: str,
    context: dict[str, Any],
    *,
    page_class: str = "disclosure",
    status: int = 200,
    is_private: bool = False,
    structured: Sequence[dict[str, Any]] = (),
    may_link: Collection[str] = (),
    has_english: bool = True,
) -> HttpResponse:
    """Render a public page in the frame that its class allows; ``is_private`` keeps it out of caches.

    ``has_english`` is false where the text itself is Chinese only: no other language is announced then.
    ``may_link`` are the further pages that one without ways may name. The finished page is read once more:
    what its class forbids, or lacks what its class asks for, is not shown. Raises NotLawful.
    """
    request = site.request
    frame = rules.frame_of(page_class)
    # An advertisement shows what its certificate approved; a logo is not among the eight facts.
    logo = "" if page_class == "ad" else logo_url(site)
    everywhere = {
        "site": site,
        "hospital": site.organization,
        "page_class": page_class,
        "frame": frame,
        "structured": [mark_safe(as_json(data)) for data in structured],  # noqa: S308 - escaped there
        "alternates": alternates(request) if has_english else [],
        "canonical": canonical(request, has_english=has_english),
        "logo": logo,
        "picture": f"{settings.PUBLIC_URL}{_picture(site, context.get('page')) or logo or static(MARK)}",
        "language_url": other_language(request),
        "is_private": is_private,
    }
    response = render(request, template, {**everywhere, **context}, status=status)
    _seal(site, response, frame=frame, may_link=may_link, certificate_no=context.get("certificate_no", ""))
    if is_private:
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
    return site.finish(response)


def logo_url(site: Site) -> str:
    """Where the hospital's own logo is, another address for another logo; "" where it has none."""
    stamp = queries.logo_stamp(site.organization)
    path = reverse("portal:logo", args=[site.organization.slug])
    return f"{path}?v={stamp[:8]}" if stamp else ""


def _picture(site: Site, page: Any) -> str:
    """Where the cover of a text is; "" where there is none."""
    cover = getattr(page, "cover", None)
    cover = cover.poster if cover and cover.is_model else cover
    return reverse("portal:picture", args=[site.organization.slug, cover.public_id]) if cover else ""


def _moved(site: Site) -> HttpResponse | None:
    """The way to where a page of this address has gone, if it has."""
    home = reverse("portal:home", args=[site.organization.slug])
    path = site.request.path.removeprefix(home)
    target = queries.find_redirect(site.organization.pk, path) if path else None
    if target is None:
        return None
    query = site.request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{home}{target}{'?' + query if query else ''}")


def _seal(
    site: Site, response: HttpResponse, *, frame: rules.Frame, may_link: Collection[str], certificate_no: str
) -> None:
    """Raise NotLawful for a page that must not leave as it is."""
    hospital, html = site.organization, response.content.decode()
    problems: list[str] = []
    problems += reviews_in(html)
    if not frame.has_ways:
        home = f"/h/{hospital.slug}/"
        always = ("science/", "qa/", "stories/", "privacy/", "cookies/", "media/logo.png")
        ways = Ways(
            origin=settings.PUBLIC_URL,
            phones=[hospital.phone],
            addresses=[hospital.address],
            pages={*(f"{home}{path}" for path in always), site.request.path, *may_link},
        )
        problems += ways_in(html, ways)
    elif frame.foot == "ad":
        problems += lacks(html, [hospital.first_name or hospital.name, certificate_no])
    if problems:
        log.error("page %s not shown: %s", site.request.path, problems[:5])
        raise NotLawful


def gone(site: Site) -> HttpResponse:
    """What was here has ended: said kindly, and to machines as 410."""
    return show(site, "portal/gone.html", {}, page_class="notice", status=410, is_private=True)


def home_url(site: Site) -> str:
    """The hospital's home page, with our address."""
    return f"{settings.PUBLIC_URL}{reverse('portal:home', args=[site.organization.slug])}"


def crumbs_of(site: Site, *steps: tuple[str, str]) -> list[tuple[str, str]]:
    """Home and the steps below it, with whole addresses."""
    below = [(name, f"{settings.PUBLIC_URL}{path}" if path else "") for name, path in steps]
    return [(_("首页"), home_url(site)), *below]


def canonical(request: HttpRequest, *, has_english: bool) -> str:
    """The address of this page without what only this visit has; English has one of its own."""
    english = has_english and getattr(request, "LANGUAGE_CODE", "").startswith("en")
    return f"{settings.PUBLIC_URL}{request.path}{'?lang=en' if english else ''}"


def alternates(request: HttpRequest) -> list[tuple[str, str]]:
    """Language codes and addresses of this page, for ``hreflang``."""
    bare = f"{settings.PUBLIC_URL}{request.path}"
    return [("zh-CN", bare), ("en", f"{bare}?lang=en"), ("x-default", bare)]


def other_language(request: HttpRequest) -> str:
    """This page in the other language."""
    wanted = "zh-hans" if getattr(request, "LANGUAGE_CODE", "").startswith("en") else "en"
    values = {key: value for key, value in request.GET.items() if key in {"day", "slot", "from"}}
    return f"{request.path}?{urlencode({**values, 'lang': wanted})}"
