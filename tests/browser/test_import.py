"""Real appointments through the wizard, with the five rows that cannot be true."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.appointments_file import IMPOSSIBLE, shortened
from tests.browser.conftest import SignIn, serious_findings, shoot

pytestmark = pytest.mark.browser
SOUND = 2_000


def test_the_impossible_rows_are_refused_and_the_others_written(sign_in: SignIn, tmp_path: Path) -> None:
    page = sign_in("analyst")
    page.goto("/patients/imports/new/")
    page.check("input[name=kind][value=appointments]")
    page.set_input_files("input[name=file]", shortened(tmp_path, rows=SOUND))
    page.get_by_role("button", name="上传并识别").click()
    page.wait_for_url(re.compile(r"/mapping/"))
    expect(page.locator("#columns tbody tr")).to_have_count(14)
    page.get_by_role("button", name="试运行").click()
    start = page.get_by_role("button", name="写入这 2,000 行")
    expect(start).to_be_visible(timeout=90_000)
    expect(page.locator("main")).to_contain_text(re.compile(rf"{IMPOSSIBLE}\s*行拒收"))
    expect(page.locator("main table tbody tr")).to_have_count(IMPOSSIBLE)
    assert serious_findings(page) == []
    shoot(page, "import-trial")
    start.click()
    expect(page.get_by_role("button", name="撤销这次导入")).to_be_visible(timeout=90_000)
    expect(page.locator("main")).to_contain_text(re.compile(rf"新建\s*2,000.*拒收\s*{IMPOSSIBLE}"))
    shoot(page, "import-result")


def test_unknown_departments_are_asked_about(sign_in: SignIn, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = ["预约号,患者编号,姓名,就诊时间,科室,医生"]
    rows += [f"u{n},up{n},王芳,2026-03-0{n + 1} 09:00,疼痛门诊,赵晓敏" for n in range(3)]
    path.write_text("\n".join(rows), encoding="utf-8")
    page = sign_in("director")
    page.goto("/patients/imports/new/")
    page.check("input[name=kind][value=appointments]")
    page.set_input_files("input[name=file]", path)
    page.get_by_role("button", name="上传并识别").click()
    page.get_by_role("button", name="试运行").click()
    again = page.get_by_role("button", name="按这样再试一次")
    expect(again).to_be_visible(timeout=90_000)
    expect(page.locator("#names tbody tr")).to_have_count(2)
    assert serious_findings(page) == []
    shoot(page, "import-names")
    small = sign_in("director", phone=True, lang="en")
    small.goto(page.url)
    assert serious_findings(small) == []
    assert small.evaluate("document.documentElement.scrollWidth") <= 360
    shoot(small, "import-names-phone")
    page.get_by_label("科室 疼痛门诊").select_option(label="新建一个")
    page.get_by_label("医生 赵晓敏").select_option(index=1)
    again.click()
    expect(page.get_by_role("button", name="写入这 3 行")).to_be_visible(timeout=90_000)
