"""What each kind of provider wants to know: the fields of its settings, and which channel it can carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = Any
#: What the platforms call their secrets.
ACCESS_KEY, SECRET_KEY, APP_KEY = "AccessKey Secret", "SecretKey", "AppSecret"
ACCOUNT = pgettext_lazy("触达", "账号")


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: how it is asked for. ``section`` groups them on the page."""

    name: str
    label: Label
    kind: Literal["text", "url", "int", "float", "bool", "email", "choice", "body"] = "text"
    required: bool = False
    help: Label = ""
    choices: Sequence[tuple[str, Label]] = ()
    initial: object = None
    section: Label = ACCOUNT


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of provider; ``hook`` is how it calls back: secret address, HMAC, or WeChat's envelope."""

    channels: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    secret_label: Label = ""
    hook: Literal["", "address", "hmac", "weixin"] = ""
    has_templates: bool = False
    help: Label = ""


_ADVANCED = _("高级")
_ENDPOINT = Field(
    "endpoint",
    _("接口地址"),
    "url",
    section=_ADVANCED,
    help=_("留空用官方地址；专线或代理时填写，以 https:// 开头"),
)
_TIMEOUT = Field("timeout", _("等几秒没有回应算超时"), "float", section=_ADVANCED, initial=10)
_COMPLETE = Field(
    "is_log_complete", _("查不到的，就是没有收下（会自动重发）"), "bool", section=_ADVANCED,
    help=_("只有服务商保证记录完整时才勾选"),
)  # fmt: skip
_SIGN = Field("sign_name", _("短信签名"), required=True, help=_("不带【】，要和服务商审核通过的一字不差"))
_EXTEND = Field("extend", _("上行扩展码"), section=_ADVANCED, help=_("服务商给了才填，用来收回复"))

_BACK = _("退信")

