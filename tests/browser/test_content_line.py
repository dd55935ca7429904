"""The line from a doctor's note to a public page and down again, walked by the people whose work it is."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, serious_findings, shoot
from tests.browser.test_writing import choose

pytestmark = pytest.mark.browser
UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
NOTE = (
    "空腹血糖高一点，先别慌。这个国内最先进办法很简单：每次记下时间和数字。\n\n"
    "每天走路半小时，少吃甜食，坚持下来，保证治愈。带着本子去复诊，医生看得更清楚。"
)
PROMISES = ("国内最先进", "保证治愈")
MENDED = "坚持下来，效果因人而异，请由医师评估。"
STORY = (
    "她六十多岁，膝盖疼了两年，一直忍着。第一次来，是女儿陪着。\n\n"
    "医生让她先减重、练大腿，把疼的时间记下来。两个月后她带着本子复诊，夜里疼醒的次数少了。\n\n"
    "每个人的情况不同，怎么治要由医生当面评估。讲述经本人书面同意，已隐去姓名。"
)


@dataclass(frozen=True)
class Walk:
    """What this walk's things are called; a second walk through the same installation has its own."""

    number: int = field(default_factory=lambda: Random().randrange(10_000, 99_999))

    @property
    def article(self) -> str:
        return f"血糖高一点怎么办 {self.number}"

    @property
    def story(self) -> str:
        return f"她和她的膝盖 {self.number}"

    @property
    def permission(self) -> str:
        return f"骨科 {self.number}"


def contribute(doctor: Page, walk: Walk) -> None:
    """On a phone, between two patients."""
    doctor.goto("/content/contributions/")
    doctor.fill("[name=title]", walk.article)
    doctor.fill("textarea[name=text]", NOTE)
    doctor.fill("[name=origin]", "门诊")
    shoot(doctor, "content-01-note")
    doctor.get_by_role("button", name="交给内容运营").click()
    expect(doctor.locator("[data-toast]")).to_contain_text("收到了")
    expect(doctor.locator("main")).to_contain_text(walk.article)
    assert serious_findings(doctor) == []


def open_item(page: Page, title: str) -> None:
    """From the library to the record of an item."""
    page.goto(f"/content/?q={title.split()[-1]}")
    page.locator("#items a.row-link", has_text=title).first.click()
    page.locator("#panel").get_by_role("link", name=re.compile("档案|打开")).first.click()
    page.wait_for_url(re.compile(rf"/content/items/{UUID}/$"))


def mend(page: Page, walk: Walk) -> None:
    """Two promises are underlined, each with its article; a click mends each, then it may be sent on."""
    open_item(page, walk.article)
    page.get_by_role("link", name="改文字").click()
    choose(page, "markdown")
    marks, findings = page.locator("mark.f"), page.locator("#findings")
    expect(marks).to_have_text(list(PROMISES))
    expect(findings).to_contain_text("广告法")
    submit = page.locator("[data-submit-checked]")
    expect(submit).to_be_disabled()
    expect(submit).to_contain_text("还差 2 处")
    shoot(page, "content-02-underlined")
    assert serious_findings(page) == []
    for left in (1, 0):
        findings.locator("[data-rewrite]").last.click()
        expect(marks).to_have_count(left)
    text = page.locator("textarea[name=body]").input_value()
    assert MENDED in text
    assert "这个办法很简单" in text
    page.fill("textarea[name=sources]", "中国糖尿病防治指南（2024版）")
    expect(submit).to_be_enabled()
    shoot(page, "content-03-mended")
    submit.click()
    page.wait_for_url(re.compile(rf"/content/items/{UUID}/$"))
    expect(page.locator("[data-toast]")).to_contain_text("已送审")


def approve(page: Page, title: str, *, level: str) -> None:
    """One level says yes, out of its own queue."""
    page.goto("/content/reviews/")
    page.locator("#reviews a.row-link", has_text=title).click()
    form = page.locator("form", has=page.locator("textarea[name=note]"))
    expect(form).to_contain_text(level)
    form.locator("textarea[name=note]").fill("核对过出处和诊疗规范")
    shoot(page, f"content-04-{title.split()[-1]}-{level}")
    assert serious_findings(page) == []
    form.get_by_role("button", name="这一级通过").click()
    expect(page.locator("[data-toast]")).to_be_visible()


def is_not_offered(page: Page, title: str) -> None:
    """Who wrote it, or has decided a level of it, does not find it in the queue."""
    page.goto("/content/reviews/")
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("#reviews a.row-link", has_text=title)).to_have_count(0)


