"""Approved articles on their way to the drafts of the official account."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.content import actions as content
from xinglin.core import audit, db
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict, Invalid
from xinglin.core.jobs import enqueue
from xinglin.outreach.models import ArticleDraft
from xinglin.outreach.queries.articles import has_official_account

State = ArticleDraft.State
#: What the platform takes, in characters.
LONGEST = {"title": 64, "html": 20_000}


class NoAccount(Invalid):
    code = "no-official-account"
    default = gettext_lazy("还没有接上公众号：请系统管理员在「设置 → 发送通道」里接")


@transaction.atomic
def queue_article_draft(*, actor: Actor, version: UUID, now: datetime) -> ArticleDraft:
    """Have an approved version put into the account's drafts, in place of the item's older draft.

    Opens the publishing sheet of the channel. The same version asked for again, while it waits, is one.
    Raises NoAccount, Invalid, Conflict while one is being sent, and what ``open_sheet`` and
    ``text_of_sheet`` raise.
    """
    sheet = content.open_sheet(actor=actor, public_id=version, channel="wechat", now=now)
    text = content.text_of_sheet(placement_id=sheet.pk, now=now)
    _check(sheet.organization_id, text)
    values = {
        "organization_id": sheet.organization_id,
        "sheet": sheet,
        "text_hash": text.text_hash,
        "due_at": now,
    }
    ArticleDraft.objects.get_or_create(item_id=sheet.item_id, defaults=values)
    row = db.lock_rows(ArticleDraft.objects.filter(item_id=sheet.item_id)).get()
    if row.state == State.SENDING:
        raise Conflict(_("上一版正在送，等它送完再送"))
    row.sheet, row.text_hash, row.state = sheet, text.text_hash, State.QUEUED
    row.due_at, row.attempts, row.error, row.asked_by_name = now, 0, "", actor.name[:120]
    row.save()
    audit.record(
        actor, "outreach.article-draft.queued", sheet.item, at=now, label=text.title, hash=text.text_hash
    )
    _poke()
    return row


def _check(organization_id: int, text: content.SheetText) -> None:
    if not has_official_account(organization_id):
        raise NoAccount
    wrong: dict[str, list[Any]] = {}
    if text.cover is None:
        wrong["cover"] = [_("公众号的文章要有封面：在「资料」里选一张，或在正文里放一张图")]
    if len(text.title) > LONGEST["title"]:
        wrong["title"] = [_("公众号的标题最多 64 个字")]
    if len(text.html) >= LONGEST["html"]:
        wrong["body"] = [_("排版后超过公众号的两万字符，请缩短")]
    if wrong:
        raise Invalid(next(iter(wrong.values()))[0], fields=wrong)


def _poke() -> None:
    enqueue("outreach.articles", dedupe_key="periodic:outreach.articles", is_periodic=True, priority=30)


@transaction.atomic
def remove_article_draft(*, organization_id: int, item_id: int, now: datetime) -> None:
    """The item is public no longer: what waits is not sent, what lies in the drafts is deleted there."""
    rows = ArticleDraft.objects.filter(organization_id=organization_id, item_id=item_id)
    rows.filter(media_id="").update(state=State.REMOVED, error="", updated_at=now)
    gone = rows.exclude(media_id="").update(
        state=State.REMOVING, due_at=now, attempts=0, lease_until=None, error="", updated_at=now
    )
    if gone:
        _poke()
