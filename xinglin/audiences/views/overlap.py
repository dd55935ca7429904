"""Two audiences beside each other."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.audiences import queries
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries.lake import UNANSWERED
from xinglin.audiences.rules.parse import BadQuestion
from xinglin.core.access import StaffRequest, access, render_page


@require_GET
@access(Permission.VIEW_AUDIENCE)
def overlap_detail(request: StaffRequest) -> HttpResponse:
    """Pick two: only in the first, in both, only in the second; each part may become an audience."""
    names = list(queries.list_audiences(request.actor).order_by("name").values_list("name", flat=True)[:500])
    first, second = (request.GET.get(key, "") for key in ("a", "b"))
    context: dict[str, Any] = {
        "names": names, "a": first, "b": second, "fresh_as_of": queries.fresh_as_of(),
        "may_edit": request.actor.can(Permission.EDIT_AUDIENCE),
    }  # fmt: skip
    organization_id = request.actor.organization_id or 0
    one, other = (queries.find_audience(organization_id, name) for name in (first, second))
    if first and second and first == second:
        context["problem"] = _("请选两个不同的人群")
    elif one is not None and other is not None:
        try:
            found = queries.find_overlap(one, other, now=timezone.now())
        except (BadQuestion, *UNANSWERED) as error:
            context["problem"] = str(error)
        else:
            context |= {"found": found, "parts": _parts(found, first, second)}
    elif first and second:
        context["problem"] = _("没有这个人群，可能已经改名或归档")
    return render_page(request, "audiences/overlap.html", context)


def _parts(found: queries.Overlap, first: str, second: str) -> list[dict[str, Any]]:
    """The three parts with their size, their share of everybody in either, and where to save each."""
    names = {"first": first, "second": second}
    either = found.only_first + found.both + found.only_second
    texts = (
        ("first", found.only_first, _("只在「%(name)s」") % {"name": first}),
        ("both", found.both, _("两个都在")),
        ("second", found.only_second, _("只在「%(name)s」") % {"name": second}),
    )
    new = reverse("audiences:new")
    return [
        {
            "key": key, "n": n, "label": label, "share": n / either if either else None,
            "url": f"{new}?{urlencode({'part': key, 'a': names['first'], 'b': names['second']})}",
        }
        for key, n, label in texts
    ]  # fmt: skip
