"""Decisions of the public pages on plain values: machines, devices, codes, what a page class may show."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

CODE_LIFE: Final = timedelta(minutes=10)
CODE_ATTEMPTS: Final = 5
VERIFIED_FOR: Final = timedelta(minutes=30)

_MACHINES: Final = re.compile(
    r"bot|crawl|spider|slurp|preview|scan|monitor|headless|phantom|python|curl|wget|httpclient|java/|go-http"
    r"|okhttp/?$|facebookexternalhit|bytespider|petalsearch|yisou|sogou|baiduspider|googleother|lighthouse",
    re.IGNORECASE,
)


def is_machine(*, user_agent: str, purpose: str = "", method: str = "GET") -> bool:
    """Whether a request comes from a crawler, a mail scanner or a prefetch rather than from a person."""
    if method != "GET" or "prefetch" in purpose.lower() or "preview" in purpose.lower():
        return True
    return len(user_agent) < 12 or _MACHINES.search(user_agent) is not None


def device_of(user_agent: str) -> str:
    """``wechat``, ``phone``, ``tablet`` or ``desktop``; nothing finer is kept."""
    if "MicroMessenger" in user_agent:
        return "wechat"
    if "iPad" in user_agent or ("Android" in user_agent and "Mobile" not in user_agent):
        return "tablet"
    return "phone" if "Mobile" in user_agent or "iPhone" in user_agent else "desktop"


def referrer_host(referrer: str, *, own_host: str) -> str:
    """The host a visitor came from, without path; empty for our own pages."""
    match = re.match(r"https?://([A-Za-z0-9.-]{1,100})", referrer)
    host = match[1].lower() if match else ""
    return "" if host == own_host.split(":")[0].lower() else host


#: Where search engines write the word, by the end of their host's name.
ENGINES: Final = {
    "baidu.com": ("wd", "word"),
    "sogou.com": ("query", "keyword"),
    "so.com": ("q",),
    "sm.cn": ("q",),
    "toutiao.com": ("keyword",),
    "bing.com": ("q",),
    "duckduckgo.com": ("q",),
    "yandex.com": ("text",),
}
_GOOGLE: Final = re.compile(r"(?:^|\.)google(?:\.[a-z]{2,3}){1,2}$")
#: Five digits in a row may be somebody's number; such a word is not kept.
_NUMBER: Final = re.compile(r"\d{5}|@")


def clean_word(text: str) -> str:
    """A search word as it is counted: lower case, single spaces; "" for what is none or may name somebody."""
    word = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    usable = bool(word) and len(word) <= 40 and word.isprintable() and not _NUMBER.search(word)
    return word if usable else ""


def search_word(referrer: str) -> str:
    """The word in a search engine's address; "" where none is given."""
    try:
        parts = urlsplit(referrer)
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    names = next((n for end, n in ENGINES.items() if host == end or host.endswith(f".{end}")), ())
    names = ("q",) if _GOOGLE.search(host) else names
    given = parse_qs(parts.query) if names else {}
    return next((word for name in names if (word := clean_word(given.get(name, [""])[0]))), "")


def says(text: str, word: str) -> bool:
    """Whether a text says a word, whatever its width, case and spaces; several words in any order."""
    flat = "".join(unicodedata.normalize("NFKC", text).lower().split())
    return all(part in flat for part in word.split())


def is_entry(referrer: str, *, own_host: str) -> bool:
    """Whether a page is where somebody's visit began: no page of ours led to it."""
    return not referrer or bool(referrer_host(referrer, own_host=own_host))


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def new_token() -> str:
    """An unguessable name for an address, 192 bits."""
    return secrets.token_urlsafe(24)


def code_is_alive(*, expires_at: datetime, attempts: int, used: bool, now: datetime) -> bool:
    """Whether a code may still be tried."""
    return not used and attempts < CODE_ATTEMPTS and now < expires_at


@dataclass(frozen=True, slots=True)
class Frame:
    """What the site's frame may carry around a page, by the page's class and never by its author."""

    has_ways: bool
    foot: str


# Health science carries no way to the hospital, neither in the page nor around it.
FRAMES: Final = {
    "ad": Frame(has_ways=True, foot="ad"),
    "disclosure": Frame(has_ways=True, foot="disclosure"),
    "service": Frame(has_ways=True, foot="disclosure"),
    "science": Frame(has_ways=False, foot="science"),
    "notice": Frame(has_ways=False, foot="plain"),
}


def frame_of(page_class: str) -> Frame:
    """The frame for a page class; an unknown class gets the strictest."""
    return FRAMES.get(page_class, FRAMES["science"])


_EMPTY_LINK: Final = re.compile(r"</?a\b[^>]*>", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}[-\s]?\d{7,8}|[48]00[-\s]?\d{3}[-\s]?\d{4})(?!\d)")


def without_ways(html: str) -> str:
    """The HTML of a science text without links and with phone numbers blanked: the last line of defence."""
    return _PHONE.sub("", _EMPTY_LINK.sub("", html))
