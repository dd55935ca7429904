from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.content.permissions import REVIEWING, Permission
from xinglin.content.queries import count_queue, stands_in
from xinglin.core.actor import Actor
from xinglin.core.menu import MenuItem, register


def _waiting(actor: Actor) -> int:
    return count_queue(actor=actor, now=timezone.now())


def _stands_in(actor: Actor) -> bool:
    return actor.can(Permission.VIEW_CONTENT) and stands_in(actor, today=timezone.localdate())


register(
    MenuItem(
        section="content",
        label=_("内容库"),
        url_name="content:item-list",
        permission=Permission.VIEW_CONTENT,
        order=10,
    )
)
for _label, _url, _order in (
    (_("日历"), "content:calendar", 15),
    (pgettext_lazy("导航", "审查证明"), "content:certificate-list", 25),
    (pgettext_lazy("导航", "病例故事"), "content:story-list", 27),
    (_("图片库"), "content:media-list", 30),
    (_("发布单"), "content:sheet-list", 35),
    (_("渠道矩阵"), "content:matrix", 37),
    (_("专家计划"), "content:expert-list", 40),
):
    register(
        MenuItem(
            section="content", label=_label, url_name=_url, permission=Permission.VIEW_CONTENT, order=_order
        )
    )
register(MenuItem(section="content", label=_("投个稿"), url_name="content:contribution-create", order=50))
register(
    MenuItem(
        section="settings",
        label=_("内容审批"),
        url_name="content:policy-edit",
        permission=Permission.EDIT_POLICY,
        order=60,
    )
)
register(
    MenuItem(
        section="content",
        label=_("审核"),
        url_name="content:review-list",
        permission=REVIEWING,
        order=20,
        waiting=_waiting,
        also=_stands_in,
    )
)
register(
    MenuItem(
        section="content",
        label=_("物料"),
        url_name="content:material-list",
        permission=Permission.VIEW_BRAND,
        order=60,
    )
)
register(
    MenuItem(
        section="content",
        label=_("品牌"),
        url_name="content:brand",
        permission=Permission.VIEW_BRAND,
        order=70,
    )
)
