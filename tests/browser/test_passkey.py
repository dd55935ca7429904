"""A passkey is added, signs in by itself, and serves as the second step."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PASSWORD, Installation, shoot
from tests.browser.second_steps import plug_in_passkey

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, installation: Installation) -> Page:
    """A browser with a built-in authenticator."""
    context = browser.new_context(base_url=installation.url, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(15_000)
    plug_in_passkey(page)
    return page


def enter_password(page: Page) -> None:
    page.fill("input[name=login]", "planner")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/account/login" not in url)


def leave(page: Page) -> None:
    page.goto("/account/logout/")
    page.click("form.door .btn-primary")
    page.wait_for_url("**/account/login/")


def test_a_passkey_from_first_use_to_second_step(page: Page) -> None:
    page.goto("/account/login/")
    enter_password(page)
    page.goto("/account/passkeys/new/")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.click("#passkey-add")
    page.wait_for_url("**/two-step/codes/")
    shoot(page, "recovery-codes")
    assert page.locator(".codes li").count() == 10

    leave(page)
    page.click("#passkey-login")
    page.wait_for_url(lambda url: "/account/login" not in url)
    page.goto("/account/")
    assert page.url.endswith("/account/")

    leave(page)
    enter_password(page)
    assert "/two-step/authenticate/" in page.url
    page.click("#passkey-use")
    page.wait_for_url(lambda url: "/two-step/" not in url)
    page.goto("/account/sessions/")
    assert page.locator(".way").count() >= 1
