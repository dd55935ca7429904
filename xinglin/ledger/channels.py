"""Channels in words: how a person came, or how we reached them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

LABELS: dict[str, Any] = {
    "app": _("手机应用"),
    "counter": _("现场窗口"),
    "email": _("电子邮件"),
    "import": _("导入"),
    "inapp": _("站内消息"),
    "letter": _("信函"),
    "miniapp": _("小程序"),
    "paper": _("纸质"),
    "phone": _("电话"),
    "qr": _("扫码"),
    "referral": _("转诊"),
    "sms": _("短信"),
    "walk_in": _("到院"),
    "web": _("网站"),
    "website": _("官网"),
    "wechat": _("微信公众号"),
    "wecom": _("企业微信"),
}


def label_of(channel: str) -> Any:
    """A channel's name; what the hospital wrote itself stays as it is."""
    return LABELS.get(channel, channel)
