"""Tokens and the REST API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from xinglin.core.errors import Invalid
from xinglin.directory import actions, queries
from xinglin.directory.models import ApiToken
from xinglin.directory.tests.factories import (
    make_actor,
    make_client,
    make_department,
    make_membership,
    make_organization,
    make_staff,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SCOPES = ["directory.user.view", "directory.token.edit"]


def bearer(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


def make_token(scopes: list[str] = SCOPES, **facts: Any) -> tuple[ApiToken, str]:
    values: dict[str, Any] = {
        "actor": make_actor("admin"),
        "name": "HIS",
        "scopes": scopes,
        "now": NOW,
        **facts,
    }
    return actions.create_token(**values)


def test_the_secret_is_nowhere_stored_and_carries_its_scopes_only() -> None:
    token, secret = make_token()
    assert secret not in str(ApiToken.objects.values().get())
    actor = queries.actor_for_token(secret)
    assert actor is not None
    assert actor.permissions == frozenset(SCOPES)
    assert actor.organization_id == token.organization_id
    assert ApiToken.objects.get().last_used_at is not None


def test_what_ends_a_token() -> None:
    member = make_membership("admin")
    actor = queries.actor_for(member)
    token, secret = make_token(actor=actor, expires_at=NOW + timedelta(days=1))
    assert queries.actor_for_token(secret) is not None
    ApiToken.objects.update(expires_at=NOW - timedelta(seconds=1))
    assert queries.actor_for_token(secret) is None
    ApiToken.objects.update(expires_at=None)
    actions.revoke_token(actor=actor, public_id=token.public_id, now=NOW)
    actions.revoke_token(actor=actor, public_id=token.public_id, now=NOW)
    assert queries.actor_for_token(secret) is None
    ApiToken.objects.update(revoked_at=None)
    member.is_active = False
    member.save()
    assert queries.actor_for_token(secret) is None
    assert queries.actor_for_token("xl_nothing") is None


@pytest.mark.parametrize(
    "facts", [{"scopes": []}, {"scopes": ["patients.patient.view"]}, {"expires_at": NOW - timedelta(days=1)}]
)
def test_a_token_is_within_its_makers_means(facts: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        make_token(**facts)


def test_a_token_loses_what_its_owner_loses() -> None:
    actor = make_actor("admin")
    _token, secret = make_token(actor=actor)
    without = [code for code in actor.permissions if code != "directory.token.edit"]
    actions.edit_role(actor=actor, role="admin", codes=without, expected_version=0, now=NOW)
    found = queries.actor_for_token(secret)
    assert found is not None
    assert found.permissions == {"directory.user.view"}


def test_the_pages_show_the_secret_once() -> None:
    admin = make_client("admin")
    made = admin.post(
        "/settings/tokens/new/", {"name": "HIS", "days": "30", "scopes": ["directory.user.view"]}
    )
    assert "xl_" in made.content.decode()
    token = ApiToken.objects.get()
    listed = admin.get("/settings/tokens/").content.decode()
    assert token.prefix in listed
    admin.post(f"/settings/tokens/{token.public_id}/revocation/")
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert admin.post("/settings/tokens/new/", {"name": ""}).status_code == 422


def test_me_departments_staff_and_users() -> None:
    hospital = make_organization()
    department = make_department(hospital, code="EK", name="儿科")
    make_staff(hospital, name="周敏", department=department, is_practitioner=True, fee_fen=5000)
    make_department(code="XX")
    _token, secret = make_token(actor=make_actor("admin", hospital))
    api = bearer(secret)

    assert api.get("/api/v1/directory/me").json()["permissions"] == sorted(SCOPES)
    departments = api.get("/api/v1/directory/departments").json()
    assert [row["code"] for row in departments["items"]] == ["EK"]
    staff = api.get("/api/v1/directory/staff?practitioner=true").json()["items"]
    assert [(row["name"], row["department"], row["fee_fen"]) for row in staff] == [("周敏", "EK", 5000)]
    users = api.get("/api/v1/directory/users").json()["items"]
    assert [row["role"] for row in users] == ["admin"]


def test_problems_have_codes() -> None:
    _token, secret = make_token()
    api = bearer(secret)
    refused = api.post(
        "/api/v1/directory/users",
        {"username": "x", "name": "x", "role": "agent"},
        content_type="application/json",
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "permission-denied")
    assert bearer("xl_wrong").get("/api/v1/directory/me").status_code == 401
    assert Client().get("/api/v1/directory/me").status_code == 401
    foreign = make_membership()
    _token, secret = make_token(["directory.user.edit"])
    url = f"/api/v1/directory/users/{foreign.public_id}/deactivation"
    assert bearer(secret).post(url).json()["code"] == "not-found"


def test_accounts_and_tokens_by_api() -> None:
    actor = make_actor("admin")
    _token, secret = make_token(["directory.user.edit", "directory.token.edit"], actor=actor)
    api = bearer(secret)
    body: dict[str, Any] = {"username": "li.na", "name": "李娜", "role": "agent"}
    made = api.post("/api/v1/directory/users", body, content_type="application/json")
    assert made.status_code == 201
    again = api.post("/api/v1/directory/users", body, content_type="application/json")
    assert "username" in again.json()["fields"]
    ended = api.post(f"/api/v1/directory/users/{made.json()['id']}/deactivation")
    assert ended.json()["is_active"] is False
    body = {"name": "x", "scopes": ["directory.token.edit"]}
    token = api.post("/api/v1/directory/tokens", body, content_type="application/json").json()
    assert bearer(token["secret"]).get("/api/v1/directory/tokens").json()[0]["name"] == "x"
    api.post(f"/api/v1/directory/tokens/{token['id']}/revocation")
    assert bearer(token["secret"]).get("/api/v1/directory/tokens").status_code == 401


def test_a_session_needs_its_csrf_token_to_change_things() -> None:
    member = make_membership("admin")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member.user)
    assert browser.get("/api/v1/directory/me").status_code == 200
    body = {"username": "x", "name": "x", "role": "agent"}
    assert browser.post("/api/v1/directory/users", body, content_type="application/json").status_code == 401
