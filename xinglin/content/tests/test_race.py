"""An edit and an approval at the same moment: whoever comes second sees the other, on both databases."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from xinglin.content import actions, queries
from xinglin.content.models import ContentItem, ContentVersion
from xinglin.content.tests.factories import BODY, decide, make_item, make_reviewer, submit
from xinglin.core.errors import Conflict
from xinglin.directory.tests.factories import make_actor

pytestmark = pytest.mark.django_db(transaction=True)


def in_thread(work: Callable[[], object], outcome: dict[str, object], name: str) -> threading.Thread:
    def run() -> None:
        try:
            outcome[name] = work()
        except Exception as error:
            outcome[name] = error
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("editor_first", [True, False])
def test_an_edit_and_an_approval_in_two_transactions_never_approve_an_unread_text(editor_first: bool) -> None:
    author = make_actor("content")
    version = submit(author, make_item(author))
    reviewer = make_reviewer(author.organization_id)
    outcome: dict[str, object] = {}

    def edit() -> ContentVersion:
        return actions.revise_item(
            actor=author,
            public_id=version.item.public_id,
            seen_hash=version.content_hash,
            now=timezone.now(),
            title=version.title,
            page_class="disclosure",
            body=BODY + "\n- 地点：二楼",
        )

    first, second = (
        (edit, lambda: decide(reviewer, version))
        if editor_first
        else (lambda: decide(reviewer, version), edit)
    )
    with transaction.atomic():
        queries.get_item(actor=author, public_id=version.item.public_id, lock=True)  # the first one's lock
        waiting = in_thread(second, outcome, "second")
        waiting.join(0.5)
        assert "second" not in outcome  # it waits for the row, or for the writer, before it reads
        outcome["first"] = first()
    waiting.join(30)

    item, versions = ContentItem.objects.get(), list(ContentVersion.objects.order_by("number"))
    if editor_first:
        assert isinstance(outcome["second"], Conflict)
        assert [row.status for row in versions] == ["retired", "draft"]
    else:
        assert isinstance(outcome["second"], ContentVersion)
        assert [row.status for row in versions] == ["approved", "draft"]
    approved = [row for row in versions if row.status == "approved"]
    assert all(row.body == BODY for row in approved)
    assert item.published_id is None


def test_many_at_once_leave_one_consistent_story() -> None:
    author = make_actor("content")
    version = submit(author, make_item(author))
    outcome: dict[str, object] = {}
    reviewers = [make_reviewer(author.organization_id, number) for number in range(3)]
    jobs: list[Callable[[], object]] = [partial(decide, one, version) for one in reviewers]
    jobs.append(
        lambda: actions.revise_item(
            actor=author,
            public_id=version.item.public_id,
            seen_hash=version.content_hash,
            now=timezone.now(),
            title="改过的",
            page_class="disclosure",
            body=BODY,
        )
    )
    threads = [in_thread(job, outcome, str(n)) for n, job in enumerate(jobs)]
    for thread in threads:
        thread.join(60)

    approvals = [
        value
        for value in outcome.values()
        if isinstance(value, ContentVersion) and value.status == "approved"
    ]
    assert len(approvals) <= 1
    shown = ContentVersion.objects.filter(status="approved")
    assert all(row.title == version.title for row in shown)
