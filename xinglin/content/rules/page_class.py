from django.db import models
from django.utils.translation import gettext_lazy as _


class PageClass(models.TextChoices):
    """Four of the lawful classes (医疗广告认定指南第二至八条); community speech is no page."""

    AD = "ad", _("医疗广告")
    SCIENCE = "science", _("健康科普")
    DISCLOSURE = "disclosure", _("信息公开")
    SERVICE = "service", _("服务通知")


# What each class means for the page, as the editor tells the author.
CONSEQUENCES = {
    PageClass.AD: _(
        "要有医疗广告审查证明，页脚自动写第一名称和文号；正文只能写审查通过的八项内容（医疗广告管理办法第六条）。"
    ),
    PageClass.SCIENCE: _(
        "不放电话、地址、预约按钮、二维码和服务链接，网站页眉页脚也不放（互联网广告管理办法第八条）。"
    ),
    PageClass.DISCLOSURE: _(
        "写事实：科室、医生、时间、流程、价格。可以放预约；不评价技术与效果（医疗广告认定指南第五、六条）。"
    ),
    PageClass.SERVICE: _("通知已有预约或到诊的人：时间、地点、准备事项。可以放预约和电话。"),
}