KINDS: Mapping[str, Kind] = {
    "smtp": Kind(
        ("email",),
        (
            Field("host", _("服务器"), required=True, section=_("服务器")),
            Field("port", _("端口"), "int", initial=465, section=_("服务器")),
            Field(
                "security",
                _("加密"),
                "choice",
                initial="tls",
                section=_("服务器"),
                choices=[("tls", "TLS"), ("starttls", "STARTTLS"), ("none", _("不加密（仅限本机）"))],
            ),
            Field("username", _("用户名"), section=_("服务器")),
            Field("sender", _("发件地址"), "email", required=True, section=_("服务器")),
            Field("sender_name", _("发件人名称"), section=_("服务器")),
            Field(
                "bounces",
                _("退信地址"),
                "email",
                section=_BACK,
                help=_("退信回到这里，每封信各用一个：bounces+编号@…；邮件服务器要支持加号地址"),
            ),
            Field(
                "delivery_log",
                _("邮件服务器的日志文件"),
                section=pgettext_lazy("触达", "核对"),
                help=_("里面有 Message-ID 时，未确认的邮件会自动核对"),
            ),
            Field(
                "is_log_complete",
                _("日志里没有的，就是没有收下（会自动重发）"),
                "bool",
                section=pgettext_lazy("触达", "核对"),
            ),
        ),
        secret_label=_("密码"),
        hook="address",
    ),
    "aliyun": Kind(
        ("sms",),
        (Field("key_id", "AccessKey ID", required=True), _SIGN, _EXTEND, _ENDPOINT, _TIMEOUT, _COMPLETE),
        secret_label=ACCESS_KEY,
        hook="address",
        has_templates=True,
        help=_("用只有短信权限的 RAM 用户的密钥；在控制台「回执消息配置」里填下面的回调地址"),
    ),
    "tencent": Kind(
        ("sms",),
        (
            Field("key_id", "SecretId", required=True),
            Field("app_id", _("短信应用 SdkAppId"), required=True),
            _SIGN,
            Field("region", _("地域"), initial="ap-guangzhou", section=_ADVANCED),
            _EXTEND,
            _ENDPOINT,
            _TIMEOUT,
        ),
        secret_label=SECRET_KEY,
        hook="address",
        has_templates=True,
        help=_("用只有短信权限的子账号密钥；在控制台「事件回调配置」里填下面的回调地址"),
    ),
    "http": Kind(
        ("sms",),
        (
            Field(
                "endpoint",
                _("网关地址"),
                "url",
                required=True,
                help=_("内网地址要先在服务器的 XINGLIN_PRIVATE_HOSTS 里写明"),
            ),
            Field(
                "body",
                _("请求内容"),
                "body",
                initial='{"id": "{{key}}", "to": "{{to}}", "text": "{{text}}"}',
                help=_("JSON；可用 {{key}} {{to}} {{text}} {{template}} 和模板自己的变量"),
            ),
            Field(
                "format", _("格式"), "choice", choices=[("json", "JSON"), ("form", _("表单"))], initial="json"
            ),
            Field(
                "policy",
                _("网关背后的服务商"),
                "choice",
                choices=[("", _("自己的运营商合同")), ("huawei", _("华为云短信"))],
                help=_("闸门按它的内容规则检查"),
            ),
            Field(
                "batch",
                _("一次请求发几条"),
                "int",
                initial=1,
                section=_ADVANCED,
                help=_("大于 1 时请求内容是数组，回应要有 results"),
            ),
            Field("workers", _("同时几个请求"), "int", initial=8, section=_ADVANCED),
            Field(
                "ok_field",
                _("回应里表示成功的字段"),
                section=_ADVANCED,
                help=_("例如 code；留空只看 HTTP 状态"),
            ),
            Field("ok_value", _("成功时的值"), initial="0", section=_ADVANCED),
            Field("id_field", _("回应里的消息编号字段"), section=_ADVANCED),
            Field(
                "status_path",
                _("核对的路径"),
                section=_ADVANCED,
                help=_("例如 /messages/{key}；200 是收下了，404 是没有"),
            ),
            Field(
                "status_field",
                _("核对时表示送达的字段"),
                section=_ADVANCED,
                help=_("例如 data.state；留空只看收下没有"),
            ),
            Field("status_delivered", _("送达时的值"), initial="delivered", section=_ADVANCED),
            Field("status_failed", _("没有送到时的值"), initial="failed", section=_ADVANCED),
            _TIMEOUT,
            _COMPLETE,
        ),
        secret_label=_("签名密钥"),
        hook="hmac",
        has_templates=True,
    ),
    "wechat": Kind(
        ("wechat",),
        (
            Field("app_id", "AppID", required=True),
            Field(
                "free_text",
                _("没有模板的服务通知也试着发"),
                "bool",
                help=_("只送得到 48 小时内给公众号发过消息的人；营销内容总是按这个规则"),
            ),
            _ENDPOINT,
            _TIMEOUT,
        ),
        secret_label=APP_KEY,
        hook="weixin",
        has_templates=True,
        help=_("在公众平台「基本配置」里填下面的地址、令牌和密钥，加密方式选安全模式"),
    ),
    "wecom": Kind(
        ("wecom",),
        (
            Field("corp_id", _("企业 ID"), required=True),
            Field("sender", _("由谁发"), help=_("成员的 userid；留空由添加客户的人发")),
            Field("substitute", _("换谁接着发"), help=_("到时间没发，转给这位成员")),
            Field("chase_hours", _("几小时没发就提醒"), "float", initial=4, help=_("一天最多提醒三次")),
            Field("substitute_hours", _("几小时没发就换人"), "float", initial=24),
            Field("expire_hours", _("几小时没发就作废"), "float", initial=48),
            _ENDPOINT,
            _TIMEOUT,
        ),
        secret_label=_("客户联系 Secret"),
        hook="weixin",
        help=_("群发要成员在企业微信里点「发送」才会发出；没点之前在这里显示「等同事发出」"),
    ),
    "miniapp": Kind(
        ("miniapp",),
        (
            Field("app_id", "AppID", required=True),
            Field(
                "long_term",
                _("长期订阅的模板编号"),
                help=_("多个用逗号隔开；这些模板患者同意一次就一直能发"),
            ),
            Field("page", _("点开后的页面"), help=_("小程序里的路径，例如 pages/visit/index")),
            Field(
                "state",
                _("版本"),
                "choice",
                initial="formal",
                section=_ADVANCED,
                choices=[("formal", _("正式版")), ("trial", _("体验版")), ("developer", _("开发版"))],
            ),
            _ENDPOINT,
            _TIMEOUT,
        ),
        secret_label=APP_KEY,
        hook="weixin",
        has_templates=True,
        help=_("医疗类账号申请到长期订阅模板就不限次数；一次性订阅在预约时请患者授权，授权一次发一条"),
    ),
    "inapp": Kind(("inapp",), help=_("患者在官网「我的」里看到")),
    "calls": Kind(("phone",), help=_("消息变成一张要打的电话清单")),
    "letters": Kind(("letter",), help=_("消息变成一张要寄的信件清单，可以打印")),
    "sink": Kind(
        ("email", "sms", "wechat", "wecom", "miniapp", "inapp", "phone", "letter"),
        help=_("什么都不外发，在 /dev/inbox 看"),
    ),
}


def kinds_for(channel: str) -> list[str]:
    """The kinds that can carry a channel, the usual one first."""
    return [code for code, kind in KINDS.items() if channel in kind.channels]
