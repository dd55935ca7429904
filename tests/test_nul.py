"""A NUL, which PostgreSQL stores in no text, is met at the door, not in a statement."""

from typing import Any

import pytest

from xinglin.directory.tests.factories import make_client, make_organization

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/h/{slug}/info/prices/?q=a%00", "/prices/?q=%00", "/patients/?q=a%00b"])
def test_a_query_is_read_without_it(path: str) -> None:
    hospital = make_organization()
    client: Any = make_client("director", hospital)
    assert client.get(path.format(slug=hospital.slug)).status_code == 200


def test_a_path_with_it_is_a_bad_request() -> None:
    hospital = make_organization()
    client: Any = make_client()
    assert client.get(f"/h/{hospital.slug}/p/a%00b/").status_code == 400
    assert client.get(f"/h/{hospital.slug}/p/ab/").status_code == 404


def test_json_with_a_nul_is_a_bad_request() -> None:
    client: Any = make_client("director")
    body = {"purpose": "service", "bodies": {"sms": {"body": "您好"}}}
    made = [
        client.post(
            "/api/v1/outreach/templates/", {**body, "name": name}, content_type="application/json"
        ).status_code
        for name in ("提\0醒", "提醒")
    ]
    assert made == [400, 201]
