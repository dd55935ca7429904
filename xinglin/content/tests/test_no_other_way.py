"""Nobody publishes or prints or sends an unapproved text, by whatever route."""

import ast
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from xinglin.compliance.review import SamePerson
from xinglin.content import actions, queries
from xinglin.content.actions.workflow import NotApproved
from xinglin.content.models import ContentItem, ContentVersion
from xinglin.content.tests.factories import (
    BODY,
    SCIENCE,
    approve_all,
    decide,
    make_item,
    make_published_item,
    submit,
)
from xinglin.core.errors import DomainError, NotFound
from xinglin.directory.tests.factories import every_code, make_actor, make_client, make_organization

ROOT = Path(__file__).resolve().parents[2]
#: The files that may write what makes a text public; each asks ``is_intact`` first.
WRITERS = {
    "content/actions/workflow.py", "content/actions/lapse.py", "content/actions/plans.py",
    "content/actions/writing.py", "content/actions/stages.py", "compliance/review/transitions.py",
    "compliance/review/levels.py",
}  # fmt: skip
GUARDED = {"published", "published_at", "scheduled", "scheduled_for", "published_id", "scheduled_id"}
STATUS = {"approved_by_id", "approved_at"}


def draft() -> tuple[Any, ContentVersion]:
    author = make_actor("content", permissions=every_code())
    return author, make_item(author)


def publish(author: Any, version: ContentVersion) -> object:
    return actions.publish_item(actor=author, public_id=version.public_id, now=timezone.now())


def schedule(author: Any, version: ContentVersion) -> object:
    at = timezone.now() + timedelta(days=1)
    return actions.schedule_item(actor=author, public_id=version.public_id, at=at, now=timezone.now())


def sheet(author: Any, version: ContentVersion) -> object:
    return actions.open_sheet(actor=author, public_id=version.public_id, channel="weibo", now=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize("way", [publish, schedule, sheet])
@pytest.mark.parametrize("state", ["draft", "in_review", "rejected", "retired", "altered"])
def test_no_action_takes_a_text_that_is_not_approved(way: Callable[..., object], state: str) -> None:
    author, version = draft()
    if state != "draft":
        submit(author, version)
    if state == "rejected":
        decide(make_actor("reviewer", version.organization), version, is_approved=False, note="不行")
    if state in ("retired", "altered"):
        approve_all(version)
    if state == "retired":
        actions.retire_version(actor=author, public_id=version.public_id, reason="旧了", now=timezone.now())
    if state == "altered":
        ContentVersion.objects.filter(pk=version.pk).update(body="另一段话")

    with pytest.raises(NotApproved):
        way(author, version)
    assert queries.list_published(version.organization_id).items == ()


@pytest.mark.django_db
def test_a_row_written_behind_everybodys_back_is_not_served() -> None:
    """A shell, an import, an admin: the doors to the public look at approval and hash themselves."""
    author, version = draft()
    now = timezone.now()
    ContentItem.objects.filter(pk=version.item_id).update(published=version, published_at=now)
    assert queries.list_published(version.organization_id).items == ()
    ContentVersion.objects.filter(pk=version.pk).update(
        status="approved", approved_by_id=999, approved_at=now, body=BODY + "改"
    )
    assert queries.list_published(version.organization_id).items == ()
    with pytest.raises(NotFound):
        queries.get_published(version.organization_id, "clinic")
    with pytest.raises(IntegrityError), transaction.atomic():
        ContentVersion.objects.filter(pk=version.pk).update(approved_by_id=author.user_id)


@pytest.mark.django_db
def test_a_published_text_that_is_altered_is_gone() -> None:
    version = make_published_item()
    ContentVersion.objects.filter(pk=version.pk).update(body="根治一切疾病")

    assert queries.list_published(version.organization_id).items == ()


@pytest.mark.django_db
def test_the_api_and_the_pages_ask_the_same(client: Client) -> None:
    hospital = make_organization()
    insider = make_client("content", hospital, permissions=every_code())
    author = make_actor("content", hospital, permissions=every_code())
    version = make_item(author)
    base = f"/api/v1/content/versions/{version.public_id}"
    for path in (f"{base}/publication/", f"{base}/sheets/"):
        answer = insider.post(path, {"channel": "weibo"}, content_type="application/json")
        assert answer.status_code == 409, (path, answer.content)
        assert answer.json()["code"] == "not-approved"
    for name in ("publication", "sheets"):
        insider.post(f"/content/versions/{version.public_id}/{name}/", {"channel": "weibo"})
    assert queries.list_published(hospital.pk).items == ()
    assert not version.item.placements.exists()


@pytest.mark.django_db
def test_an_author_with_every_right_still_needs_a_colleague() -> None:
    author, version = draft()
    submit(author, version)

    with pytest.raises(SamePerson):
        decide(author, version)
    for level in range(4):
        with pytest.raises(DomainError):
            actions.decide_item(
                actor=author, public_id=version.public_id, seen_hash=version.content_hash, is_approved=True,
                note=str(level), now=timezone.now(),
            )  # fmt: skip


def test_there_is_no_admin_beside_the_actions() -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


def _assigned(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in (part for one in targets for part in ast.walk(one)):
                if isinstance(target, ast.Attribute) and isinstance(target.ctx, ast.Store):
                    yield node.lineno, target.attr
        writing = {"update", "create", "update_or_create", "get_or_create"}
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in writing:
            yield from ((node.lineno, str(word.arg)) for word in node.keywords)


def test_only_the_guarded_actions_write_what_makes_a_text_public() -> None:
    """Direct model use anywhere else would be a way around the review."""
    found = []
    for path in ROOT.rglob("*.py"):
        name = str(path.relative_to(ROOT))
        if name in WRITERS or "/tests/" in name or "/migrations/" in name:
            continue
        text = path.read_text(encoding="utf-8")
        if "content" not in text:
            continue
        for line, word in _assigned(ast.parse(text)):
            is_content = name.startswith("content/") or "ContentItem" in text or "ContentVersion" in text
            if is_content and word in GUARDED | STATUS:
                found.append(f"{name}:{line} writes {word}")
    assert not found, "\n".join(found)


@pytest.mark.django_db
def test_science_with_links_and_ways_is_refused_and_helped() -> None:
    from xinglin.content.rules.lawful import as_science

    author = make_actor("content")
    for extra in ("[预约]", "看[这里](https://example.org)", "www.example.org"):
        version = make_item(author, slug="", page_class="science", body=f"{SCIENCE}\n\n{extra}")
        with pytest.raises(DomainError, match="科普"):
            submit(author, version)
        text, taken = as_science(version.body, lambda _text: [])
        assert taken
        submit(author, make_item(author, slug="", page_class="science", body=text))
