"""Accounts: made, changed, ended, helped back in."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from xinglin.core.actor import Actor, Scope
from xinglin.core.errors import Invalid, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory import actions, queries
from xinglin.directory.actions.users import OwnAccount, SharedAccount
from xinglin.directory.models import Membership, Role, User
from xinglin.directory.tests.factories import (
    PASSWORD,
    make_actor,
    make_client,
    make_department,
    make_membership,
    make_organization,
    make_staff,
    make_team,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def create(actor: Actor, **facts: Any) -> Membership:
    values: dict[str, Any] = {"username": "chen.li", "name": "陈立", "role": "agent", "now": NOW, **facts}
    return actions.create_user(actor=actor, **values)


def test_a_new_account_takes_the_roles_scope_and_cannot_sign_in_yet() -> None:
    member = create(make_actor("admin"), role="rep")
    assert member.scope == "own"
    assert not member.user.has_usable_password()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"username": "CHEN.LI"}, "username"),
        ({"username": "陈 立"}, "username"),
        ({"email": "LI@example.com"}, "email"),
        ({"role": "patient"}, "role"),
        ({"password": "12345678901"}, "password"),
        ({"scope": "moon"}, "scope"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(facts: dict[str, Any], field: str) -> None:
    actor = make_actor("admin")
    create(actor, email="li@example.com")
    values: dict[str, Any] = {"username": "other", **facts}
    with pytest.raises(Invalid) as caught:
        create(actor, **values)
    assert field in caught.value.fields or "username" in caught.value.fields


def test_only_those_who_may_and_only_in_their_own_hospital() -> None:
    member = make_membership()
    with pytest.raises(PermissionDenied):
        create(make_actor("director"))
    with pytest.raises(NotFound):
        actions.deactivate_user(actor=make_actor("admin"), public_id=member.public_id, now=NOW)
    with pytest.raises(Invalid):
        create(make_actor("admin"), staff=make_staff())


def test_a_colleague_has_one_account() -> None:
    hospital = make_organization()
    actor, person = make_actor("admin", hospital), make_staff(hospital)
    create(actor, staff=person)
    with pytest.raises(Invalid):
        create(actor, username="second", staff=person)


def test_deactivation_signs_out_and_can_be_taken_back() -> None:
    admin = make_client("admin")
    member = make_membership("agent", admin.membership.organization)
    browser = Client()
    browser.force_login(member.user)
    assert browser.get("/account/").status_code == 200

    admin.post(f"/settings/users/{member.public_id}/deactivation/", {"reason": "离职"})
    assert browser.get("/account/")["Location"].startswith("/account/login/")
    assert AuditEntry.objects.get(action="directory.user.deactivated").reason == "离职"

    admin.post(f"/settings/users/{member.public_id}/activation/")
    browser.force_login(member.user)
    assert browser.get("/account/").status_code == 200


def test_nobody_locks_themselves_out() -> None:
    member = make_membership("admin")
    actor = queries.actor_for(member)
    calls: list[Callable[[], object]] = [
        lambda: actions.deactivate_user(actor=actor, public_id=member.public_id, now=NOW),
        lambda: actions.reset_second_factors(actor=actor, public_id=member.public_id, reason="x", now=NOW),
        lambda: actions.issue_password_link(actor=actor, public_id=member.public_id, now=NOW),
        lambda: actions.update_user(
            actor=actor, public_id=member.public_id, role="rep", scope="own", staff=None, now=NOW
        ),
    ]
    for call in calls:
        with pytest.raises(OwnAccount):
            call()


def test_an_account_of_two_hospitals_is_not_one_administrators_to_open() -> None:
    member = make_membership("agent")
    Membership.objects.create(
        user=member.user, organization=make_organization(), role=Role.objects.get(code="agent")
    )
    admin = make_actor("admin", member.organization)
    with pytest.raises(SharedAccount):
        actions.issue_password_link(actor=admin, public_id=member.public_id, now=NOW)
    with pytest.raises(SharedAccount):
        actions.update_user(
            actor=admin,
            public_id=member.public_id,
            role="agent",
            scope="all",
            staff=None,
            name="别人",
            now=NOW,
        )


def test_the_link_sets_a_password_once() -> None:
    admin = make_actor("admin")
    member = create(admin)
    _member, path = actions.issue_password_link(actor=admin, public_id=member.public_id, now=NOW)
    browser = Client()
    form = browser.get(path, follow=True)
    target = form.redirect_chain[-1][0]

    weak = browser.post(target, {"password1": "chenli2026", "password2": "chenli2026x"})
    assert weak.status_code == 200
    done = browser.post(target, {"password1": PASSWORD, "password2": PASSWORD})
    assert done.status_code == 302
    member.user.refresh_from_db()
    assert member.user.check_password(PASSWORD)
    assert "链接已经失效" in Client().get(path).content.decode()


def test_clearing_the_second_factor_needs_a_reason_and_ends_sessions() -> None:
    admin = make_client("admin")
    member = make_membership("agent", admin.membership.organization)
    Authenticator.objects.create(user=member.user, type="totp", data={"secret": "x"})
    browser = Client()
    browser.force_login(member.user)
    browser.get("/account/")
    url = f"/settings/users/{member.public_id}/second-factor-reset/"

    assert admin.post(url, {"reason": " "}).status_code == 422
    assert admin.post(url, {"reason": "手机丢了，已当面核对"}).status_code == 302

    assert not Authenticator.objects.filter(user=member.user).exists()
    assert not UserSession.objects.filter(user=member.user).exists()
    assert AuditEntry.objects.get(action="directory.user.mfa_reset").detail["kinds"] == ["totp"]


def test_scope_follows_the_colleague_behind_the_account() -> None:
    hospital = make_organization()
    team, department = make_team(hospital), make_department(hospital)
    person = make_staff(hospital, team=team, department=department)
    mate = make_staff(hospital, team=team)
    lead = make_actor("supervisor", hospital, staff=person)
    assert lead.scope is Scope.TEAM
    assert lead.team_staff_ids == {person.pk, mate.pk}
    assert make_actor(
        "doctor", hospital, staff=make_staff(hospital, department=department)
    ).department_ids == {department.pk}


def test_the_pages_make_and_change_an_account() -> None:
    admin = make_client("admin")
    hospital = admin.membership.organization
    assert admin.post("/settings/users/new/", {"username": "a b"}).status_code == 422
    made = admin.post(
        "/settings/users/new/", {"username": "zhou", "name": "周敏", "role": "agent", "scope": "all"}
    )
    assert "/account/password/link/" in made.content.decode()
    member = Membership.objects.get(user__username="zhou")
    assert member.organization == hospital
    admin.post(
        f"/settings/users/{member.public_id}/edit/",
        {"name": "周敏", "role": "analyst", "scope": "department"},
    )
    member.refresh_from_db()
    assert (member.role.code, member.scope) == ("analyst", "department")
    panel = admin.get(f"/settings/users/{member.public_id}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in panel
    assert "周敏" in panel
    assert (
        "周敏" in admin.get(f"/settings/users/?open={member.public_id}&role=analyst&q=zhou").content.decode()
    )


def test_the_list_asks_few_questions(django_assert_max_num_queries: Any) -> None:
    admin = make_client("admin")
    for _ in range(12):
        make_membership("agent", admin.membership.organization)
    admin.get("/settings/users/")
    with django_assert_max_num_queries(16):
        admin.get("/settings/users/")


def test_a_user_is_found_whatever_the_case() -> None:
    member = make_membership(username="Wang.Fang")
    assert queries.find_user("wang.fang") == member.user
    assert User.objects.get_by_natural_key("WANG.FANG") == member.user
