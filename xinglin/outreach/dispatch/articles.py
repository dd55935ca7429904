"""Approved articles into the drafts of an official account: read again, pictures first, then the text.

Uploading may be repeated and so may an update; a new draft is asked for once, and when no answer comes it is
left for a person to look.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.content import actions as content
from xinglin.content import queries as library
from xinglin.core.chance import CHANCE
from xinglin.core.errors import DomainError
from xinglin.outreach.channels.base import Outgoing, Unavailable
from xinglin.outreach.channels.calls import NoAnswer, NotSent
from xinglin.outreach.channels.wechat import WechatAccount
from xinglin.outreach.channels.wechat_drafts import (
    GONE,
    PICTURE_LIMIT,
    QUOTA,
    Busy,
    DraftBox,
    PassRefused,
    Refused,
)
from xinglin.outreach.dispatch import accounts, tokens
from xinglin.outreach.models import ArticleDraft, OrganizationFreeze
from xinglin.outreach.rules.retry import MAX_ATTEMPTS, pause_before
from xinglin.outreach.rules.wechat_words import words_for

LEASE = timedelta(minutes=5)
State = ArticleDraft.State
CHINA = ZoneInfo("Asia/Shanghai")


class _Unanswered(Exception):
    """A new draft was asked for and nobody knows whether it was made."""


def send_articles(*, now: datetime) -> int:
    """Send or delete what is due; returns how many were dealt with."""
    _reap(now)
    frozen = OrganizationFreeze.objects.filter(is_frozen=True).values("organization_id")
    due = ArticleDraft.objects.filter(due_at__lte=now).filter(
        (Q(state=State.QUEUED) & ~Q(organization_id__in=frozen)) | Q(state=State.REMOVING)
    )
    rows = list(due.order_by("due_at", "id")[:50])
    return sum(_handle(row, now) for row in rows)


def _reap(now: datetime) -> None:
    """Rows that a dead worker held: an update is repeated, a new draft may exist and is left to a person."""
    dead = ArticleDraft.objects.filter(state=State.SENDING, lease_until__lt=now)
    dead.exclude(media_id="").update(state=State.QUEUED, lease_until=None)
    dead.filter(media_id="").update(state=State.UNKNOWN, lease_until=None)


def _handle(row: ArticleDraft, now: datetime) -> int:
    held = ArticleDraft.objects.filter(pk=row.pk, state=row.state)
    if row.state == State.REMOVING:
        if not held.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now)).update(
            lease_until=now + LEASE
        ):
            return 0
    elif not held.update(state=State.SENDING, lease_until=now + LEASE):
        return 0
    is_removal = row.state == State.REMOVING
    before = State.REMOVING if is_removal else State.QUEUED
    try:
        if is_removal:
            _remove(row)
        else:
            _send(row, now)
    except Busy as error:
        again = _midnight(now) if error.code == QUOTA else None
        _later(row, before, words_for(error.code, str(error)), now, again)
    except (Refused, PassRefused) as error:
        code = error.code if isinstance(error, Refused) else 0
        _end(row, State.FAILED, words_for(code, str(error)))
    except (Unavailable, NotSent, NoAnswer) as error:
        _later(row, before, _("公众号暂时连不上：%(why)s") % {"why": error}, now)
    except _Unanswered:
        _end(row, State.UNKNOWN, _("送出后没有收到回应，草稿可能已经建好：先到公众号后台看一眼，没有再送"))
    except DomainError as error:
        _end(row, State.FAILED, next((t for group in error.fields.values() for t in group), str(error)))
    return 1


def _midnight(now: datetime) -> datetime:
    tomorrow = timezone.localtime(now, CHINA).date() + timedelta(days=1)
    return datetime.combine(tomorrow, datetime.min.time(), tzinfo=CHINA) + timedelta(minutes=5)


def _later(row: ArticleDraft, state: str, error: str, now: datetime, again: datetime | None = None) -> None:
    attempts = row.attempts + (again is None)
    if attempts >= MAX_ATTEMPTS:
        _end(row, State.FAILED, error)
        return
    due = again or now + pause_before(attempt=attempts, jitter=CHANCE.random())
    rows = ArticleDraft.objects.filter(pk=row.pk)
    rows.update(state=state, lease_until=None, attempts=attempts, due_at=due, error=error[:300])


def _end(row: ArticleDraft, state: str, error: str = "", **facts: object) -> None:
    values = {
        "state": state,
        "lease_until": None,
        "error": error[:300],
        "updated_at": timezone.now(),
        **facts,
    }
    ArticleDraft.objects.filter(pk=row.pk).update(**values)


def _sent(row: ArticleDraft, now: datetime, **facts: object) -> None:
    """It lies in the drafts; taken down in the meantime, it is deleted there next."""
    rows = ArticleDraft.objects.filter(pk=row.pk)
    values = {"lease_until": None, "error": "", "sent_at": now, "updated_at": now, **facts}
    if not rows.filter(state=State.SENDING).update(state=State.SENT, **values):
        rows.update(state=State.REMOVING, due_at=now, attempts=0, **values)


def _route(row: ArticleDraft) -> accounts.Route:
    route = accounts.route_for(organization_id=row.organization_id, channel="wechat")
    if route is None or route.kind not in ("wechat", "sink"):
        raise DomainError(_("公众号没有接上，或已停用"))
    return route


def _send(row: ArticleDraft, now: datetime) -> None:
    text, route = content.text_of_sheet(placement_id=row.sheet_id, now=now), _route(row)
    if text.text_hash != row.text_hash:
        raise DomainError(_("文字在送出前又改过，请送新的一版"))
    if route.kind == "sink":
        _sent(row, now, media_id=_keep_here(row, text, route), account="sink")
        return
    app = str(route.account.settings.get("app_id") or "")
    if row.account != app:
        row.account, row.media_id, row.uploads = app, "", {}
    row.media_id = _with_pass(route, lambda box: _put(row, text, box))
    _sent(row, now, media_id=row.media_id, account=app, uploads=row.uploads)


def _keep_here(row: ArticleDraft, text: content.SheetText, route: accounts.Route) -> str:
    key = f"article:{row.public_id}:{row.text_hash[:12]}"
    one = Outgoing(
        key=key, channel="wechat", address="", subject=text.title, text=text.digest, html=text.html,
        organization_id=row.organization_id,
    )  # fmt: skip
    route.open().send([one], deadline=float("inf"))
    return key


def _with_pass(route: accounts.Route, do: Callable[[DraftBox], str]) -> str:
    """One exchange with the account; a pass that was turned down is renewed once."""
    adapter = route.open()
    assert isinstance(adapter, WechatAccount)
    try:
        tokens.provide(adapter, provider_id=route.provider_id)
        try:
            return do(DraftBox(adapter))
        except PassRefused:
            tokens.provide(adapter, provider_id=route.provider_id)
            return do(DraftBox(adapter))
    finally:
        adapter.close()


def _put(row: ArticleDraft, text: content.SheetText, box: DraftBox) -> str:
    try:
        return _save(row, text, box)
    except Refused as error:
        if error.code != GONE or isinstance(error, Busy) or not (row.media_id or row.uploads):
            raise
        row.media_id, row.uploads = "", {}  # published or deleted there by hand: begin anew, once
        return _save(row, text, box)


def _save(row: ArticleDraft, text: content.SheetText, box: DraftBox) -> str:
    html = text.html
    for public_id in text.pictures:
        address = _upload(row, public_id, "in", box.add_picture)
        html = html.replace(f'src="media:{public_id}"', f'src="{address}"')
    assert text.cover is not None
    article = {
        "article_type": "news",
        "title": text.title,
        "author": text.author if len(text.author) <= 8 else text.author.split("、")[0][:8],
        "digest": text.digest,
        "content": html,
        "content_source_url": text.source_url,
        "thumb_media_id": _upload(row, text.cover, "cover", box.add_cover),
        "need_open_comment": 0,
        "only_fans_can_comment": 0,
    }
    if row.media_id:
        box.update(row.media_id, article)
        return row.media_id
    try:
        return box.add(article)
    except NoAnswer as error:
        raise _Unanswered from error


def _upload(row: ArticleDraft, public_id: object, use: str, send: Callable[[bytes], str]) -> str:
    """What the platform calls a picture; one that it has already is not sent again."""
    data = library.as_jpeg(row.organization_id, public_id, side=1080, limit=PICTURE_LIMIT)  # type: ignore[arg-type]
    key = f"{use}:{hashlib.sha256(data).hexdigest()}"
    if not row.uploads.get(key):
        row.uploads[key] = send(data)
        ArticleDraft.objects.filter(pk=row.pk).update(uploads=row.uploads, account=row.account)
    return str(row.uploads[key])


def _remove(row: ArticleDraft) -> None:
    def delete(box: DraftBox) -> str:
        try:
            box.delete(row.media_id)
        except Refused as error:
            if error.code != GONE or isinstance(error, Busy):
                raise
        return ""

    route = _route(row)
    if route.kind == "wechat":
        _with_pass(route, delete)
    _end(row, State.REMOVED, media_id="")
