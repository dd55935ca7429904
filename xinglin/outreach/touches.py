"""What outreach writes into the ledger."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from xinglin.ledger.kinds import touch_kind


@touch_kind(
    "message.accepted", label=_("消息已交给通道"), icon="send", title=("message",), tells=("provider",)
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAccepted:
    """A provider took the message over."""

    message: int
    provider: str = ""
    category: str = ""


@touch_kind("message.delivered", label=_("消息已送达"), icon="check", title=("message",))
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDelivered:
    """The provider says it has reached the person."""

    message: int
    category: str = ""


@touch_kind(
    "message.failed",
    label=_("消息没有送到"),
    icon="alert-triangle",
    title=("message",),
    tells=("error",),
    tone="bad",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFailed:
    """Given up, with the provider's reason."""

    message: int
    error: str = ""
    category: str = ""


@touch_kind("message.opened", label=_("打开了消息"), icon="eye", title=("message",))
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOpened:
    message: int


@touch_kind(
    "message.clicked",
    label=_("点了消息里的链接"),
    icon="link",
    title=("message",),
    tells=("url",),
    tone="pri",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageClicked:
    message: int
    url: str = ""


@touch_kind("message.replied", label=_("回复了消息"), icon="message", title=("message",))
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReplied:
    message: int


@touch_kind("message.refused", label=_("消息没有发"), icon="ban", title=("message",), tone="bad")
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRefused:
    """The gate said no; ``reason`` is the first check that failed, ``rules`` the rules' version."""

    reason: str
    rules: str
    message: int | None = None
    category: str = ""


@touch_kind("call.answered", label=_("电话接通"), icon="phone-call", title=("message",))
@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered:
    """A colleague called and the person answered."""

    message: int


@touch_kind("call.made", label=_("打了电话"), icon="phone-off", title=("message",), tells=("outcome",))
@dataclass(frozen=True, slots=True, kw_only=True)
class CallMade:
    """A colleague called and did not reach the person; ``outcome`` says why."""

    message: int
    outcome: str


@touch_kind("letter.posted", label=_("信已寄出"), icon="mail-forward", title=("message",))
@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPosted:
    message: int
