from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """The ways by which a person may be reached."""

    EMAIL = "email", _("邮件")
    SMS = "sms", _("短信")
    WECHAT = "wechat", _("公众号")
    WECOM = "wecom", _("企业微信")
    MINIAPP = "miniapp", _("小程序")
    INAPP = "inapp", _("站内信")
    PHONE = "phone", _("电话")
    LETTER = "letter", _("信件")
