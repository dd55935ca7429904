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
