"""Adapters, one a provider. Only ``outreach.dispatch`` may import them (import contract)."""

from collections.abc import Callable

from xinglin.outreach.channels.base import Account, Adapter
from xinglin.outreach.channels.local import HandAdapter, InboxAdapter
from xinglin.outreach.channels.miniapp import MiniApp
from xinglin.outreach.channels.sink import SinkAdapter
from xinglin.outreach.channels.sms_aliyun import AliyunSms
from xinglin.outreach.channels.sms_http import HttpSms
from xinglin.outreach.channels.sms_tencent import TencentSms
from xinglin.outreach.channels.smtp import SmtpAdapter
from xinglin.outreach.channels.wechat import WechatAccount
from xinglin.outreach.channels.wecom import WecomAdapter

KINDS: dict[str, Callable[[Account], Adapter]] = {
    "sink": SinkAdapter,
    "smtp": SmtpAdapter,
    "aliyun": AliyunSms,
    "tencent": TencentSms,
    "http": HttpSms,
    "wechat": WechatAccount,
    "wecom": WecomAdapter,
    "miniapp": MiniApp,
    "inapp": InboxAdapter,
    "calls": HandAdapter,
    "letters": HandAdapter,
}


def open_adapter(account: Account) -> Adapter:
    """The adapter for an account; KeyError for an unknown kind."""
    return KINDS[account.kind](account)


__all__ = ["KINDS", "Account", "Adapter", "open_adapter"]
