"""The door: password, second step, lock-out, hospitals, sessions."""

import base64
import hmac
import struct
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from xinglin.core.models import AuditEntry
from xinglin.directory import actions
from xinglin.directory.adapters import MFAAdapter
from xinglin.directory.models import Membership, Role
from xinglin.directory.tests.factories import (
    PASSWORD,
    make_actor,
    make_client,
    make_membership,
    make_organization,
)

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


def sign_in(browser: Client, username: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.post(LOGIN, {"login": username, "password": password, **more})


def totp(secret: str) -> str:
    """RFC 6238, now."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_the_way_in_and_out_is_on_record() -> None:
    member, browser = make_membership(), Client()
    before = browser.session.session_key
    answer = sign_in(browser, member.user.username.upper(), next="/settings/")
    assert answer["Location"] == "/settings/"
    assert browser.session.session_key != before
    assert browser.get("/account/").status_code == 200

    browser.post("/account/logout/")
    assert browser.get("/account/").status_code == 302
    done = AuditEntry.objects.filter(
        organization_id=member.organization_id, action__startswith="directory.account."
    )
    assert [entry.action.rpartition(".")[2] for entry in done.order_by("id")] == ["signed_in", "signed_out"]


def test_one_does_not_leave_by_a_link() -> None:
    browser = make_client()
    browser.get("/account/logout/")
    assert browser.get("/account/").status_code == 200


def test_nobody_learns_which_names_exist() -> None:
    member = make_membership()
    wrong = sign_in(Client(), member.user.username, "not-this-one-1")
    unknown = sign_in(Client(), "nobody", "not-this-one-1")
    text = "用户名或密码不对"
    assert text in wrong.content.decode()
    assert text in unknown.content.decode()


def test_too_many_wrong_passwords_lock_the_account_from_any_browser() -> None:
    member = make_membership()
    for _ in range(6):
        answer = sign_in(Client(), member.user.username, "not-this-one-1")
    assert "账号先锁" in answer.content.decode()
    assert sign_in(Client(), member.user.username).status_code == 200
    failed = AuditEntry.objects.filter(action="directory.account.sign_in_failed").count()
    assert 1 <= failed <= 6


def test_one_address_cannot_try_many_names() -> None:
    for number in range(21):
        answer = sign_in(Client(), f"guess{number}", "not-this-one-1")
    assert "账号先锁" in answer.content.decode()


def test_a_deactivated_person_stays_outside() -> None:
    member = make_membership()
    member.user.is_active = False
    member.user.save()
    browser = Client()
    sign_in(browser, member.user.username)
    assert browser.get("/account/").status_code == 302


def test_sign_in_does_not_lead_to_another_site() -> None:
    member = make_membership()
    assert sign_in(Client(), member.user.username, next="https://evil.example/")["Location"] == "/"


def test_the_second_step_is_asked_for_and_its_secret_is_encrypted() -> None:
    member, browser = make_membership(), Client()
    sign_in(browser, member.user.username)
    browser.post("/account/reauthenticate/?next=/account/two-step/app/", {"password": PASSWORD})
    page = browser.get("/account/two-step/app/")
    secret = page.context["form"].secret
    assert "data:image/svg+xml;base64," in page.content.decode()
    browser.post("/account/two-step/app/", {"code": totp(secret)})

    stored = Authenticator.objects.get(user=member.user, type="totp").data["secret"]
    assert secret not in stored
    assert MFAAdapter().decrypt(stored) == secret
    assert actions.reencrypt_second_factors() == 2
    renewed = Authenticator.objects.get(user=member.user, type="totp").data["secret"]
    assert renewed != stored
    assert MFAAdapter().decrypt(renewed) == secret

    cache.clear()
    again = Client()
    assert sign_in(again, member.user.username)["Location"] == "/account/two-step/authenticate/"
    assert again.get("/account/").status_code == 302
    assert "验证码不对" in again.post("/account/two-step/authenticate/", {"code": "000000"}).content.decode()
    codes = browser.get("/account/two-step/codes/").context["unused_codes"]
    assert again.post("/account/two-step/authenticate/", {"code": codes[0]}).status_code == 302
    assert again.get("/account/").status_code == 200


def test_a_hospital_that_asks_for_two_steps_lets_nobody_in_without() -> None:
    member = make_membership("agent")
    actions.update_organization(
        actor=make_actor("admin", member.organization), is_mfa_required=True, now=timezone.now()
    )
    browser = Client()
    sign_in(browser, member.user.username)
    assert browser.get("/account/")["Location"] == "/account/hospital/"
    assert "两步验证" in browser.get("/account/hospital/").content.decode()
    assert browser.get("/account/two-step/").status_code == 200
    Authenticator.objects.create(user=member.user, type="totp", data={"secret": "x"})
    assert browser.get("/account/").status_code == 200


def test_people_of_two_hospitals_choose_and_come_back_to_it() -> None:
    member = make_membership("agent")
    other = Membership.objects.create(
        user=member.user,
        organization=make_organization(name="第二医院"),
        role=Role.objects.get(code="analyst"),
    )
    foreign = make_membership()
    browser = Client()
    sign_in(browser, member.user.username)
    assert browser.get("/account/")["Location"] == "/account/hospital/"
    before = browser.session.session_key

    assert browser.post("/account/hospital/", {"membership": foreign.public_id}).status_code == 404
    assert browser.post("/account/hospital/", {"membership": "x"}).status_code == 404
    answer = browser.post("/account/hospital/", {"membership": other.public_id, "next": "//evil.example"})
    assert answer["Location"] == "/"
    assert browser.session.session_key != before
    assert "第二医院" in browser.get("/account/").content.decode()

    later = Client()
    sign_in(later, member.user.username)
    assert "第二医院" in later.get("/account/").content.decode()


def test_sessions_are_listed_and_can_be_ended_one_by_one() -> None:
    member = make_membership()
    here, there = Client(), Client()
    for browser in (here, there):
        browser.force_login(member.user)
        browser.get("/account/", headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140"})
    sessions = here.get("/account/sessions/").context["sessions"]
    assert len(sessions) == 2
    other = next(s for s in sessions if s.session_key != here.session.session_key)

    stranger = make_client()
    stranger.post("/account/sessions/", {"session": other.pk})
    assert there.get("/account/").status_code == 200
    here.post("/account/sessions/", {"session": other.pk})
    assert there.get("/account/").status_code == 302
    here.post("/account/sessions/", {"session": "others"})
    assert here.get("/account/").status_code == 200


def test_a_changed_password_ends_all_sessions() -> None:
    member = make_membership()
    here, there = Client(), Client()
    for browser in (here, there):
        browser.force_login(member.user)
    new = "Another-good-one-7"
    here.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (here.get("/account/").status_code, there.get("/account/").status_code) == (302, 302)
    assert AuditEntry.objects.filter(action="directory.account.password_changed").exists()


def test_language_and_theme_follow_the_person() -> None:
    member, browser = make_membership(), Client()
    browser.force_login(member.user)
    values: dict[str, Any] = {"name": "Lin", "email": "", "language": "en", "theme": "dark"}
    assert browser.post("/account/", values).status_code == 302
    page = browser.get("/account/").content.decode()
    assert 'data-theme="dark"' in page
    assert "My account" in page
    elsewhere = Client()
    answer = sign_in(elsewhere, member.user.username)
    assert answer.cookies["lang"].value == "en"
    assert browser.post("/account/", {**values, "name": ""}).status_code == 422
