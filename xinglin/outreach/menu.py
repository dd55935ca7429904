from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from xinglin.core.actor import Actor
from xinglin.core.menu import MenuItem, rail_foot, register
from xinglin.outreach import queries
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.templates import count_for_me


def _unresolved(actor: Actor) -> int:
    return sum(queries.count_waiting(actor).values()) if actor.can(Permission.RESOLVE_MESSAGE) else 0


def _replies(actor: Actor) -> int:
    return queries.count_open_replies(actor) if actor.can(Permission.RESOLVE_MESSAGE) else 0


def _calls(actor: Actor) -> int:
    return queries.count_hand_tasks(actor, channel="phone", now=timezone.now())


def _letters(actor: Actor) -> int:
    return queries.count_hand_tasks(actor, channel="letter", now=timezone.now())


register(
    MenuItem(
        section="outreach", label=gettext_lazy("群发"), url_name="outreach:campaign-list",
        permission=Permission.VIEW_CAMPAIGN, order=10, shortcut="c",
    )
)  # fmt: skip
register(
    MenuItem(
        section="outreach", label=gettext_lazy("消息记录"), url_name="outreach:message-list",
        permission=Permission.VIEW_MESSAGE, order=40, shortcut="m",
    )
)  # fmt: skip
register(
    MenuItem(
        section="outreach", label=pgettext_lazy("触达", "回复"), url_name="outreach:reply-list",
        permission=Permission.VIEW_MESSAGE, order=45, waiting=_replies,
    )
)  # fmt: skip
register(
    MenuItem(
        section="outreach", label=gettext_lazy("未确认和失败"), url_name="outreach:unresolved-list",
        permission=Permission.RESOLVE_MESSAGE, order=50, waiting=_unresolved,
    )
)  # fmt: skip
register(
    MenuItem(
        section="outreach", label=gettext_lazy("停发名单"), url_name="outreach:stop-list",
        permission=Permission.VIEW_MESSAGE, order=58,
    )
)  # fmt: skip
register(
    MenuItem(
        section="outreach", label=gettext_lazy("电话清单"), url_name="outreach:call-list",
        permission=Permission.DO_HAND_TASK, order=52, waiting=_calls,
    )
)  # fmt: skip
register(
    MenuItem(
        section="outreach", label=gettext_lazy("信件清单"), url_name="outreach:letter-list",
        permission=Permission.DO_HAND_TASK, order=54, waiting=_letters,
    )
)  # fmt: skip
register(
    MenuItem(
        section="outreach", label=gettext_lazy("待同事发出"), url_name="outreach:staff-task-list",
        permission=Permission.VIEW_MESSAGE, order=56,
    )
)  # fmt: skip
register(
    MenuItem(
        section="settings", label=gettext_lazy("发送通道"), url_name="outreach:provider-list",
        permission=Permission.EDIT_PROVIDER, order=60,
    )
)  # fmt: skip

register(
    MenuItem(
        section="settings", label=gettext_lazy("发送时段和频次"), url_name="outreach:rules-edit",
        permission=Permission.EDIT_RULES, order=62,
    )
)  # fmt: skip


def sending_state(actor: Actor) -> dict[str, object] | None:
    """The line at the foot of the rail: whether anything leaves, and the way to stop it."""
    if not actor.can(Permission.VIEW_CAMPAIGN):
        return None
    frozen = queries.find_freeze(actor.organization_id)
    may = actor.can(Permission.FREEZE)
    return {
        "label": _("营销发送：已暂停") if frozen else _("对外发送：正常"),
        "url": reverse("outreach:freeze") if may else reverse("outreach:campaign-list"),
        "tone": "bad" if frozen else "ok",
        "action": (_("恢复…") if frozen else _("暂停…")) if may else "",
        "title": _("危机时可一键暂停全部营销发送"),
    }


rail_foot.append(sending_state)


def _templates_waiting(actor: Actor) -> int:
    return count_for_me(actor)


register(
    MenuItem(
        section="outreach", label=gettext_lazy("消息模板"), url_name="outreach:template-list",
        permission=Permission.VIEW_TEMPLATE, order=20, shortcut="t",
    )
)  # fmt: skip
register(
    MenuItem(
        section="outreach", label=gettext_lazy("模板审核"), url_name="outreach:template-review-list",
        permission=Permission.APPROVE_TEMPLATE, order=25, waiting=_templates_waiting,
    )
)  # fmt: skip
