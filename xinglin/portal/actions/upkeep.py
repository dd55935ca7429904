"""Moved addresses, broken links, announcements to search engines."""

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.core import audit, jobs
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, DomainError, Invalid
from xinglin.core.fetch import fetch
from xinglin.core.models import Job
from xinglin.directory import queries as directory
from xinglin.portal import crawl, queries
from xinglin.portal.models import BrokenLink, PageRedirect, SearchPush, SearchSettings
from xinglin.portal.permissions import Permission

CHECK_JOB, PUSH_JOB = "portal.check_links", "portal.push_urls"
#: Addresses of one announcement: Baidu takes 2,000 at once, IndexNow 10,000.
BATCH = 2_000
MOST_EXTERNAL = 200


@transaction.atomic
def add_redirect(*, actor: Actor, old_path: str, new_path: str, now: datetime) -> PageRedirect:
    """An old address leads to another of ours from now on. Raises Invalid (fields), Conflict."""
    require(actor, Permission.MANAGE_SITE)
    wrong: dict[str, list[object]] = {}
    old, new = inside(old_path), inside(new_path)
    if not old:
        wrong["old_path"] = [_("写医院首页之后的部分，例如 p/old-name/")]
    if not new:
        wrong["new_path"] = [_("写医院首页之后的部分，例如 p/new-name/")]
    organization_id = directory.hospital_id(actor)
    if old and new and (old == new or _leads_back(organization_id, new, old)):
        wrong["new_path"] = [_("这样会绕回原来的网址")]
    if wrong:
        raise Invalid(fields=wrong)
    try:
        with transaction.atomic():
            row = PageRedirect.objects.create(
                organization_id=organization_id, old_path=old, new_path=new, created_by_id=actor.user_id
            )
    except IntegrityError as error:
        raise Conflict(fields={"old_path": [_("这个旧网址已经有去处了")]}) from error
    audit.record(actor, "portal.redirect.added", row, at=now, label=str(row))
    return row


@transaction.atomic
def remove_redirect(*, actor: Actor, public_id: UUID, now: datetime) -> None:
    """The old address leads nowhere again."""
    row = queries.get_redirect(actor=actor, public_id=public_id)
    require(actor, Permission.MANAGE_SITE, row.organization_id)
    audit.record(actor, "portal.redirect.removed", row, at=now, label=str(row))
    row.delete()


def inside(path: str) -> str:
    """The path below the hospital's folder, ending in a slash; "" for anything that is none."""
    bare = path.strip().split("?")[0].split("#")[0]
    if not bare or bare.startswith("//") or not bare.isprintable() or any(c in bare for c in ":\\"):
        return ""
    parts = bare.strip("/").split("/")
    if ".." in parts or "" in parts:
        return ""
    return "/".join(parts)[:199] + "/"


def _leads_back(organization_id: int, path: str, target: str) -> bool:
    for _step in range(20):
        further = queries.find_redirect(organization_id, path)
        if further is None:
            return False
        if further == target:
            return True
        path = further
    return True


@transaction.atomic
def save_search_settings(*, actor: Actor, indexnow_url: str, baidu_url: str, now: datetime) -> SearchSettings:
    """Where changed pages are announced; a key for IndexNow is made at the first time. Raises Invalid."""
    require(actor, Permission.MANAGE_SITE)
    wrong: dict[str, list[object]] = {}
    for name, value in (("indexnow_url", indexnow_url), ("baidu_url", baidu_url)):
        if value and urlsplit(value).scheme not in {"http", "https"}:
            wrong[name] = [_("写完整的网址，以 https:// 开头")]
    if wrong:
        raise Invalid(fields=wrong)
    row, _made = SearchSettings.objects.get_or_create(organization_id=directory.hospital_id(actor))
    row.indexnow_url, row.baidu_url = indexnow_url.strip(), baidu_url.strip()
    row.indexnow_key = row.indexnow_key or secrets.token_hex(16)
    row.save(update_fields=["indexnow_url", "baidu_url", "indexnow_key", "updated_at"])
    audit.record(
        actor, "portal.search.saved", row, at=now, indexnow=bool(indexnow_url), baidu=bool(baidu_url)
    )
    return row


@transaction.atomic
def request_push(*, actor: Actor) -> Job:
    """Announce every public page once."""
    require(actor, Permission.MANAGE_SITE)
    own = directory.hospital_id(actor)
    title = str(_("把全部公开页面告诉搜索引擎"))
    args = {"organization": own, "paths": []}
    return jobs.enqueue(PUSH_JOB, args, actor=actor, title=title, dedupe_key=f"{PUSH_JOB}:{own}")


def announce(*, organization_id: int, slug: str) -> None:
    """A page went up or came down: tell whoever the hospital announces to, in a job."""
    if _announces(organization_id):
        _tell_of(organization_id, reverse("portal:page-detail", args=[_slug(organization_id), slug]))


def announce_prices(*, organization_id: int) -> None:
    """The posted prices are others: one announcement, however many entries changed before it went out."""
    if _announces(organization_id):
        path = reverse("portal:section", args=[_slug(organization_id), "prices"])
        _tell_of(organization_id, path, dedupe_key=f"{PUSH_JOB}:{organization_id}:prices")


def _announces(organization_id: int) -> bool:
    row = queries.search_settings(organization_id)
    return bool(row.indexnow_url or row.baidu_url)


def _slug(organization_id: int) -> str:
    return directory.get_own_organization(Actor.system(organization_id, "portal")).slug


def _tell_of(organization_id: int, path: str, *, dedupe_key: str | None = None) -> None:
    args = {"organization": organization_id, "paths": [path]}
    jobs.enqueue(PUSH_JOB, args, organization_id=organization_id, dedupe_key=dedupe_key)


