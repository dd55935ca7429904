"""The start page of every role: something true of its own, in few queries, the lake asked once."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from xinglin.directory.tests.factories import make_client, make_organization
from xinglin.ledger import lake

pytestmark = pytest.mark.django_db
ROLES = [
    "director", "supervisor", "rep", "clerk", "content", "planner", "analyst", "agent", "community",
    "reviewer", "finance", "doctor", "executive", "admin",
]  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_sentence_of_its_own_or_is_told_how_to_begin(role: str) -> None:
    client = make_client(role, make_organization())
    page = client.get("/").content.decode()
    assert 'class="lede"' in page or "card-title" in page or "先从左边的导航开始" in page


def test_the_director_starts_in_few_queries_and_one_question_to_the_lake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = make_client("director", make_organization())
    asked: list[str] = []
    real = lake.sql

    def counted(sql: str, *args: Any, **more: Any) -> Any:
        asked.append(sql)
        return real(sql, *args, **more)

    monkeypatch.setattr(lake, "sql", counted)
    client.get("/")
    assert len(asked) <= 1
    asked.clear()
    with CaptureQueriesContext(connection) as found:
        client.get("/")
    assert not asked
    assert len(found) <= 55
