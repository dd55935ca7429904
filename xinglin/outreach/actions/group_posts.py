"""WeCom posts to customer groups: asked for by one colleague, allowed by another, released by a third."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.compliance.review import SamePerson, TextBlocked
from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid, NotFound
from xinglin.core.jobs import enqueue
from xinglin.outreach.actions.hand import TaskClosed
from xinglin.outreach.gate.wording import is_blocked_text
from xinglin.outreach.models import Provider, StaffTask
from xinglin.outreach.permissions import Permission

Status = StaffTask.Status


@transaction.atomic
def post_to_groups(*, actor: Actor, text: str, chats: Iterable[str], sender: str, now: datetime) -> StaffTask:
    """Ask for a text to WeCom customer groups, which the named colleague has to release. Raises Invalid.

    The text passes the checker as marketing does; groups are named by WeCom's chat ids. Nothing leaves
    before another colleague has allowed it, see ``decide_group_post``.
    """
    require(actor, Permission.START_CAMPAIGN)
    assert actor.organization_id is not None
    provider = Provider.objects.filter(
        organization_id=actor.organization_id, channel="wecom", kind__in=["wecom", "sink"], is_enabled=True
    ).first()
    ids = list(dict.fromkeys(chat.strip() for chat in chats if chat.strip()))
    errors: dict[str, list[object]] = {}
    if provider is None:
        errors["text"] = [_("先在设置里接上企业微信")]
    if not text.strip() or len(text) > 1300:
        errors["text"] = [_("写 1 到 1,300 字")]
    elif is_blocked_text(f"{text} 退订", "marketing", organization_id=actor.organization_id):
        errors["text"] = [_("合规检查没有通过，先到检查页看原因")]
    if not ids or len(ids) > 2000:
        errors["chats"] = [_("写 1 到 2,000 个群的 chat_id，一行一个")]
    if not sender.strip():
        errors["sender"] = [_("群发要写明由谁发")]
    if errors:
        raise Invalid(fields=errors)
    assert provider is not None
    task = StaffTask.objects.create(
        organization_id=actor.organization_id,
        provider=provider,
        sender=sender.strip()[:64],
        text=text.strip(),
        chats=ids,
        people=len(ids),
        status=Status.ASKED,
        started_at=now,
        created_by_id=actor.user_id,
        created_by_name=actor.name[:120],
    )
    audit.record(actor, "outreach.group_post.submitted", task, at=now, groups=len(ids), sender=sender)
    return task


@transaction.atomic
def decide_group_post(
    *, actor: Actor, public_id: UUID, is_allowed: bool, now: datetime, reason: str = ""
) -> StaffTask:
    """A second colleague lets a post to groups go, or returns it with a reason.

    Raises NotFound, SamePerson, TaskClosed (decided already), TextBlocked (by the rules of today) or Invalid.
    """
    require(actor, Permission.APPROVE_TEMPLATE)
    rows = StaffTask.objects.visible_to(actor).filter(public_id=public_id)
    task: StaffTask | None = db.lock_rows(rows).first()
    if task is None:
        raise NotFound
    if task.status != Status.ASKED:
        raise TaskClosed(_("这件事已经有同事做完了"))
    if actor.user_id is None or actor.user_id == task.created_by_id:
        raise SamePerson
    if not is_allowed and not reason.strip():
        raise Invalid(fields={"reason": [_("请写明为什么退回")]})
    text = f"{task.text} 退订"
    if is_allowed and is_blocked_text(text, "marketing", organization_id=task.organization_id):
        raise TextBlocked(_("按现在的规则这段文字不能发，请退回修改"))
    task.status = Status.QUEUED if is_allowed else Status.RETURNED
    task.decided_by_id, task.decided_by_name, task.decided_at = actor.user_id, actor.name[:120], now
    task.reason, task.started_at = reason.strip()[:200], now
    task.save()
    what = "approved" if is_allowed else "rejected"
    audit.record(actor, f"outreach.group_post.{what}", task, at=now, reason=reason, groups=len(task.chats))
    if is_allowed:
        enqueue("outreach.staff", dedupe_key="periodic:outreach.staff", is_periodic=True, priority=20)
    return task
