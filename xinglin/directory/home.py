"""The checklist of a hospital that has just begun; it goes when everything is done."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from xinglin.core.actor import Actor
from xinglin.core.home import Card, home_card
from xinglin.core.models import Job
from xinglin.directory import queries
from xinglin.directory.permissions import Permission
from xinglin.directory.rules.trail import action_words, who_words


@home_card(order=5)
def first_steps(actor: Actor, *, now: datetime) -> Card | None:
    """Facts, departments, doctors; for administrators their own second factor too."""
    if not actor.can(Permission.EDIT_ORGANIZATION):
        return None
    counts = queries.count_setup(actor)
    named = bool(queries.get_own_organization(actor).first_name)
    rows = [
        (_("填好医院资料和第一名称"), named, reverse("directory:hospital-profile")),
        (_("建科室"), counts["departments"] > 0, reverse("directory:department-list")),
    ]
    if actor.can(Permission.EDIT_USER):
        protected = actor.user_id is not None and bool(queries.list_second_factors(actor.user_id))
        rows += [
            (_("录入出诊的医生"), counts["practitioners"] > 0, reverse("directory:staff-list")),
            (_("给自己打开两步验证"), protected, reverse("mfa_index")),
            (_("给同事建账号"), queries.list_users(actor)[:2].count() > 1, reverse("directory:user-list")),
        ]
    if all(done for _label, done, _url in rows):
        return None
    return Card(title=_("开始使用"), tone="setup", rows=rows)


@home_card(order=0)
def the_installation(actor: Actor, *, now: datetime) -> Card | None:
    """For administrators: who works with it, and whether the background work is done."""
    if not actor.can(Permission.EDIT_USER):
        return None
    since = now - timedelta(days=1)
    accounts = queries.list_users(actor).filter(is_active=True)
    dead = Job.objects.filter(organization_id=actor.organization_id, status="dead", finished_at__gte=since)
    wrong = queries.list_audit(actor, action="directory.account.sign_in_failed").filter(at__gte=since)
    value = format_html(
        _(
            '<a class="ul" href="{users}"><b>{n}</b></a> 个账号在用，一天内 <b>{seen}</b> 人登录过，'
            '密码不对 {wrong} 次；后台任务 <a class="ul" href="{jobs}"><b>{dead}</b></a> 个没有完成。'
        ),
        users=reverse("directory:user-list"),
        n=accounts.count(),
        seen=accounts.filter(user__last_login__gte=since).count(),
        wrong=wrong.count(),
        jobs=reverse("ui:job-list"),
        dead=dead.count(),
    )
    return Card(title="", tone="lead", value=value)


COMING_AND_GOING = [f"directory.account.{verb}" for verb in ("signed_in", "signed_out", "sign_in_failed")]


@home_card(order=90)
def what_changed(actor: Actor, *, now: datetime) -> Card | None:
    """The hospital's latest actions for those who may see them all; everybody else's own."""
    sees_all = actor.can("core.audit.view")
    rows = queries.list_audit(actor).exclude(action__in=COMING_AND_GOING)
    if not sees_all:
        rows = rows.filter(user_id=actor.user_id)
    lines = [
        (
            f"{who_words(entry.actor_name, entry.role)} {action_words(entry.action)}"
            if sees_all
            else action_words(entry.action),
            entry.object_label,
            f"{reverse('directory:audit-list')}?open={entry.pk}" if sees_all else "",
            entry.at,
        )
        for entry in rows[:6]
    ]
    if not lines:
        return None
    return Card(
        title=_("最近的变化") if sees_all else _("我最近做过的"),
        tone="feed",
        rows=[(what, (label, at), url) for what, label, url, at in lines],
        url=reverse("directory:audit-list") if sees_all else "",
    )
