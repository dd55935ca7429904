"""A journey from a sample to a test run, drawn by mouse, by keyboard, on a phone, and by two at once."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn, serious_findings, shoot

pytestmark = pytest.mark.browser
#: Milliseconds from a key press to the drawn change, in a drawing of 40 steps.
FLUENT = 50
MOVES = """() => {
  const button = document.querySelectorAll('.jn button')[20];
  button.focus();
  const took = [];
  for (let n = 0; n < 20; n += 1) {
    const begin = performance.now();
    button.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    document.body.offsetHeight;
    took.push(performance.now() - begin);
  }
  return took.sort((a, b) => a - b)[10];
}"""


def take(page: Page, sample: str) -> str:
    """A new journey from a sample; returns the path of its page."""
    page.goto("/journeys/library/")
    page.locator("li", has=page.get_by_text(sample, exact=True)).get_by_role("button").click()
    page.wait_for_url(re.compile("/edit/"))
    return re.sub(r"edit/.*", "", page.url)


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")


def steps(page: Page) -> Locator:
    return page.locator(".jn")


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def fill(page: Page, field: str, text: str) -> None:
    """Once the panel listens: a script types sooner than a person could."""
    page.locator(f"#step-form[data-taken] {field}").fill(text)


def drag(page: Page, place: Locator, to: tuple[float, float]) -> None:
    page.mouse.move(*middle(place))
    page.mouse.down()
    page.mouse.move(*to, steps=6)
    page.mouse.up()


def test_a_sample_is_drawn_further_by_mouse(sign_in: SignIn) -> None:
    page = sign_in("planner")
    take(page, "失约挽回")
    before = steps(page).count()
    expect(steps(page).first).to_be_visible()
    assert serious_findings(page) == []

    page.locator(".jn[data-kind=wait] button").first.click()
    fill(page, "#step_until_time", "17:30")
    page.locator("#step_until_time").blur()
    expect(page.locator(".jn[data-kind=wait]").first).to_contain_text("等到 17:30")
    page.locator("[data-act=add][data-kind=tag]").drag_to(
        page.locator("[data-canvas]"), target_position={"x": 560, "y": 120}
    )
    expect(steps(page)).to_have_count(before + 1)
    tag = page.locator(".jn[data-kind=tag]")
    fill(page, "#step_tag", "失约过")
    page.locator("#step_tag").blur()
    expect(tag).to_contain_text("打标签「失约过」")
    end = page.locator(".jn[data-kind=exit]").first
    drag(page, tag.locator(".port"), middle(end))
    expect(tag.locator(".port")).not_to_have_class(re.compile("free"))
    was = tag.bounding_box()
    drag(page, tag.locator("b"), (700, 500))
    assert tag.bounding_box() != was
    saved(page)
    shoot(page, "journey-01-canvas")
    page.keyboard.press("Control+z")
    assert tag.bounding_box() == was
    page.keyboard.press("Control+y")
    assert tag.bounding_box() != was
    saved(page)
    page.reload()
    expect(steps(page)).to_have_count(before + 1)
    expect(page.locator(".jn[data-kind=tag]")).to_contain_text("失约过")


def test_everything_can_be_done_in_the_list_by_keyboard(sign_in: SignIn) -> None:
    page = sign_in("planner")
    home = take(page, "新患者欢迎")
    page.get_by_role("button", name="列表").click()
    rows = page.locator("#steps > li")
    before = rows.count()
    assert serious_findings(page) == []

    page.locator("#way-n1-next").select_option("+task")
    expect(rows).to_have_count(before + 1)
    expect(page.locator("#step_text")).to_be_visible()
    fill(page, "#step_text", "欢迎新患者")
    page.keyboard.press("Tab")
    expect(rows.nth(1)).to_contain_text("欢迎新患者")
    page.keyboard.press("Escape")
    rows.nth(1).locator("[data-open]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#step h2")).to_have_text("派任务")
    rows.nth(2).get_by_role("button", name=re.compile("^删除")).press("Enter")
    expect(rows).to_have_count(before)
    page.locator("#way-n1-next").select_option("+webhook")
    expect(rows.nth(1)).to_contain_text("网址")
    saved(page)
    page.goto(f"{home}check/")
    assert serious_findings(page) == []
    page.locator(".jtodo").get_by_role("link", name="去改").first.click()
    expect(page.locator("#step_url")).to_be_visible()


def test_a_condition_is_written_with_the_builder_of_audiences(sign_in: SignIn) -> None:
    page = sign_in("planner")
    take(page, "体检报告后续")
    node = page.locator(".jn[data-kind=condition]")
    node.locator("button").click()
    page.get_by_text("在这里写条件").click()
    page.locator("#conditions .addc").get_by_role("button", name="有什么标签").click()
    page.locator("#conditions input.tk.t").last.fill("VIP")
    page.locator("#conditions input.tk.t").last.blur()
    expect(node).to_contain_text("VIP")
    saved(page)
    assert serious_findings(page) == []


def test_two_people_at_one_drawing_lose_nothing(sign_in: SignIn) -> None:
    mine, theirs = sign_in("planner"), sign_in("director")
    path = take(mine, "生日关怀")
    theirs.goto(f"{path}edit/")
    for page, reason in ((mine, "先到"), (theirs, "后到")):
        page.locator(".jn[data-kind=exit] button").first.click()
        fill(page, "#step_reason", reason)
        page.locator("#step_reason").blur()
        if page is mine:
            saved(mine)
    expect(theirs.locator("#conflict")).to_be_visible()
    assert serious_findings(theirs) == []
    theirs.get_by_role("button", name="用我的盖过去").click()
    saved(theirs)
    mine.reload()
    expect(mine.locator(".jn[data-kind=exit]").first).to_contain_text("后到")


def test_forty_steps_are_moved_fluently(sign_in: SignIn) -> None:
    page = sign_in("planner")
    take(page, "孕期 40 周")
    for _ in range(40 - steps(page).count()):
        page.locator("[data-act=add][data-kind=wait]").click()
    expect(steps(page)).to_have_count(40)
    expect(steps(page).last).to_be_in_viewport()
    took = page.evaluate(MOVES)
    print(f"40 steps: a move takes {took:.1f} ms")  # noqa: T201
    assert took < FLUENT
    moved = steps(page).nth(20)
    style = moved.get_attribute("style")
    page.keyboard.press("Control+z")
    assert moved.get_attribute("style") != style
    page.keyboard.press("Control+y")
    assert moved.get_attribute("style") == style
    page.get_by_role("button", name="排整齐").click()
    saved(page)


def test_a_long_drawing_is_seen_whole_and_led_through_by_its_map(sign_in: SignIn) -> None:
    page = sign_in("planner")
    take(page, "孕期 40 周")
    canvas, first = page.locator("[data-canvas]"), steps(page).first
    expect(first).to_be_visible()
    last = max(steps(page).all(), key=lambda step: (step.bounding_box() or {"y": 0})["y"])
    expect(last).not_to_be_in_viewport()

    page.get_by_role("button", name="看全图").click()
    expect(first).to_be_in_viewport()
    expect(last).to_be_in_viewport()
    page.locator("[data-map]").click(position={"x": 66, "y": 2})
    page.get_by_role("button", name="放大").click()
    canvas.focus()
    page.keyboard.press("Tab")
    expect(first.locator("button")).to_be_focused()
    expect(first).to_be_in_viewport()
    box = canvas.bounding_box()
    assert box is not None
    was = first.bounding_box()
    drag(page, canvas, (box["x"] + box["width"] / 2 + 200, box["y"] + box["height"] / 2 + 60))
    assert first.bounding_box() != was
    assert page.evaluate("getSelection().toString()") == ""


def test_a_wait_is_narrowed_to_a_department(sign_in: SignIn) -> None:
    page = sign_in("planner")
    take(page, "失约挽回")
    node = page.locator(".jn[data-kind=wait]", has_text="等「预约」")
    node.locator("button").click()
    page.locator("#step-form[data-taken]").get_by_text("再限定").click()
    page.get_by_label("眼科").check()
    expect(node).to_contain_text("眼科")
    expect(page.locator(".jnw")).to_have_attribute("open", "")
    saved(page)
    assert serious_findings(page) == []


def test_a_patient_is_walked_through_and_the_drawing_is_tried(sign_in: SignIn) -> None:
    page = sign_in("director")
    path = take(page, "用药提醒")
    page.goto(f"{path}check/")
    page.fill("#walk-who", "王")
    page.locator("#walk .hits a").first.click()
    expect(page.locator("#walk .tl > li").first).to_be_visible()
    assert serious_findings(page) == []
    shoot(page, "journey-02-check")
    page.get_by_role("button", name="真的试走一遍").click()
    expect(page.locator("main")).to_contain_text("试走的人")


def test_the_phone_edits_by_the_list(sign_in: SignIn) -> None:
    page = sign_in("director", phone=True)
    page.goto("/journeys/?q=沉睡唤醒")
    page.get_by_role("link", name="沉睡唤醒").first.click()
    assert serious_findings(page) == []
    page.get_by_role("link", name=re.compile("改图|接着画")).click()
    expect(page.locator("[data-canvas]")).to_be_hidden()
    expect(page.locator("#steps [data-open]").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth && innerWidth <= screen.width")
    page.locator("#steps [data-open]").nth(2).click()
    expect(page.locator("#step-form")).to_be_visible()
    assert serious_findings(page) == []
    shoot(page, "journey-03-phone")
    page.get_by_role("button", name="关闭").click()
    expect(page.locator("#step-form")).to_be_hidden()
