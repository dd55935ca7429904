"""What a hospital discloses (医疗广告认定指南第五条): facts in tables, nothing that praises.

Each section shows what the system knows for certain, then the approved page whose address is the section's
name, if there is one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from xinglin.content import queries as content
from xinglin.core.access import public
from xinglin.core.errors import NotFound
from xinglin.directory import queries as directory
from xinglin.portal import structured
from xinglin.portal.site import Site
from xinglin.portal.views.common import crumbs_of, home_url, kindly, note_view, opened, show

NAMES: Final = {
    "about": gettext_lazy("医院概况"),
    "services": gettext_lazy("诊疗科目"),
    "prices": gettext_lazy("服务与价格"),
    "process": gettext_lazy("就诊指南"),
    "insurance": gettext_lazy("医保"),
    "complaints": gettext_lazy("投诉建议"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of facts; the first cell of a row names it."""

    caption: str
    rows: Sequence[tuple[str, ...]]
    head: tuple[str, ...] = field(default=())


@require_safe
@public
@kindly
def section(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    site = opened(request, slug)
    if section not in NAMES:
        raise NotFound
    page = page_of(site, section)
    note_view(site, page_class="disclosure", content_id=page.pk if page else None)
    heading = str(NAMES[section])
    crumbs = crumbs_of(site, (heading, request.path))
    maker = TABLES.get(section)
    context = {
        "section": section,
        "heading": heading,
        "sections": list(NAMES.items()),
        "page": page,
        "tables": [table for table in (maker(site) if maker else []) if table.rows],
        "steps": _steps() if section == "process" and page is None else [],
        "crumbs": crumbs,
    }
    data = [structured.breadcrumbs(crumbs)]
    if section == "about":
        data.append(structured.hospital(site.organization, url=home_url(site)))
    return show(site, "portal/section.html", context, structured=data)


def page_of(site: Site, section: str) -> Any:
    """The approved page of that name, if it discloses and does not advertise."""
    try:
        page = content.get_published_page(site.organization.pk, section)
    except NotFound:
        return None
    return page if page.page_class in {"disclosure", "service"} else None


def _about(site: Site) -> list[Table]:
    hospital = site.organization
    facts = [
        (_("名称"), hospital.name),
        (_("第一名称"), hospital.first_name),
        (_("医疗机构执业许可证登记号"), hospital.licence_no),
        (_("地址"), hospital.address),
        (_("电话"), hospital.phone),
    ]
    campuses = [(each.name, each.address, each.phone) for each in directory.list_campuses(site.actor)]
    return [
        Table(_("登记信息"), [(name, value) for name, value in facts if value]),
        Table(_("院区"), campuses, (_("院区"), _("地址"), _("电话"))),
    ]


def _services(site: Site) -> list[Table]:
    doctors = directory.list_practitioners(site.actor).values_list("department_id", flat=True)
    counts: dict[int | None, int] = {}
    for department_id in doctors:
        counts[department_id] = counts.get(department_id, 0) + 1
    rows = [
        (
            each.name,
            ngettext("%(n)s 位医生", "%(n)s 位医生", counts.get(each.pk, 0)) % {"n": counts.get(each.pk, 0)},
            each.campus.name if each.campus else "",
        )
        for each in directory.list_departments(site.actor).select_related("campus")
        if each.is_clinical
    ]
    return [Table(_("诊疗科目"), rows, (_("科室"), _("医生"), _("院区")))]


def _complaints(site: Site) -> list[Table]:
    hospital = site.organization
    rows = [(_("电话"), hospital.phone), (_("来访"), hospital.address)]
    return [Table(_("怎么找到我们"), [(name, value) for name, value in rows if value])]


def _steps() -> list[str]:
    """How booking here works; what the system does, so it is always true."""
    return [
        _("选科室、医生和时间，填就诊人姓名和手机号；不用注册。"),
        _("输入短信里的 6 位验证码，约好后会收到通知。"),
        _("就诊前一天和两小时前各提醒一次；来不了请提前取消，号会让给别人。"),
        _("到院后给前台扫预约页上的码签到，按号就诊。"),
    ]


TABLES: Final[dict[str, Callable[[Site], list[Table]]]] = {
    "about": _about,
    "services": _services,
    "complaints": _complaints,
}
