"""Tracked links, unsubscribing, the cookie question, the open pixel."""

from base64 import b64decode
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.content import actions as content
from xinglin.content import queries as content_queries
from xinglin.core.access import public
from xinglin.core.errors import NotFound
from xinglin.outreach import actions as outreach
from xinglin.outreach import queries as outreach_queries
from xinglin.portal import actions, rules
from xinglin.portal.site import Source, is_machine, open_site
from xinglin.portal.views.common import gone, kindly, opened, show

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_safe
@public
def link_open(request: HttpRequest, token: str) -> HttpResponse:
    """Count the click of a person and go on; a machine goes on uncounted."""
    now = timezone.now()
    link = outreach_queries.resolve_link(token)
    if link is None:
        raise NotFound
    if not is_machine(request):
        agent = request.headers.get("User-Agent", "")
        if actions.record_click(link=link, token=token, visitor=None, device=rules.device_of(agent), now=now):
            outreach.record_click(token, now=now)
    source = Source(
        channel=link.channel,
        campaign_id=link.campaign_id,
        content_id=link.content_id,
        message=str(link.message_id or ""),
    )
    response = HttpResponseRedirect(_carry(link.url, source.signed(link.organization_id)))
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
@public
def short_link(request: HttpRequest, code: str) -> HttpResponse:
    """A code from paper: counted for a person, then on to the page; 410 when it has ended."""
    now = timezone.now()
    link = content_queries.find_short_link(code)
    if link is None:
        raise NotFound
    site = open_site(request, link.slug, now=now)
    if not link.is_active:
        return gone(site)
    if not is_machine(request):
        agent = request.headers.get("User-Agent", "")
        if actions.record_scan(link=link, visitor=site.visitor, device=rules.device_of(agent), now=now):
            content.note_click(code=link.code, now=now)
    source = Source(channel=link.channel, campaign_id=link.campaign_id, content_id=link.content_id)
    response = HttpResponseRedirect(_carry(link.path, source.signed(link.organization_id)))
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show what will stop; a POST stops it, from the page or by a mail program (RFC 8058).

    The token is the proof, so that a mail program without cookies can do it; looking changes nothing.
    """
    now = timezone.now()
    found = outreach_queries.find_unsubscribe(token)
    if found is None:
        raise NotFound
    if request.method == "POST":
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        outreach.unsubscribe(token, how="one-click" if one_click else "link", now=now)
        if one_click:
            return HttpResponse(status=200)
        return HttpResponseRedirect(f"{request.path}?done=1")
    site = opened(request, found.hospital_slug)
    context = {"found": found, "is_done": "done" in request.GET or found.is_done}
    return show(site, "portal/unsubscribe.html", context, page_class="notice", is_private=True)


@require_safe
@public
def pixel(request: HttpRequest, token: str) -> HttpResponse:
    """A mail was opened; always the same picture, whatever the token."""
    if not is_machine(request):
        outreach.record_open(token, now=timezone.now())
    response = HttpResponse(PIXEL, content_type="image/gif")
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@public
@kindly
def choice_create(request: HttpRequest, slug: str) -> HttpResponse:
    """Yes or no to being counted; back to where the person was."""
    site = opened(request, slug)
    site.accept("yes" if request.POST.get("choice") == "yes" else "no")
    target = request.POST.get("next", "")
    inside = target.startswith(f"/h/{slug}/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return site.finish(HttpResponseRedirect(target if inside else f"/h/{slug}/"))


def _carry(url: str, signed: str) -> str:
    """The address with the source on it, if it is one of our own public pages."""
    parts = urlsplit(url)
    own = urlsplit(settings.PUBLIC_URL)
    if not parts.path.startswith("/h/") or (parts.netloc and parts.netloc != own.netloc):
        return url
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != "s"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("s", signed)])))
