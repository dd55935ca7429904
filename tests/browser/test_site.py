"""The public site in a browser: accessible on phone and desk, light, whole without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Installation, SignIn, serious_findings, shoot

pytestmark = pytest.mark.browser

HOME = "/h/demo/"
PAGES = [
    "",
    "departments/",
    "departments/pediatrics/",
    "doctors/",
    "info/about/",
    "info/prices/",
    "info/process/",
    "info/complaints/",
    "science/",
    "qa/",
    "news/",
    "notices/",
    "events/",
    "p/glucose-at-home/",
    "p/hospital-ad/",
    "p/revisit/",
    "privacy/",
    "p/autumn-clinic/",
]
#: One visit from an empty cache: bytes over the wire, requests, milliseconds to the largest thing on a page.
MOST_BYTES, MOST_REQUESTS, MOST_LCP = 30_000, 5, 1_500
LARGEST = """() => new Promise(done => {
  new PerformanceObserver(list => {
    const last = list.getEntries().at(-1);
    done({at: last.startTime, tag: last.element ? last.element.tagName : ""});
  }).observe({type: "largest-contentful-paint", buffered: true});
  setTimeout(() => done(null), 4000);
})"""


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_every_kind_of_public_page_is_accessible(sign_in: SignIn, phone: bool) -> None:
    page = sign_in(None, phone=phone)
    wrong: list[tuple[str, Any]] = []
    for path in PAGES:
        page.goto(HOME + path)
        wrong += [(path, finding) for finding in serious_findings(page)]
        if phone and page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            wrong.append((path, "wider than the phone"))
    assert wrong == []
    page.goto(HOME)
    shoot(page, f"site-home-{'phone' if phone else 'desk'}")


def test_a_doctor_and_a_slot_are_accessible(sign_in: SignIn) -> None:
    page = sign_in(None, phone=True)
    page.goto(HOME + "doctors/")
    page.locator("a.doc").first.click()
    assert serious_findings(page) == []
    assert page.locator("h1").count() == 1


def test_a_first_visit_is_light_and_quick(browser: Browser, installation: Installation) -> None:
    context = browser.new_context(base_url=installation.url, viewport={"width": 360, "height": 800})
    page: Page = context.new_page()
    sizes: list[tuple[str, int]] = []

    def note(response: Any) -> None:
        sizes.append((response.url, response.request.sizes()["responseBodySize"]))

    page.on("requestfinished", lambda request: note(request.response()))
    page.goto(HOME)
    page.wait_for_load_state("networkidle")
    largest = page.evaluate(LARGEST)
    context.close()
    assert len(sizes) <= MOST_REQUESTS, sizes
    assert sum(size for _url, size in sizes) <= MOST_BYTES, sizes
    assert all(url.startswith(installation.url) for url, _size in sizes)
    assert largest is not None
    assert largest["at"] < MOST_LCP
    assert largest["tag"] in {"H1", "P", "A", "SPAN", "LI", "UL"}, largest


def test_the_site_is_whole_without_scripts(browser: Browser, installation: Installation) -> None:
    context = browser.new_context(base_url=installation.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(HOME)
    page.get_by_role("link", name="找医生").click()
    page.get_by_role("textbox").fill("儿科")
    page.get_by_role("button", name="查找").click()
    page.locator("a.doc").first.click()
    page.locator("a.sl").first.click()
    assert page.get_by_role("button", name=re.compile("获取验证码")).count() == 1
    context.close()


def test_printed_pages_carry_no_navigation(sign_in: SignIn) -> None:
    page = sign_in(None)
    page.goto(HOME + "info/prices/")
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    assert not page.locator(".choice").is_visible()
    assert page.locator("table").first.is_visible()
    assert page.locator("footer").is_visible()


def test_staff_pages_of_brand_pieces_and_site_are_accessible(sign_in: SignIn) -> None:
    page = sign_in("content")
    wrong: list[tuple[str, Any]] = []
    for path in (
        "/content/brand/",
        "/content/brand/edit/",
        "/content/brand/check/",
        "/content/materials/",
        "/content/materials/new/",
        "/site/links/",
        "/site/redirects/",
        "/site/search/",
        "/insights/site/",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        wrong += [(path, finding) for finding in serious_findings(page)]
    page.goto("/content/materials/")
    page.locator("a.pic").first.click()
    page.wait_for_url(re.compile("/content/materials/[0-9a-f-]{36}/"))
    wrong += [("piece", finding) for finding in serious_findings(page)]
    assert wrong == []


def test_a_3d_model_that_cannot_be_shown_leaves_its_picture_and_a_sentence(sign_in: SignIn) -> None:
    page = sign_in(None, phone=True)
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.route(
        "**/media/*",
        lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_(),
    )
    page.goto(f"{HOME}p/winter-heart/")
    flat, look = page.locator("[data-model] [data-flat] img"), page.locator("[data-look]")
    page.evaluate("() => { HTMLCanvasElement.prototype.drawn = HTMLCanvasElement.prototype.getContext }")
    page.evaluate("() => { HTMLCanvasElement.prototype.getContext = () => null }")
    look.click()
    assert "看文字" in page.locator("[data-model] [role=status]").inner_text()
    assert not page.evaluate("() => Boolean(customElements.get('model-viewer'))")
    assert serious_findings(page) == []

    page.evaluate("() => { HTMLCanvasElement.prototype.getContext = HTMLCanvasElement.prototype.drawn }")
    look.click()
    page.wait_for_function("() => customElements.get('model-viewer')")
    flat.wait_for()
    assert "看文字" in page.locator("[data-model] [role=status]").inner_text()
    assert page.evaluate("() => document.activeElement.hasAttribute('data-look')")
    assert [text for text in said if "ERR_FAILED" not in text and "fetch" not in text] == []


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_360_degree_picture_is_looked_around_in_by_keys_and_buttons(sign_in: SignIn, phone: bool) -> None:
    page = sign_in(None, phone=phone)
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{HOME}p/hall-360/")
    view = page.locator(".pano-view")
    assert not view.is_visible()
    assert not page.evaluate("() => 'pannellum' in window")
    page.locator("[data-look]").click()
    view.locator("canvas").wait_for()
    assert page.evaluate("() => document.activeElement.className.includes('pano-view')")
    assert serious_findings(page) == []
    page.locator("[data-turn=right]").click()
    view.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    assert not view.is_visible()
    assert page.locator("[data-panorama] img").is_visible()
    assert [text for text in said if "GPU stall" not in text and "WebGL" not in text] == []
