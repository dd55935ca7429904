from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from xinglin.content import queries
from xinglin.content.permissions import Permission
from xinglin.core.actor import Actor
from xinglin.core.home import Card, home_card

if TYPE_CHECKING:
    from xinglin.content.models import AdCertificate


@home_card(order=22)
def texts_to_review(actor: Actor, *, now: datetime) -> Card | None:
    """Texts that wait for this reviewer, the late ones first; nobody reviews their own."""
    if not actor.can(Permission.VIEW_CONTENT):
        return None
    waiting = list(queries.list_queue(actor=actor, now=now)[:6])
    if not waiting:
        return None
    rows = [
        (
            row.version.title,
            f"{row.get_level_display()} {_late(row, now)}".strip(),
            reverse("content:review", args=[row.version.public_id]),
        )
        for row in waiting
    ]
    late = sum(1 for row in waiting if row.due_at and row.due_at < now)
    note = _("%(n)s 篇超时") % {"n": late} if late else ""
    total = queries.count_queue(actor=actor, now=now)
    return Card(
        title=_("等我审的内容"),
        value=total,
        url=reverse("content:review-list"),
        tone="wait",
        rows=rows,
        note=note,
        icon="file-text",
        action=_("审"),
    )


def _late(row: object, now: datetime) -> str:
    due = getattr(row, "due_at", None)
    if due is None or due >= now:
        return ""
    return _("超时 %(h)s 小时") % {"h": int((now - due).total_seconds() // 3600) or 1}


@home_card(order=23)
def my_texts(actor: Actor, *, now: datetime) -> Card | None:
    """What this person writes and has to finish: given back, or due within three days."""
    if not actor.can(Permission.EDIT_CONTENT):
        return None
    rows = list(queries.list_to_finish(actor=actor, today=timezone.localdate(now))[:6])
    if not rows:
        return None
    shown = [
        (row.name, row.get_stage_display(), reverse("content:item-detail", args=[row.public_id]))
        for row in rows
    ]
    return Card(
        title=_("我手上的内容"), value=len(rows), url=reverse("content:item-list") + "?mine=1", rows=shown
    )


@home_card(order=24)
def certificates_ending(actor: Actor, *, now: datetime) -> Card | None:
    """Certificates with 60 days or fewer to go, the first to end on top: what runs under them stops then.

    It waits for those who keep certificates from each reminder on (60, 30 and 7 days before the end) until
    one of them says who sees to the renewal.
    """
    if not actor.can(Permission.EDIT_CERTIFICATE):
        return None
    today = timezone.localdate(now)
    ending = queries.ending_certificates(actor=actor, today=today, before=today + timedelta(days=60))
    if not ending:
        return None
    rows = [
        (
            row.number,
            _renewal(row, today),
            reverse("content:certificate-detail", args=[row.public_id]),
        )
        for row in ending[:6]
    ]
    return Card(
        title=_("快到期的审查证明"),
        value=len(ending),
        url=reverse("content:certificate-list") + "?state=valid",
        tone="wait" if any(row.answered_at is None or row.open_step for row in ending) else "",
        rows=rows,
        icon="certificate",
        action=_("看"),
    )


def _renewal(row: "AdCertificate", today: date) -> str:
    left = _("剩 %(n)s 天") % {"n": (row.valid_to - today).days}
    if row.open_step is not None:
        waits = _("%(n)s 天的提醒没人接") % {"n": row.open_step}
        return f"{left} · {waits}"
    if row.answered_at is not None:
        who = _("%(name)s在办") % {"name": row.answered_by_name}
        return f"{left} · {who}"
    return left


@home_card(order=3)
def my_desk(actor: Actor, *, now: datetime) -> Card | None:
    """For those who write or judge texts: how many wait for them."""
    if not actor.can(Permission.VIEW_CONTENT):
        return None
    waiting = queries.count_queue(actor=actor, now=now)
    unfinished = (
        queries.list_to_finish(actor=actor, today=timezone.localdate(now)).count()
        if actor.can(Permission.EDIT_CONTENT)
        else 0
    )
    value = format_html(
        _(
            '内容：等您审 <a class="ul" href="{url}"><b>{waiting}</b></a> 篇，'
            "您手上要写完的 <b>{mine}</b> 篇。"
        ),
        url=reverse("content:review-list"),
        waiting=waiting,
        mine=unfinished,
    )
    return Card(title="", tone="lead", value=value)