def release(page: Page, title: str) -> str:
    """Published now; returns the public address."""
    open_item(page, title)
    page.get_by_role("button", name="现在发布").click()
    public = page.get_by_role("link", name="看公开页")
    expect(public).to_be_visible()
    shoot(page, f"content-05-{title.split()[-1]}-published")
    return str(public.get_attribute("href"))


def read(visitor: Page, address: str, title: str) -> None:
    answer = visitor.goto(address)
    assert answer is not None
    assert answer.status == 200
    expect(visitor.get_by_role("heading", level=1)).to_have_text(title)
    assert serious_findings(visitor) == []


def views_of(page: Page, address: str) -> int:
    """How often the site report says the page was read."""
    page.goto("/insights/site/?days=7")
    cells = page.locator("tr", has_text=address.rsplit("/", 2)[-2]).last.locator("td.num")
    return int(cells.first.inner_text().replace(",", "")) if cells.count() else 0


def is_counted(page: Page, visitor: Page, address: str) -> None:
    """The report knows the page as soon as the lake has the views; it lists the most read."""
    for _ in range(6):
        visitor.reload()
    for _ in range(40):
        if views_of(page, address) >= 7:
            break
        page.wait_for_timeout(1_500)
    assert views_of(page, address) == 7
    shoot(page, "content-06-counted")


def register_permission(page: Page, walk: Walk) -> None:
    page.goto("/content/stories/cases/new/")
    page.fill("[name=label]", walk.permission)
    page.fill("textarea[name=identifiers]", "方淑兰\n示范纺织厂")
    for scope in ("text", "site"):
        page.check(f"input[name=scope][value={scope}]")
    page.fill("[name=signed_on]", (date.today() - timedelta(days=2)).isoformat())
    page.locator("main form").get_by_role("button", name="登记病例授权").click()
    expect(page.locator("#cases tr", has_text=walk.permission)).to_contain_text("有效")


def write_story(page: Page, walk: Walk) -> None:
    """A story with its patient's permission, submitted."""
    page.goto("/content/new/?kind=case_story")
    page.fill("[name=title]", walk.story)
    choose(page, "markdown")
    page.fill("textarea[name=body]", STORY)
    page.get_by_role("button", name="存草稿").click()
    page.wait_for_url(re.compile(rf"/content/items/{UUID}/text/"))
    page.locator("main").get_by_role("link", name="改资料").click()
    page.locator("select[name=authorisations]").select_option(label=walk.permission)
    page.get_by_role("button", name="存下资料").click()
    page.wait_for_url(re.compile(rf"/content/items/{UUID}/$"))
    page.locator("aside.nx").get_by_role("button", name="送审").click()
    expect(page.locator("[data-toast]")).to_contain_text("已送审")


def revoke(page: Page, walk: Walk) -> None:
    """The patient called: no more."""
    page.goto("/content/stories/cases/")
    page.locator("#cases tr", has_text=walk.permission).get_by_role("button", name="撤回…").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=reason]").fill("患者来电")
    shoot(page, "content-07-revoking")
    dialog.get_by_role("button", name="撤回并撤下").click()
    expect(page.locator("#cases tr", has_text=walk.permission)).to_contain_text("已撤回")


def test_a_note_becomes_a_public_page(sign_in: SignIn) -> None:
    walk = Walk()
    desk, doctor, reviewer = sign_in("content"), sign_in("doctor", phone=True), sign_in("reviewer")
    contribute(doctor, walk)
    mend(desk, walk)

    is_not_offered(doctor, walk.article)
    is_not_offered(reviewer, walk.article)
    approve(sign_in("physician"), walk.article, level="医学审核")
    approve(reviewer, walk.article, level="合规审核")
    address = release(desk, walk.article)

    visitor = sign_in(None, phone=True)
    read(visitor, address, walk.article)
    expect(visitor.locator("main")).to_contain_text(MENDED)
    assert not any(promise in visitor.content() for promise in PROMISES)
    assert visitor.locator("a[href*='/booking/'], a[href^='tel:']").count() == 0
    shoot(visitor, "content-05-public")
    is_counted(sign_in("director"), visitor, address)


def test_a_story_ends_with_its_permission(sign_in: SignIn) -> None:
    walk = Walk()
    desk, visitor = sign_in("content"), sign_in(None, phone=True)
    register_permission(desk, walk)
    write_story(desk, walk)
    approve(sign_in("doctor", phone=True), walk.story, level="医学审核")
    approve(sign_in("reviewer"), walk.story, level="合规审核")
    approve(sign_in("executive"), walk.story, level="终审")
    address = release(desk, walk.story)
    read(visitor, address, walk.story)

    revoke(desk, walk)
    answer = visitor.reload()
    assert answer is not None
    assert answer.status == 410
    assert "膝盖疼了两年" not in visitor.content()
    shoot(visitor, "content-08-gone")
