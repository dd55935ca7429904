"""Words for what the touches of the public pages carry."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from xinglin.content.queries import titles_by_slug
from xinglin.directory.queries import names_of_departments, names_of_staff
from xinglin.ledger.wording import fixed_words, words_for

PAGES = {
    "/": gettext_lazy("首页"),
    "/departments/": gettext_lazy("科室介绍"),
    "/doctors/": gettext_lazy("医生介绍"),
    "/booking/": pgettext_lazy("官网", "预约"),
    "/about/": gettext_lazy("关于医院"),
    "/science/": pgettext_lazy("官网", "健康科普"),
    "/stories/": pgettext_lazy("官网", "病例故事"),
    "/privacy/": gettext_lazy("隐私说明"),
    "/my/": gettext_lazy("我的预约"),
}

fixed_words("form", {"booking": gettext_lazy("预约表单")}, label=gettext_lazy("表单"))
fixed_words(
    "device",
    {
        "phone": pgettext_lazy("官网", "手机"),
        "tablet": pgettext_lazy("官网", "平板"),
        "desktop": pgettext_lazy("官网", "电脑"),
    },
    label=gettext_lazy("设备"),
)


@words_for("referrer", label=gettext_lazy("从哪里来"))
def _referrers(_organization: int, values: Collection[Any]) -> Mapping[Any, Any]:
    return {value: _("从 %(site)s 来") % {"site": value} for value in values}


@words_for("page", label=gettext_lazy("页面"))
def _pages(organization_id: int, values: Collection[Any]) -> Mapping[Any, Any]:
    """The site's own pages by name, departments and doctors by theirs, the rest by title."""
    last = {value: _last_part(value) for value in values}
    departments = names_of_departments(
        organization_id, {last[v] for v in values if v.startswith("/departments/")}
    )
    doctors = names_of_staff(
        organization_id, public_ids={last[v] for v in values if v.startswith("/doctors/")}
    )
    titles = titles_by_slug(organization_id, {last[v] for v in values if v.startswith("/p/")})
    names = {**departments, **doctors, **{slug: f"《{title}》" for slug, title in titles.items()}}
    return {value: _page(value, names.get(last[value])) for value in values}


def _last_part(path: str) -> str:
    return path.strip("/").rsplit("/", 1)[-1]


def _page(path: str, name: Any) -> Any:
    if path in PAGES:
        return PAGES[path]
    if name:
        return name
    return pgettext("官网", "预约") if path.startswith("/booking/") else pgettext("官网", "网页")
