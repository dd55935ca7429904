from django.http import HttpResponse
from django.views.decorators.http import require_safe

from xinglin.core import palette as registry
from xinglin.core.access import StaffRequest, render_page, signed_in
from xinglin.core.palette import Hit
from xinglin.ui.context import Shell


@require_safe
@signed_in
def palette(request: StaffRequest) -> HttpResponse:
    """Pages of the menu, then what the modules find; a page of its own where scripts are off."""
    query = request.GET.get("q", "").strip()[:80]
    hits = menu_hits(Shell(request), query)
    if query:
        hits = [*hits[:6], *registry.find(request.actor, query)]
    return render_page(request, "ui/palette.html", {"hits": hits, "query": query}, part="hits")


def menu_hits(shell: Shell, query: str) -> list[Hit]:
    wanted = query.casefold()
    return [
        Hit(title=link.label, subtitle=section.label, url=link.url, icon=section.icon)
        for section in shell.sections
        for link in section.links
        if wanted in f"{section.label} {link.label}".casefold()
    ]
