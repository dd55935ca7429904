"""The pictures of the README, from a fresh demo hospital: ``make pictures``."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "images"
PORT = int(os.environ.get("PICTURES_PORT", "8090"))
URL = f"http://127.0.0.1:{PORT}"
PEOPLE = os.environ.get("PICTURES_PEOPLE", "20000")
PASSWORD = "xinglin-demo-2026"
LARGEST = 300_000  # bytes
SURNAMES = "王李张刘陈杨赵"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def demo() -> Iterator[None]:
    """A demo hospital of its own, gone afterwards."""
    with tempfile.TemporaryDirectory() as home:
        env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        env |= {"XINGLIN_HOME": home, "PORT": str(PORT), "XINGLIN_PUBLIC_URL": URL}
        env["DJANGO_SETTINGS_MODULE"] = "xinglin.config.settings"
        command = [sys.executable, "-m", "xinglin.config.cli", "run", "--demo", "--people", PEOPLE]
        run = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            wait_for(run)
            yield
        finally:
            run.terminate()
            run.wait(30)


def wait_for(run: subprocess.Popen[bytes], *, seconds: int = 900) -> None:
    for _ in range(seconds):
        if run.poll() is not None:
            sys.exit("the demo did not start")
        try:
            with urlopen(f"{URL}/healthz", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(1)
    sys.exit("the demo did not start in time")


def sign_in(page: Page, user: str) -> None:
    page.goto(f"{URL}/account/login/")
    page.fill("input[name=login]", user)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/account/login" not in url)


def campaign_result(page: Page) -> None:
    """The demo's finished campaign against its holdout."""
    page.goto(f"{URL}/outreach/campaigns/?status=done")
    page.locator("main tbody tr", has_text="已完成").get_by_role("link").first.click()
    page.get_by_role("link", name="看结果").first.click()
    page.wait_for_url(re.compile("/insights/campaigns/"))


def audience_builder(page: Page) -> None:
    """A question with a group and an exclusion, counted; and why one person is not in it."""
    page.goto(f"{URL}/audiences/")
    page.locator("main tbody tr", has_text="久未复诊的中年糖友").get_by_role("link").first.click()
    page.get_by_role("link", name="修改条件").click()
    page.wait_for_url(re.compile("/edit/"))
    for surname in SURNAMES:
        page.fill("#who", surname)
        page.locator("#why .hits button").first.wait_for()
        for place in range(page.locator("#why .hits button").count()):
            page.locator("#why .hits button").nth(place).click()
            page.locator("#why .wy").wait_for()
            if page.locator("#why", has_text="不在，只差一条").count():
                return
            page.fill("#who", "")
            page.fill("#who", surname)
            page.locator("#why .hits button").first.wait_for()


def shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    path = TARGET / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size:,} bytes")
    if size > LARGEST:
        sys.exit(f"{name} is larger than {LARGEST:,} bytes")


def main() -> None:
    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    TARGET.mkdir(parents=True, exist_ok=True)
    with demo(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        page = browser.new_page(
            viewport={"width": 1440, "height": 1130}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        sign_in(page, "director")
        campaign_result(page)
        shoot(page, "campaign-result")
        audience_builder(page)
        shoot(page, "audience-builder")
        browser.close()


if __name__ == "__main__":
    main()
