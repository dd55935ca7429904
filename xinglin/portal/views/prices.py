"""Services and prices as posted (收费公示): disclosed facts in a table, searched and by department."""

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xinglin.core.access import public
from xinglin.core.money import yuan
from xinglin.core.paging import slice_by_key
from xinglin.directory import queries as directory
from xinglin.portal import structured
from xinglin.portal.site import Site
from xinglin.portal.views.common import crumbs_of, home_url, kindly, note_view, opened, show
from xinglin.portal.views.sections import NAMES, Table, page_of
from xinglin.prices import queries as prices

SIZE: Final = 40
#: Where anybody complains about a price besides at the hospital: market supervision, the city's line.
HOTLINES: Final = ("12315", "12345")


@require_safe
@public
@kindly
def price_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The list in force; ``q`` looks into name, code and explanation, ``department`` is a code."""
    site = opened(request, slug)
    own, today = site.organization.pk, site.now.astimezone(site.zone).date()
    text = request.GET.get("q", "").strip()[:60]
    departments = prices.posted_departments(own, today=today)
    asked = request.GET.get("department", "")
    department = asked if asked in dict(departments) else ""
    found = prices.list_posted(own, today=today, text=text, department=department)
    rows, following, previous = slice_by_key(
        found, order=prices.ORDER, size=SIZE, cursor=request.GET.get("cursor", "")
    )
    page, notice = page_of(site, "prices"), prices.find_notice(own)
    posted_on = prices.posted_on(own, today=today)
    note_view(site, page_class="disclosure", content_id=page.pk if page else None)
    heading = str(NAMES["prices"])
    crumbs = crumbs_of(site, (heading, request.path))
    own_phone = (notice.complaint_phone if notice else "") or site.organization.phone
    context = {
        "section": "prices",
        "heading": heading,
        "sections": list(NAMES.items()),
        "page": page,
        "rows": rows,
        "text": text,
        "department": department,
        "departments": departments,
        "is_whole": not (text or department or request.GET.get("cursor")),
        "fees": _fees(site),
        "note": notice.note if notice else "",
        "posted_on": posted_on,
        "own_phone": own_phone,
        "hotlines": HOTLINES,
        "previous_url": _turn(text, department, previous),
        "next_url": _turn(text, department, following),
        "crumbs": crumbs,
    }
    data = [structured.breadcrumbs(crumbs)]
    if posted_on:
        data.append(
            structured.posted(site.organization, name=heading, changed=posted_on, home=home_url(site))
        )
    return show(site, "portal/prices.html", context, structured=data)


def _fees(site: Site) -> Table:
    """Registration fees by title; a span where they differ."""
    fees: dict[str, set[int]] = {}
    for title, fee in directory.list_practitioners(site.actor).values_list("title", "fee_fen"):
        if fee:
            fees.setdefault(title or _("医生"), set()).add(fee)
    rows = [
        (title, yuan(min(values)) if len(values) == 1 else f"{yuan(min(values))}–{yuan(max(values))}")
        for title, values in sorted(fees.items(), key=lambda item: -max(item[1]))
    ]
    return Table(_("挂号费"), rows, (_("职称"), _("每次")))


def _turn(text: str, department: str, cursor: str) -> str:
    """Another page of the same list; "" where there is none."""
    values = {"q": text, "department": department, "cursor": cursor}
    return f"?{urlencode({key: value for key, value in values.items() if value})}" if cursor else ""
