"""Search words: counted as they come, watched by the hospital, compared with the page that should answer."""

from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.core import audit, jobs
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.core.models import Job
from xinglin.directory import queries as directory
from xinglin.portal import crawl, queries, rules
from xinglin.portal.actions.upkeep import inside
from xinglin.portal.models import SearchWord, WatchedWord
from xinglin.portal.permissions import Permission

WORDS_JOB = "portal.check_words"
MOST_WATCHED = 200
KEPT = timedelta(days=400)


def count_word(*, organization_id: int, word: str, host: str, page: str, now: datetime) -> None:
    """One more person came by this word."""
    values: dict[str, Any] = {
        "organization_id": organization_id,
        "day": timezone.localdate(now),
        "word": word,
        "host": host[:100],
        "page": page[:200],
    }
    row, _made = SearchWord.objects.get_or_create(**values)
    SearchWord.objects.filter(pk=row.pk).update(count=F("count") + 1)


def forget_old_words(*, now: datetime) -> int:
    """Delete counts of more than 400 days ago; returns how many."""
    return SearchWord.objects.filter(day__lt=timezone.localdate(now - KEPT)).delete()[0]


@transaction.atomic
def watch_word(*, actor: Actor, word: str, page: str, now: datetime) -> WatchedWord:
    """Keep an eye on a word; its page is looked at at once. Raises Invalid (fields), Conflict."""
    require(actor, Permission.MANAGE_SITE)
    wrong: dict[str, list[object]] = {}
    clean, below = rules.clean_word(word), inside(page)
    if not clean:
        wrong["word"] = [_("写一个词，最多 40 个字，不写号码")]
    if page.strip().strip("/") and not below:
        wrong["page"] = [_("写医院首页之后的部分，例如 p/page-name/；首页留空")]
    organization_id = directory.hospital_id(actor)
    if WatchedWord.objects.filter(organization_id=organization_id).count() >= MOST_WATCHED:
        wrong["word"] = [_("最多关注 200 个词")]
    if wrong:
        raise Invalid(fields=wrong)
    row = WatchedWord(organization_id=organization_id, word=clean, page=below, created_by_id=actor.user_id)
    _look(row, directory.get_own_organization(actor).slug, now)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(fields={"word": [_("这个词已经在关注了")]}) from error
    audit.record(actor, "portal.word.watched", row, at=now, label=row.word, page=row.page)
    return row


@transaction.atomic
def unwatch_word(*, actor: Actor, public_id: UUID, now: datetime) -> None:
    """The word is watched no longer; what was counted stays."""
    row = queries.get_watched_word(actor=actor, public_id=public_id)
    require(actor, Permission.MANAGE_SITE, row.organization_id)
    audit.record(actor, "portal.word.unwatched", row, at=now, label=row.word)
    row.delete()


def request_word_check(*, actor: Actor) -> Job:
    """Look at the pages of all watched words now, in the background."""
    require(actor, Permission.MANAGE_SITE)
    organization_id = directory.hospital_id(actor)
    return jobs.enqueue(
        WORDS_JOB,
        {"organization": organization_id},
        actor=actor,
        title=_("核对搜索词"),
        dedupe_key=f"{WORDS_JOB}:{organization_id}",
    )


def check_words(*, organization_id: int, now: datetime) -> tuple[int, int]:
    """Look at every watched word's page; returns how many words there are and how many are answered."""
    slug = directory.get_own_organization(Actor.system(organization_id, "portal")).slug
    rows = list(WatchedWord.objects.filter(organization_id=organization_id))
    for row in rows:
        _look(row, slug, now)
        row.save(
            update_fields=["status", "in_title", "in_description", "in_text", "checked_at", "updated_at"]
        )
    return len(rows), sum(row.is_answered for row in rows)


def _look(row: WatchedWord, slug: str, now: datetime) -> None:
    """Read the page as a search engine does, and see where it says the word (not saved)."""
    seen = crawl.look(f"/h/{slug}/{row.page}")
    reader = _Reader()
    reader.feed(seen.html)
    reader.close()
    row.status, row.checked_at = seen.status, now
    row.in_title = rules.says(reader.title, row.word)
    row.in_description = rules.says(reader.description, row.word)
    row.in_text = rules.says(" ".join(reader.words), row.word)


class _Reader(HTMLParser):
    """A page's title, description and words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title, self.description = "", ""
        self.words: list[str] = []
        self._in: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "meta" and values.get("name") == "description":
            self.description = values.get("content") or ""
        elif tag in ("title", "script", "style"):
            self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._in and self._in[-1] == tag:
            self._in.pop()

    def handle_data(self, data: str) -> None:
        if not self._in:
            self.words.append(data)
        elif self._in[-1] == "title":
            self.title += data
