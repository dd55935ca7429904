from django.utils.translation import gettext_lazy as _

from xinglin.core.menu import MenuItem, register
from xinglin.scores.permissions import Permission

register(
    MenuItem(
        section="patients",
        label=_("评分"),
        url_name="scores:list",
        permission=Permission.VIEW_SCORE,
        order=40,
    )
)
register(
    MenuItem(
        section="patients",
        label=_("健康自测"),
        url_name="scores:questionnaires",
        permission=Permission.FILL_QUESTIONNAIRE,
        order=45,
    )
)
