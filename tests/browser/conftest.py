"""A real installation for browser tests: web, worker, demo hospital, in a folder of its own.

``XINGLIN_TEST_URL=http://127.0.0.1:8000`` drives a demo installation that runs already (and leaves its
traces in it); without it every test session makes a fresh one and takes it away.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

ROOT = Path(__file__).resolve().parent.parent.parent
SHOTS = ROOT / "screenshots"
PASSWORD = "xinglin-demo-2026"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PEOPLE = 250
#: A browser without a head says so, and is not counted as a person.
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile"
PATIENCE = 60_000
AXE = next((ROOT / "xinglin/ui/static/vendor").rglob("axe.min.js"))

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long walk through every page first, so that two workers end at about the same time."""
    items.sort(key=lambda item: item.path.name != "test_pages.py")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    quiet = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": quiet}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """A running Xinglin and its address."""

    def __init__(self, home: Path | None = None, url: str = "") -> None:
        self.home = home
        self.port = int(url.rsplit(":", 1)[1]) if url else free_port()
        self.url = url or f"http://localhost:{self.port}"  # passkeys need a name, not a number

    def start(self) -> subprocess.Popen[bytes]:
        assert self.home is not None
        env = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "XINGLIN_HOME": str(self.home),
            "PORT": str(self.port),
            "XINGLIN_PUBLIC_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "xinglin.config.settings",
        }
        log = self.home / "run.log"
        run = subprocess.Popen(
            [sys.executable, "-m", "xinglin.config.cli", "run", "--demo", "--people", str(PEOPLE)],
            env=env, cwd=ROOT, stdout=log.open("wb"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        for _ in range(1500):
            try:
                with urlopen(f"{self.url}/healthz", timeout=1):
                    return run
            except (URLError, OSError):
                assert run.poll() is None, log.read_text()
                time.sleep(0.2)
        run.terminate()
        raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    if url := os.environ.get("XINGLIN_TEST_URL", "").rstrip("/"):
        yield Installation(url=url)
        return
    made = Installation(tmp_path_factory.mktemp("home"))
    run = made.start()
    yield made
    run.send_signal(signal.SIGTERM)
    run.wait(30)


SignIn = Callable[..., Page]
State: TypeAlias = Any


@pytest.fixture(scope="session")
def sessions() -> dict[str, State]:
    """Cookies of everybody who has signed in, so that each signs in once."""
    return {}


@pytest.fixture
def sign_in(browser: Browser, installation: Installation, sessions: dict[str, State]) -> Iterator[SignIn]:
    """``sign_in("director", phone=False, lang="zh-hans", dark=False)``: a page of that person's own."""
    contexts: list[BrowserContext] = []

    def enter(
        username: str | None, *, phone: bool = False, lang: str = "zh-hans", dark: bool = False
    ) -> Page:
        context = browser.new_context(
            viewport={"width": 360, "height": 800} if phone else {"width": 1440, "height": 900},
            locale="zh-CN" if lang.startswith("zh") else "en-US",
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
            base_url=installation.url,
            storage_state=sessions.get(username or ""),
            is_mobile=phone,
            has_touch=phone,
            user_agent=PHONE if phone else None,
        )
        contexts.append(context)
        context.add_cookies([{"name": "lang", "value": lang, "url": installation.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        if username and username not in sessions:
            page.goto("/account/login/")
            page.fill("input[name=login]", username)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: "/account/login" not in url)
            sessions[username] = context.storage_state()
        return page

    yield enter
    for context in contexts:
        context.close()


def code_for(inbox: Page, phone: str) -> str:
    """The six digits sent to a phone, out of the local inbox, once they are there; a fresh demo hospital
    may be sending so much that they stand some pages on."""
    row = inbox.locator("tr", has_text=f"{phone[:3]}****{phone[-4:]}").filter(has_text="验证码")
    further = inbox.locator("a[rel=next]")
    for _ in range(60):
        inbox.goto("/dev/inbox/?channel=sms")
        while not row.count() and further.count():
            inbox.goto(str(further.get_attribute("href")))
        if row.count():
            found = re.search(r"\d{6}", row.first.inner_text())
            assert found is not None
            return found[0]
        inbox.wait_for_timeout(500)
    raise AssertionError("no code came")


def shoot(page: Page, name: str) -> None:
    """Keep a picture as an artefact."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def serious_findings(page: Page, *, only: Sequence[str] = ()) -> list[str]:
    """What axe finds serious or critical on the page (WCAG 2.2 A and AA), by some rules or by all."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    run = list(only) or ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    result = page.evaluate(
        "run => axe.run(document, {resultTypes: ['violations'], elementRef: false, runOnly: run})"
        ".then(found => found.violations)",
        run,
    )
    return [
        f"{item['id']} ×{len(item['nodes'])}: {item['nodes'][0]['html'][:200]}"
        f" {(item['nodes'][0]['any'] or [{'message': ''}])[0]['message'][:160]}"
        for item in result
        if item["impact"] in {"serious", "critical"}
    ]
