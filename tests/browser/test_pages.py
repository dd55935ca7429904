"""Every page, as somebody who may open it: it answers, says nothing to the console, fits a phone, and axe is
content with it, in light and dark; the English one fits as well."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.conftest import Installation, SignIn, code_for, serious_findings
from tests.browser.crawl import SECURED, Crawl, Room, is_file
from tests.browser.second_steps import plug_in_passkey, secure

pytestmark = pytest.mark.browser
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 800}
LINK = re.compile(r"""(?:href|action|hx-get|src)=["']([^"'#]+)""")
#: Elements that stick out of the window to the right, the innermost last.
WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .slice(-3).map(e => e.outerHTML.slice(0, 120))"""
#: The rules of axe that colours and width can break; the others have been asked before.
OF_LAYOUT = ("color-contrast", "target-size", "scrollable-region-focusable")
EMPTY = 'class="emp"'
SETTLED = "() => !document.querySelector('.htmx-request')"
VISITOR, VISITOR_PHONE = "卢晓云", f"1390013{Random().randrange(1_000, 10_000)}"


@dataclass
class Guest:
    """One account's page, and what it has said since the last look."""

    page: Page
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(f"page error: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.said.append(f"console {message.type}: {message.text[:200]}")

    def fetch(self, path: str) -> tuple[int, bool, list[str]]:
        """How the path answers, whether that is a whole page, and where it leads."""
        answer = self.page.request.get(path)
        kind = answer.headers.get("content-type", "") + answer.headers.get("content-disposition", "")
        if answer.status != 200 or "text/html" not in kind or "attachment" in kind:
            return answer.status, False, []
        text = answer.text()
        links = [link.replace("&amp;", "&") for link in LINK.findall(text)]
        return 200, "<html" in text[:400], links

    def open(self, path: str) -> None:
        self.said.clear()
        self.page.goto(path)
        self.page.wait_for_function(SETTLED)


def looks(page: Page) -> list[str]:
    """What is wrong with the page on a desktop by day, and on a phone by night."""
    found = [f"desktop {each}" for each in serious_findings(page)]
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    found += [f"phone, dark {each}" for each in serious_findings(page, only=OF_LAYOUT)]
    found += [f"sticks out at 360 px: {each}" for each in page.evaluate(WIDE)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)
    return found


def links_of_a_mail(agent: Guest) -> list[str]:
    """What a mail of the demo's campaign leads to: tracked link, unsubscribing, the picture that counts."""
    listed = agent.fetch("/dev/inbox/?channel=email")[2]
    numbers = [found[1] for link in listed if (found := re.search(r"/dev/inbox/(\d+)/$", link))]
    return [link for number in numbers[:3] for link in agent.fetch(f"/dev/inbox/{number}/body/")[2]]


def book(visitor: Guest, inbox: Page, crawl: Crawl) -> list[str]:
    """A booking from the first free time to its own page, each step looked at."""
    page, wrong = visitor.page, []
    crawl.learn(["/h/demo/"])
    page.goto("/h/demo/departments/endocrinology/")
    page.locator("main a[href*='/doctors/']").first.click()
    page.locator("a.dy:not(.no)").last.click()
    page.locator("a.sl:not(.no)").first.click()
    page.locator("a[href*='/booking/']").last.click()
    page.wait_for_url(re.compile("/booking/"))
    crawl.learn([page.url])
    page.fill("input[name=name]", VISITOR)
    page.fill("input[name=phone]", VISITOR_PHONE)
    page.get_by_role("button", name="获取验证码").click()
    page.wait_for_url(re.compile("/code/"))
    crawl.note(page.url)
    wrong += [f"{page.url}: {each}" for each in looks(page)]
    page.fill("input[name=code]", code_for(inbox, VISITOR_PHONE))
    page.get_by_role("button", name="预约这个号").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("约好了")
    crawl.learn([page.url])
    return wrong


def password_link(admin: Page, crawl: Crawl) -> list[str]:
    """The administrator makes a link for somebody to set a password with."""
    admin.goto("/settings/users/")
    admin.locator("main tbody a", has_text="林晓彤").first.click()
    admin.wait_for_url(re.compile("/settings/users/.+"))
    admin.locator("form[action$='/password-link/']").first.evaluate("form => form.submit()")
    admin.wait_for_url(re.compile("password-link"))
    crawl.learn([admin.locator(".secret code").inner_text().strip()])
    return [f"{admin.url}: {each}" for each in looks(admin)]


def test_every_page_is_sound(
    sign_in: SignIn, installation: Installation, sessions: dict[str, object]
) -> None:
    crawl = Crawl(installation.url.split("//")[1])
    guests: dict[str, Guest] = {}

    def guest(role: str) -> Guest:
        if role not in guests:
            guests[role] = Guest(sign_in(role or None))
        return guests[role]

    wrong: list[str] = []
    pages: set[tuple[str, str]] = set()

    def visit(role: str, path: str) -> Iterable[str]:
        who = guest(role)
        status, is_page, links = who.fetch(path)
        # A part of a page asks for a row that need not have it; a file is made from what the page sends.
        missing = {404, 422} if path in crawl.guessed or is_file(path.split("?")[0]) else set()
        found = [] if status in {200, 405} | missing else [f"answers {status}"]
        if is_page:
            pages.add((role, path))
            who.open(path)
            found += [*looks(who.page), *who.said]
            links += LINK.findall(who.page.content())
        wrong.extend(f"{path} as {role or 'nobody'}: {each}" for each in found)
        return links

    def takes_only_posts(room: Room) -> bool:
        return guest(room.guests[0]).page.request.get(room.example).status == 405

    def has_no_rows(room: Room) -> bool:
        """The demo's list has nothing in it that could be opened."""
        listed = crawl.list_of(room)
        return bool(listed) and EMPTY in guest(room.guests[0]).page.request.get(listed).text()

    wrong += book(Guest(sign_in(None, phone=True)), guest("agent").page, crawl)
    wrong += password_link(guest("admin").page, crawl)
    crawl.learn(links_of_a_mail(guest("agent")))
    plug_in_passkey(guest(SECURED).page)
    secure(guest(SECURED).page)
    sessions[SECURED] = guest(SECURED).page.context.storage_state()
    crawl.walk(visit)
    crawl.scout(lambda role, path: guest(role).fetch(path)[2])
    crawl.fill_in()
    crawl.walk(visit)
    assert len(pages) > 100, "the crawl has lost its way"
    wrong += [
        f"nothing links to {room.route}"
        for room in crawl.unseen()
        if not takes_only_posts(room) and not has_no_rows(room)
    ]

    english = {role: Guest(sign_in(role or None, phone=True, lang="en")) for role in guests}
    for (role, _key), path in crawl.opened.items():
        if (role, path) in pages:
            english[role].open(path)
            found = [f"sticks out in English: {each}" for each in english[role].page.evaluate(WIDE)]
            wrong.extend(f"{path} as {role}: {each}" for each in [*found, *english[role].said])
    assert not wrong, "\n".join(wrong)
