from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.core.actor import Actor
from xinglin.core.home import Card, home_card
from xinglin.outreach import queries
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.templates import list_waiting


@home_card(order=20)
def messages_to_settle(actor: Actor, *, now: datetime) -> Card | None:
    """Messages that wait for somebody to look."""
    if not actor.can(Permission.RESOLVE_MESSAGE):
        return None
    counts = queries.count_waiting(actor)
    url = reverse("outreach:unresolved-list")
    rows = [
        (label, f"{counts[state]:,}", f"{url}?state={state}")
        for state, label in (("unconfirmed", _("未确认的消息")), ("failed", _("没有送到的消息")))
        if counts[state]
    ]
    return Card(title=_("消息待处理"), tone="wait", rows=rows, url=url, icon="send") if rows else None


@home_card(order=45)
def running_campaigns(actor: Actor, *, now: datetime) -> Card | None:
    """Campaigns that run or stand still, each with how far it has got."""
    if not actor.can(Permission.VIEW_CAMPAIGN):
        return None
    open_ones = [
        one for status in ("running", "paused") for one in queries.list_campaigns(actor, status=status)[:5]
    ]
    accounts = queries.accounts_of(open_ones[:5])
    rows = [
        (
            one.name,
            f"{accounts[one.pk].percent} % · {one.get_status_display()}",
            reverse("outreach:campaign-detail", args=[one.public_id]),
        )
        for one in open_ones[:5]
    ]
    return Card(title=_("正在进行的群发"), rows=rows, url=reverse("outreach:campaign-list")) if rows else None


@home_card(order=60)
def sent_this_week(actor: Actor, *, now: datetime) -> Card | None:
    """What has gone out in seven days, and what the gate stopped."""
    if not actor.can(Permission.VIEW_MESSAGE):
        return None
    counts = queries.count_states(actor, since=now - timedelta(days=7))
    if not counts["sent"] and not counts["refused"]:
        return None
    return Card(
        title=_("7 天发出消息"),
        value=f"{counts['sent']:,}",
        note=_("闸门拦下 %(n)s 条") % {"n": f"{counts['refused']:,}"},
        url=reverse("outreach:message-list"),
    )


@home_card(order=21)
def templates_to_judge(actor: Actor, *, now: datetime) -> Card | None:
    """Wordings that wait for this reviewer; nobody approves their own."""
    if not actor.can(Permission.APPROVE_TEMPLATE):
        return None
    waiting = [one for one in list_waiting(actor)[:40] if actor.user_id not in (one.author_ids or [])][:6]
    rows = [
        (
            one.template.name,
            f"{one.submitted_at:%m-%d}" if one.submitted_at else "",
            reverse("outreach:template-review", args=[one.template.public_id]),
        )
        for one in waiting
    ]
    if not rows:
        return None
    return Card(
        title=_("模板待审"),
        tone="wait",
        rows=rows,
        url=reverse("outreach:template-review-list"),
        icon="message-check",
        action=_("审"),
    )


@home_card(order=22)
def group_posts_to_judge(actor: Actor, *, now: datetime) -> Card | None:
    """Posts to customer groups that a colleague has asked for and somebody else has to allow."""
    if not (actor.can(Permission.APPROVE_TEMPLATE) and actor.can(Permission.VIEW_MESSAGE)):
        return None
    rows = [
        (
            (one.text or "")[:24],
            one.created_by_name,
            reverse("outreach:staff-task-detail", args=[one.public_id]),
        )
        for one in queries.list_group_posts_to_decide(actor)[:5]
    ]
    if not rows:
        return None
    return Card(
        title=_("客户群消息待复核"),
        tone="wait",
        rows=rows,
        url=f"{reverse('outreach:staff-task-list')}?status=asked",
        icon="users",
        action=_("审"),
    )


@home_card(order=19)
def campaigns_to_start(actor: Actor, *, now: datetime) -> Card | None:
    """Campaigns that were checked and wait for somebody to send them."""
    if not actor.can(Permission.START_CAMPAIGN):
        return None
    ready = queries.list_campaigns(actor, status="draft").filter(
        preflight_at__isnull=False, is_preflight=True, preflight_at__gte=now - timedelta(days=30)
    )[:5]
    rows = [
        (
            _("%(name)s：发给 %(n)s 人") % {"name": one.name, "n": f"{one.preflight.get('send', 0):,}"},
            _("检查于 %(day)s") % {"day": f"{one.preflight_at:%m-%d}"},
            reverse("outreach:campaign-detail", args=[one.public_id]),
        )
        for one in ready
    ]
    if not rows:
        return None
    return Card(
        title=_("群发待启动"),
        tone="wait",
        rows=rows,
        url=reverse("outreach:campaign-list"),
        icon="send",
        action=_("核对"),
    )


@home_card(order=8)
def first_channel(actor: Actor, *, now: datetime) -> Card | None:
    """A step of the beginning: an account by which messages really leave."""
    if not (actor.can(Permission.EDIT_PROVIDER) and actor.can("directory.user.edit")):
        return None
    there = queries.list_providers(actor).exists()
    return Card(
        title="", tone="setup", rows=[(_("接一个邮件或短信账号"), there, reverse("outreach:provider-list"))]
    )
