"""REST: keeping the public site in order."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.paging import slice_by_key
from xinglin.portal import actions, queries
from xinglin.portal.models import PageRedirect, SearchSettings, WatchedWord

router = Router(tags=["portal"])


class LinkOut(Schema):
    page: str
    target: str
    status: int
    problem: str
    is_external: bool
    first_seen_at: datetime
    seen_at: datetime


class LinkList(Schema):
    items: list[LinkOut]
    next_cursor: str


class RedirectIn(Schema):
    old_path: str
    new_path: str


class RedirectOut(RedirectIn):
    public_id: UUID


class RedirectList(Schema):
    items: list[RedirectOut]
    next_cursor: str


class SearchIn(Schema):
    indexnow_url: str = ""
    baidu_url: str = ""


class SearchOut(Schema):
    indexnow_url: str
    indexnow_key: str
    has_baidu: bool
    checked_at: datetime | None
    checked_pages: int

    @staticmethod
    def resolve_has_baidu(row: SearchSettings) -> bool:
        return bool(row.baidu_url)


class PushOut(Schema):
    engine: str
    url_count: int
    status: int
    answer: str
    pushed_at: datetime


class WordIn(Schema):
    """``page`` is the part after the hospital's home page, "" for the home page itself."""

    word: str
    page: str = ""


class WordOut(WordIn):
    public_id: UUID
    status: int
    in_title: bool
    in_description: bool
    in_text: bool
    is_answered: bool
    checked_at: datetime | None


class WatchedOut(WordOut):
    visits: int


class WatchedList(Schema):
    items: list[WatchedOut]
    next_cursor: str


class LedOut(Schema):
    word: str
    count: int
    pages: int
    page: str
    hosts: list[str]
    is_watched: bool


class JobOut(Schema):
    public_id: UUID
    status: str


@router.get("/links/", response=LinkList)
def list_links(request: StaffRequest, cursor: str = "") -> dict[str, Any]:
    """Links on public pages that led nowhere at the last check."""
    found = queries.list_broken_links(actor=request.actor)
    rows, following, _previous = slice_by_key(found, order=("-id",), size=50, cursor=cursor)
    return {"items": rows, "next_cursor": following}


@router.post("/link-checks/", response={202: JobOut})
def post_check(request: StaffRequest) -> Any:
    """Look for broken links now."""
    return 202, actions.request_link_check(actor=request.actor)


@router.get("/redirects/", response=RedirectList)
def list_redirects(request: StaffRequest, cursor: str = "") -> dict[str, Any]:
    """Moved addresses."""
    found = queries.list_redirects(actor=request.actor)
    rows, following, _previous = slice_by_key(found, order=("-id",), size=50, cursor=cursor)
    return {"items": rows, "next_cursor": following}


@router.post("/redirects/", response={201: RedirectOut})
def post_redirect(request: StaffRequest, body: RedirectIn) -> tuple[int, PageRedirect]:
    """An old address leads to another page of the hospital; 409 where it already leads somewhere."""
    return 201, actions.add_redirect(actor=request.actor, now=timezone.now(), **body.dict())


@router.delete("/redirects/{uuid:public_id}/", response={204: None})
def delete_redirect(request: StaffRequest, public_id: UUID) -> tuple[int, None]:
    """The old address leads nowhere again."""
    actions.remove_redirect(actor=request.actor, public_id=public_id, now=timezone.now())
    return 204, None


@router.put("/search/", response=SearchOut)
def put_search(request: StaffRequest, body: SearchIn) -> SearchSettings:
    """Where changed pages are announced; the address with Baidu's token is never given out again."""
    return actions.save_search_settings(actor=request.actor, now=timezone.now(), **body.dict())


@router.post("/pushes/", response={202: JobOut})
def post_push(request: StaffRequest) -> Any:
    """Announce every public page once."""
    return 202, actions.request_push(actor=request.actor)


@router.get("/pushes/", response=list[PushOut])
def list_pushes(request: StaffRequest) -> list[Any]:
    """The last hundred announcements and their answers."""
    return list(queries.list_pushes(actor=request.actor)[:100])


@router.get("/words/", response=WatchedList)
def list_words(request: StaffRequest, cursor: str = "") -> dict[str, Any]:
    """Watched search words, whether their page says them, and how many came by them in 90 days."""
    found = queries.list_watched_words(actor=request.actor, now=timezone.now())
    rows, following, _previous = slice_by_key(found, order=("-id",), size=50, cursor=cursor)
    return {"items": rows, "next_cursor": following}


@router.post("/words/", response={201: WordOut})
def post_word(request: StaffRequest, body: WordIn) -> tuple[int, WatchedWord]:
    """Watch a word; its page is looked at at once. 409 where it is watched already."""
    return 201, actions.watch_word(actor=request.actor, now=timezone.now(), **body.dict())


@router.delete("/words/{uuid:public_id}/", response={204: None})
def delete_word(request: StaffRequest, public_id: UUID) -> tuple[int, None]:
    """Watch a word no longer."""
    actions.unwatch_word(actor=request.actor, public_id=public_id, now=timezone.now())
    return 204, None


@router.post("/word-checks/", response={202: JobOut})
def post_word_check(request: StaffRequest) -> Any:
    """Look at the pages of all watched words now."""
    return 202, actions.request_word_check(actor=request.actor)


@router.get("/search-words/", response=list[LedOut])
def list_search_words(request: StaffRequest) -> list[Any]:
    """The words that led most people here in the last 90 days."""
    return queries.list_led(actor=request.actor, now=timezone.now())