def push_urls(
    *, organization_id: int, paths: Sequence[str], now: datetime, beat: Callable[[], None] = lambda: None
) -> list[SearchPush]:
    """Announce these pages (all public ones for none), in batches; each engine's answer is kept."""
    row = queries.search_settings(organization_id)
    named = (f"{settings.PUBLIC_URL}{path}" for path in paths)
    urls = named if paths else queries.public_urls(organization_id)
    made = []
    while batch := list(islice(urls, BATCH)):
        beat()
        if row.indexnow_url:
            made.append(_push(row, SearchPush.Engine.INDEXNOW, row.indexnow_url, batch, now=now))
        if row.baidu_url:
            made.append(_push(row, SearchPush.Engine.BAIDU, str(row.baidu_url), batch, now=now))
    return made


def _push(row: SearchSettings, engine: str, url: str, batch: list[str], *, now: datetime) -> SearchPush:
    slug = directory.get_own_organization(Actor.system(row.organization_id, "portal")).slug
    if engine == SearchPush.Engine.INDEXNOW:
        body = json.dumps(
            {
                "host": urlsplit(settings.PUBLIC_URL).netloc,
                "key": row.indexnow_key,
                "keyLocation": settings.PUBLIC_URL
                + reverse("portal:indexnow-key", args=[slug, row.indexnow_key]),
                "urlList": batch,
            }
        ).encode()
        kind = "application/json; charset=utf-8"
    else:
        body, kind = "\n".join(batch).encode(), "text/plain"
    try:
        got = fetch(url, method="POST", body=body, headers={"Content-Type": kind}, most_bytes=2_000)
        status, answer = got.status, got.body.decode("utf-8", errors="replace")
    except DomainError as error:
        status, answer = 0, str(error)
    return SearchPush.objects.create(
        organization_id=row.organization_id,
        engine=engine,
        url_count=len(batch),
        status=status,
        answer=" ".join(answer.split())[:300],
        pushed_at=now,
    )


@transaction.atomic
def request_link_check(*, actor: Actor) -> Job:
    """Look for broken links now."""
    require(actor, Permission.MANAGE_SITE)
    own = directory.hospital_id(actor)
    return jobs.enqueue(
        CHECK_JOB,
        {"organization": own},
        actor=actor,
        title=str(_("检查网站上的链接")),
        dedupe_key=f"{CHECK_JOB}:{own}",
    )


def check_links(
    *, organization_id: int, now: datetime, beat: Callable[[], None] = lambda: None
) -> tuple[int, int]:
    """Walk over the public pages and ask every link once; returns pages seen and links that lead nowhere.

    What was broken and is no more disappears from the list.
    """
    slug = directory.get_own_organization(Actor.system(organization_id, "portal")).slug
    home, origin = reverse("portal:home", args=[slug]), settings.PUBLIC_URL
    asked: dict[str, tuple[int, str]] = {}
    broken: dict[tuple[str, str], tuple[int, str, bool]] = {}
    pages = 0
    for seen in crawl.walk(home, origin=origin, beat=beat):
        pages += 1
        asked[seen.path] = (seen.status, "")
        for fragment in set(seen.fragments) - seen.anchors:
            broken[(seen.path, f"#{fragment}")] = (0, _("页面里没有这个位置"), False)
        for link in dict.fromkeys(seen.links):
            own = link.removeprefix(origin) if link.startswith(origin + "/") else link
            is_external = not own.startswith("/") or own.startswith("//")
            key = own if is_external else urlsplit(own).path
            if key not in asked:
                asked[key] = _ask(own, is_external=is_external, count=len(asked), beat=beat)
            status, problem = asked[key]
            if status >= 400 or problem:
                broken[(seen.path, own)] = (status, problem, is_external)
    _keep(organization_id, broken, pages=pages, now=now)
    return pages, len(broken)


def _ask(link: str, *, is_external: bool, count: int, beat: Callable[[], None]) -> tuple[int, str]:
    """The answer to a link: its status, and a problem in words where there was no answer."""
    beat()
    if not is_external:
        path = urlsplit(link).path
        if path.startswith(settings.STATIC_URL):
            found = finders.find(path.removeprefix(settings.STATIC_URL)) or _collected(path)
            return (200 if found else 404), ""
        return crawl.look(link).status, ""
    if count > MOST_EXTERNAL + 2_000:
        return 0, ""
    try:
        got = fetch(link, method="HEAD")
        if got.status in {403, 405, 501}:
            got = fetch(link, most_bytes=1_000)
    except DomainError as error:
        return 0, str(error)
    return got.status, ""


def _collected(path: str) -> bool:
    """Whether a hashed file of the collected static folder is there."""
    from django.contrib.staticfiles.storage import staticfiles_storage

    return bool(staticfiles_storage.exists(path.removeprefix(settings.STATIC_URL)))


@transaction.atomic
def _keep(
    organization_id: int, broken: dict[tuple[str, str], tuple[int, str, bool]], *, pages: int, now: datetime
) -> None:
    for (page, target), (status, problem, is_external) in broken.items():
        BrokenLink.objects.update_or_create(
            organization_id=organization_id,
            page=page[:300],
            target=target[:500],
            defaults={
                "status": status,
                "problem": problem[:200],
                "is_external": is_external,
                "seen_at": now,
            },
            create_defaults={
                "status": status,
                "problem": problem[:200],
                "is_external": is_external,
                "first_seen_at": now,
                "seen_at": now,
            },
        )
    BrokenLink.objects.filter(organization_id=organization_id, seen_at__lt=now).delete()
    row, _made = SearchSettings.objects.get_or_create(organization_id=organization_id)
    row.checked_at, row.checked_pages = now, pages
    row.save(update_fields=["checked_at", "checked_pages", "updated_at"])
