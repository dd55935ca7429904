"""What people may agree to, and by which way they may be reached."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PURPOSES = [
    ("service", _("服务通知")),
    ("marketing", _("营销")),
    ("community", _("社群")),
    ("research", _("调研")),
    ("case_story", _("病例故事")),
]
CHANNELS = [
    ("sms", _("短信")),
    ("wechat", _("公众号")),
    ("phone", pgettext_lazy("患者", "电话")),
    ("email", _("邮件")),
    ("wecom", _("企业微信")),
    ("miniapp", _("小程序")),
    ("inapp", _("站内信")),
    ("letter", _("信件")),
]
HOWS = [
    ("form", _("签字表单")),
    ("counter", _("窗口当面")),
    ("phone", pgettext_lazy("患者", "电话")),
    ("reply", _("回复消息")),
    ("link", _("退订链接")),
    ("portal", _("患者本人在网上")),
    ("api", _("外部系统")),
    ("import", _("导入")),
]
