"""The line from a file to a result, walked by the people whose work it is."""

import csv
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn, code_for, shoot

pytestmark = pytest.mark.browser
UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
BLOCKED = "{{称呼}}，国内最先进疗法根治糖尿病，有效率达98%，无效退款。"
LAWFUL = "{{称呼}}，您好。门诊周一至周六 8:00–17:00 接诊，可在线选择医生和时间：{{链接}}"
BILL = "386.50"
# Somewhere a hospital may write to people at this hour; quiet hours are 21:00–08:00 of its own clock.
ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Pacific/Auckland"]


@dataclass(frozen=True)
class Walk:
    """What this walk's things are called; a second walk through the same installation has its own."""

    number: int = field(default_factory=lambda: Random().randrange(10_000, 99_999))

    @property
    def community(self) -> str:
        return f"梧桐里{self.number}"

    @property
    def audience(self) -> str:
        return f"社区和附近的成年人 {self.number}"

    @property
    def template(self) -> str:
        return f"门诊接诊时间 {self.number}"

    @property
    def campaign(self) -> str:
        return f"义诊回访 {self.number}"

    def phone(self, place: int) -> str:
        return f"139{self.number}{place:03d}"

    def name(self, place: int) -> str:
        return "苏方杜林梁宋叶田卢汪"[place % 10] + "晓慧静云"[place // 10] + "芸华珍兰宁"[self.number % 5]

    @property
    def reachable(self) -> list[int]:
        """Those who sign the consent form at the desk; more than one, as some are held out at random."""
        return [0, 1, 2, 3]


def people_file(folder: Path, walk: Walk) -> Path:
    """A list as hospital systems write it: a title row, GB18030, phones as decimals, one impossible birth."""
    path = folder / "社区义诊名单.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["梧桐里社区义诊登记表", "", "", "", "", "", ""])
        rows.writerow(["姓名", "性别", "出生日期", "手机", "登记号", "区县", "社区"])
        for place in range(30):
            floating = f"{walk.phone(place)}.0" if place % 2 else walk.phone(place)
            number = f"YZ{walk.number}{place:03d}"
            rows.writerow([walk.name(place), "女", "1984-05-04", floating, number, "杏林区", walk.community])
        rows.writerow(["坏行", "女", "2099-01-01", walk.phone(99), f"YZ{walk.number}099", "杏林区", ""])
    return path


def set_daytime(admin: Page) -> ZoneInfo:
    """Nobody is written to at night; where it is night, the hospital moves to where it is day."""
    zone = next(zone for zone in ZONES if 9 <= datetime.now(ZoneInfo(zone)).hour < 19)
    admin.goto("/settings/hospital/")
    if admin.input_value("input[name=timezone]") != zone:
        admin.fill("input[name=timezone]", zone)
        admin.locator("main form").get_by_role("button", name="保存").click()
        expect(admin.locator("input[name=timezone]")).to_have_value(zone)
    return ZoneInfo(zone)


def open_clinic(page: Page, zone: ZoneInfo) -> str:
    """A doctor who is off today sees patients in the hours to come; returns the doctor's name."""
    now = datetime.now(zone)
    weekday = "周" + "一二三四五六日"[now.weekday()]
    page.goto("/booking/schedules/")
    off = page.locator("#schedules tbody tr", has_text="内分泌科").filter(has_not_text=weekday).first
    doctor = off.get_by_role("link").first.inner_text().strip()
    off.get_by_role("link").first.click()
    form = page.locator("form", has=page.locator("input[name=slot_minutes]"))
    form.locator("select[name=weekday]").select_option(label=weekday)
    form.locator("input[name=starts]").fill(f"{now + timedelta(hours=1):%H:00}")
    form.locator("input[name=ends]").fill(f"{now + timedelta(hours=4):%H:00}")
    form.get_by_role("button", name="加上，生成号").click()
    expect(page.locator("[data-toast]")).to_contain_text("已加上")
    return doctor


def import_people(page: Page, path: Path) -> None:
    page.goto("/patients/imports/new/")
    page.check("input[name=kind][value=patients]")
    page.set_input_files("input[name=file]", path)
    page.get_by_role("button", name="上传并识别").click()
    page.wait_for_url(re.compile(r"/mapping/"))
    expect(page.locator("#columns tbody tr")).to_have_count(7)
    shoot(page, "line-01-columns")
    page.get_by_role("button", name="试运行").click()
    start = page.get_by_role("button", name="写入这 30 行")
    expect(start).to_be_visible(timeout=90_000)
    expect(page.locator("main")).to_contain_text("2099")
    shoot(page, "line-02-trial")
    start.click()
    expect(page.get_by_role("button", name="撤销这次导入")).to_be_visible(timeout=90_000)
    expect(page.locator("main")).to_contain_text(re.compile(r"新建\s*30.*拒收\s*1"))
    shoot(page, "line-03-imported")


def record_consent(page: Page, walk: Walk, place: int) -> None:
    """The agent writes down a form signed at the desk."""
    page.goto(f"/patients/?q={walk.phone(place)[-4:]}")
    page.locator("tr", has_text=walk.name(place)).first.get_by_role("link").first.click()
    page.locator("#panel").get_by_role("link", name=re.compile("档案|打开")).first.click()
    page.wait_for_url(re.compile(rf"/patients/{UUID}/"))
    page.get_by_role("button", name="登记意愿").first.click()
    dialog = page.locator("#consent")
    dialog.locator("select[name=purpose]").select_option("marketing")
    dialog.locator("select[name=channel]").select_option("sms")
    dialog.locator("input[name=status][value=given]").check()
    dialog.locator("select[name=how]").select_option("form")
    dialog.locator("input[name=evidence]").fill("义诊登记表")
    dialog.get_by_role("button", name="登记").click()
    expect(page.locator("[data-toast]")).to_be_visible()


def build_audience(page: Page, walk: Walk) -> None:
    """Adults of the district; the lake has the imported within seconds, the builder counts as one types."""
    page.goto("/audiences/new/")
    page.fill("input[name=name]", walk.audience)
    page.get_by_role("button", name="是谁").click()
    expect(page.locator("#n-r-all-0")).to_have_text(re.compile(r"\d"))
    page.get_by_role("button", name="是谁").click()
    page.locator("select[name='c:all.1:attr']").select_option("district")
    page.locator("input[name='c:all.1:value']").fill("杏林区")
    page.locator("input[name='c:all.1:value']").blur()
    expect(page.locator("#words")).to_contain_text("杏林区")
    expect(page.locator("#n-r-all-1")).to_have_text(re.compile(r"\d"))
    shoot(page, "line-04-audience")
    page.get_by_role("button", name="保存并使用").click()
    page.wait_for_url(re.compile(rf"/audiences/{UUID}/"))


def write_template(page: Page, walk: Walk) -> None:
    """An unlawful text is underlined and cannot be sent for review; a lawful one can."""
    page.goto("/outreach/templates/new/")
    page.fill("input[name=name]", walk.template)
    page.locator("select[name=landing_page]").select_option(label="门诊复诊预约")
    text = page.locator("textarea[name=sms_body]")
    text.fill(BLOCKED)
    submit = page.locator("[data-submit-checked]")
    expect(submit).to_be_disabled(timeout=90_000)  # the first check of a process reads the rule packs
    expect(page.locator("mark.f").first).to_be_attached()
    expect(page.locator("#findings-sms")).to_contain_text("广告法")
    shoot(page, "line-05-blocked")
    text.fill(LAWFUL)
    expect(submit).to_be_enabled(timeout=90_000)
    expect(page.locator("mark.f")).to_have_count(0)
    submit.click()
    expect(page.locator("main")).to_contain_text("正在等另一位同事批准")
    shoot(page, "line-06-submitted")


def approve_template(page: Page, walk: Walk) -> None:
    page.goto("/outreach/templates/review/")
    page.get_by_role("link", name=re.compile(walk.template)).first.click()
    evidence = page.locator("textarea[name=evidence]")
    if evidence.count():
        evidence.fill("核对过门诊排班")
    shoot(page, "line-07-review")
    page.get_by_role("button", name="批准这一版").click()
    expect(page.get_by_text("已批准").first).to_be_visible()


def draft_campaign(page: Page, walk: Walk) -> str:
    """The wizard up to the page that says what will happen; returns the campaign's address."""
    page.goto("/outreach/campaigns/new/")
    page.fill("input[name=name]", walk.campaign)
    choose(page.locator("select[name=audience_version_id]"), walk.audience)
    following(page)
    choose(page.locator("select[name=template_version_id]"), walk.template)
    following(page)
    page.locator("select[name=first]").select_option("sms")
    following(page)
    page.fill("input[name=holdout_percent]", "15")
    page.fill("input[name=unit_cost_fen]", "0.05")
    page.get_by_role("button", name="去做发送前检查").click()
    page.get_by_role("button", name="开始检查").first.click()
    total = page.locator("main tfoot td.num b")
    expect(total).to_be_visible(timeout=90_000)
    rows = [number_in(cell) for cell in page.locator("main tbody tr:not(.sub) td.num:nth-child(3)").all()]
    assert len(rows) >= 4, "will send, holdout and at least two reasons"
    assert rows[0] > 0
    assert sum(rows) == number_in(total)
    expect(page.locator("main tbody")).to_contain_text("没有同意")
    shoot(page, "line-08-preflight")
    return page.url.removesuffix("preflight/")


def choose(select: Locator, text: str) -> None:
    """The option with that text in it."""
    option = select.locator("option", has_text=text)
    expect(option).to_have_count(1)
    select.select_option(value=option.get_attribute("value"))


def following(page: Page) -> None:
    before = page.url
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url(lambda url: url != before)


def number_in(cell: Locator) -> int:
    return int(re.sub(r"\D", "", cell.inner_text()))


def start_campaign(page: Page, campaign: str) -> None:
    page.goto(f"{campaign}preflight/")
    page.get_by_role("button", name=re.compile("发给 .* 人")).click()
    page.wait_for_url(campaign)
    shoot(page, "line-09-sending")
    expect(page.locator("#live")).to_contain_text("已完成", timeout=90_000)
    expect(page.locator("#live")).to_contain_text("一人不差")
    expect(page.locator("#live [role=progressbar]")).to_have_attribute("aria-valuenow", "100")
    shoot(page, "line-10-sent")


def find_message(page: Page, walk: Walk, campaign: str) -> tuple[int, str]:
    """One of the reachable who got it (the others may be in the holdout), and the link in their message."""
    page.goto("/dev/inbox/?channel=sms")
    for place in walk.reachable:
        masked = f"{walk.phone(place)[:3]}****{walk.phone(place)[-4:]}"
        row = page.locator("tr", has_text=masked).filter(has_text="门诊周一至周六")
        if row.count():
            row.first.get_by_role("link").first.click()
            link = page.locator("#panel").locator("a[href*='/r/']")
            expect(link).to_be_visible()
            shoot(page, "line-11-inbox")
            return place, str(link.get_attribute("href"))
    raise AssertionError(f"nobody of {walk.reachable} was sent {campaign}")


def book(visitor: Page, inbox: Page, walk: Walk, doctor: str, place: int, link: str) -> None:
    """On a phone: the link, the page, a doctor, a time, a name and a phone, the code, done."""
    visitor.goto(link)
    expect(visitor.get_by_role("heading", level=1)).to_have_text("门诊复诊预约")
    if (agree := visitor.get_by_role("button", name="同意", exact=True)).count():
        agree.click()
    shoot(visitor, "line-12-landing")
    visitor.get_by_role("link", name="预约挂号").last.click()
    visitor.get_by_role("link", name=re.compile("内分泌科")).first.click()
    visitor.locator("main a[href*='/doctors/']", has_text=doctor).first.click()
    shoot(visitor, "line-13-doctor")
    visitor.locator("a.dy:not(.no)").first.click()
    visitor.locator("a.sl:not(.no)").first.click()
    shoot(visitor, "line-14-time")
    visitor.get_by_role("link", name="下一步").click()
    visitor.fill("input[name=name]", walk.name(place))
    visitor.fill("input[name=phone]", walk.phone(place))
    shoot(visitor, "line-15-contact")
    visitor.get_by_role("button", name="获取验证码").click()
    visitor.fill("input[name=code]", code_for(inbox, walk.phone(place)))
    visitor.get_by_role("button", name="预约这个号").click()
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("约好了")
    shoot(visitor, "line-16-booked")


def attend(page: Page, walk: Walk, place: int) -> str:
    """The front desk: checked in, visit begun and ended; returns the visit's address."""
    page.goto(f"/booking/appointments/?q={walk.phone(place)[-4:]}")
    page.locator("tr", has_text=walk.name(place)).first.get_by_role("link").first.click()
    panel = page.locator("#panel")
    panel.get_by_role("button", name="签到").click()
    expect(page.get_by_text("已签到").first).to_be_visible()
    shoot(page, "line-17-checked-in")
    page.get_by_role("button", name="开始就诊").first.click()
    page.wait_for_url(re.compile(rf"/visits/{UUID}/"))
    page.get_by_role("button", name="结束就诊").click()
    expect(page.get_by_role("button", name="结束就诊")).to_have_count(0)
    return page.url


def bill(page: Page, visit: str) -> None:
    page.goto(visit)
    page.get_by_role("link", name="登记账单").click()
    page.fill("input[name=amount]", BILL)
    page.locator("main form").get_by_role("button", name="登记账单").click()
    expect(page.locator("main")).to_contain_text(f"¥{BILL}")
    shoot(page, "line-18-bill")


def read_result(page: Page, campaign: str) -> None:
    """Everybody is accounted for, and the one who came is seen in every step."""
    page.goto(campaign)
    page.get_by_role("link", name="看结果").click()
    page.wait_for_url(re.compile(r"/insights/campaigns/"))
    for _ in range(40):
        if f"¥{BILL.split('.')[0]}" in page.locator("main").inner_text():
            break
        page.wait_for_timeout(1_500)
        page.reload()
    page.get_by_text("看表格").last.click()
    steps = dict(
        re.findall(
            r"(已发出|送达|打开|点击|预约|到诊)\s+([\d,]+)",
            "\n".join(page.locator("table[aria-label='从发出到到诊'] tr").all_inner_texts()),
        )
    )
    numbers = [int(steps[name].replace(",", "")) for name in ("送达", "打开", "点击", "预约", "到诊")]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 1
    expect(page.locator("main")).to_contain_text(f"¥{BILL.split('.')[0]}")
    page.evaluate("scrollTo(0, 0)")
    shoot(page, "line-19-result")


def test_the_whole_line(sign_in: SignIn, tmp_path: Path) -> None:
    walk = Walk()
    zone = set_daytime(sign_in("admin"))
    analyst, agent, director = sign_in("analyst"), sign_in("agent"), sign_in("director")
    doctor = open_clinic(agent, zone)

    import_people(analyst, people_file(tmp_path, walk))
    for place in walk.reachable:
        record_consent(agent, walk, place)
    build_audience(analyst, walk)
    write_template(sign_in("content"), walk)
    approve_template(sign_in("reviewer"), walk)
    campaign = draft_campaign(analyst, walk)
    start_campaign(director, campaign)

    place, link = find_message(agent, walk, campaign)
    book(sign_in(None, phone=True), agent, walk, doctor, place, link)
    visit = attend(agent, walk, place)
    bill(sign_in("finance"), visit)
    read_result(director, campaign)
