"""Writing a text as it reads: what is stored is the Markdown that the author would have typed."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, serious_findings, shoot

pytestmark = pytest.mark.browser
KEPT = "#  怎么记\n饭前记一次，*饭后*记一次。\n\n*  早上：空腹\n\n<b>原样</b>[^1]\n\n\n[ 预约 ]\n"
FOREIGN = (
    "<h1 onclick='window.hurt=1'>带本子</h1><script>window.hurt=1</script>"
    "<p style='color:red'>复诊<b>都带</b>上<a href='javascript:hurt()'>它</a></p>"
    "<img src='data:image/png;base64,AA'><img src='https://elsewhere.example/a.png' onerror='window.hurt=1'>"
)
PASTE = """(editor, html) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/html", html);
  editor.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
MARKED = "() => [...CSS.highlights.get('finding-block')].map((range) => range.toString())"
PLACE = """() => {
  const at = [...CSS.highlights.get("finding-block")][0].getBoundingClientRect();
  return [at.x + at.width / 2, at.y + at.height / 2];
}"""


def choose(page: Page, view: str) -> None:
    page.locator("label", has=page.locator(f"[name=writing-view][value={view}]")).click()


def test_a_text_written_as_it_reads_is_stored_as_markdown(sign_in: SignIn) -> None:
    page = sign_in("content")
    page.goto("/content/new/")
    text, editor = page.locator("textarea[name=body]"), page.get_by_role("textbox", name="正文")
    choose(page, "markdown")
    text.fill(KEPT)
    choose(page, "rich")
    expect(editor.locator("h2")).to_have_text("怎么记")
    expect(text).to_be_hidden()
    expect(text).to_have_value(KEPT)

    editor.locator("p").first.click()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("照着做，")
    page.keyboard.press("Control+b")
    page.keyboard.type("保证治愈")
    page.keyboard.press("Control+b")
    page.keyboard.type("。")
    expect(page.locator("#findings li.fd .q")).to_have_text("「保证治愈」", timeout=90_000)
    assert page.evaluate(MARKED) == ["保证治愈"]
    assert serious_findings(page) == []
    page.mouse.click(*page.evaluate(PLACE))
    pop = page.locator(".checked-pop")
    expect(pop).to_contain_text("广告法")
    shoot(page, "writing-01-underlined")
    pop.locator("[data-rewrite]").click()
    mended = "照着做，**效果因人而异，请由医师评估**。"
    expect(text).to_have_value(re.compile(re.escape(mended)))

    page.keyboard.press("End")
    page.keyboard.press("Enter")
    editor.evaluate(PASTE, FOREIGN)
    expect(page.locator("[data-rich-says]")).to_contain_text("先传到图片库")
    assert page.evaluate("window.hurt") is None
    assert editor.locator("script, img, [onclick], [style*=red]").count() == 0
    expected = KEPT.replace("记一次。\n\n", f"记一次。\n\n{mended}\n\n## 带本子\n\n复诊**都带**上它\n\n")
    expect(text).to_have_value(expected)

    page.fill("[name=title]", "怎么记血糖")
    page.get_by_role("button", name="存草稿").click()
    page.wait_for_url(re.compile("/content/items/[0-9a-f-]+/text/"))
    expect(editor.locator("h2")).to_have_text(["怎么记", "带本子"])
    expect(text).to_have_value(expected.strip())
