"""An account with a second step, a passkey and recovery codes, made as a person makes them."""

import base64
import hmac
import struct
import time

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def plug_in_passkey(page: Page) -> None:
    """The page's browser gets an authenticator of its own."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def code_of(secret: str) -> str:
    """The six digits of now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def secure(page: Page) -> None:
    """Turn an authenticator app on and add a passkey."""
    page.goto("/account/two-step/app/")
    confirm(page)
    secret = page.locator(".secret code").inner_text().strip()
    page.fill("input[name=code]", code_of(secret))
    page.get_by_role("button", name="打开两步验证").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.goto("/account/passkeys/new/")
    confirm(page)
    page.click("#passkey-add")
    page.wait_for_url(lambda url: "/passkeys/new" not in url)


def confirm(page: Page) -> None:
    """Type the password again where that is asked."""
    password = page.locator("input[name=password]")
    if password.count():
        password.fill(PASSWORD)
        password.press("Enter")
        page.wait_for_url(lambda url: "reauthenticate" not in url)
